"""Reading a day's extract: what is refused whole, each by its own rule, and what is taken in."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from renkei import errors
from renkei.registry import (
    Comparison,
    Extract,
    check_correction,
    check_cut_off,
    compare_extract,
    find_extract,
    totals,
)
from tests.support.extracts import ExtractBuilder, reseal

Opened = Callable[[Path], Extract]
MARKED = "MARKED"


def edit(folder: Path, file: str, old: bytes, new: bytes) -> None:
    """Change a file's bytes and let the manifest agree with them."""
    path = folder / file
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, 1))
    reseal(folder)


class Day:
    """Two written days and what becomes of the second."""

    def __init__(self, before: Path, folder: Path, opened: Opened) -> None:
        self.before, self.folder, self.opened = before, folder, opened

    def take_in(self) -> tuple[Extract, Comparison]:
        extract = self.opened(self.folder)
        return extract, compare_extract(extract, self.before / "residents.csv", 12)

    def refused(self, error: type[errors.ExtractRefused]) -> errors.ExtractRefused:
        with pytest.raises(error) as raised:
            self.take_in()
        assert type(raised.value) is error
        told = str(raised.value)
        assert self.folder.name in told
        assert "?" not in told
        assert MARKED not in told
        return raised.value


@pytest.fixture
def day(tmp_path: Path, yesterday: ExtractBuilder, today: ExtractBuilder, opened: Opened) -> Day:
    return Day(yesterday.write(tmp_path), today.write(tmp_path), opened)


class TestTakenIn:
    def test_a_days_extract_gives_its_events_and_its_differences(self, day: Day) -> None:
        extract, comparison = day.take_in()

        [event] = extract.events
        assert (event.reason, event.history_number, event.event_date) == ("move_within", 2, date(2019, 3, 29))
        assert event.record["address"] == "東京都新宿区戸塚町1-2"
        assert event.record["last_event_reason"] == "move_within"
        assert [each.key for each in comparison.differences] == [b"0000000001"]
        assert (comparison.rows_after, comparison.entries, comparison.deletions) == (12, 0, 0)
        assert extract.holds == comparison.holds == ()

    def test_a_day_without_any_event(self, tmp_path: Path, yesterday: ExtractBuilder, opened: Opened) -> None:
        before, folder = yesterday.write(tmp_path), yesterday.next_day().write(tmp_path)

        extract, comparison = Day(before, folder, opened).take_in()

        assert (extract.events, comparison.differences) == ((), ())

    def test_the_baseline_is_read_whole(self, day: Day) -> None:
        comparison = compare_extract(day.opened(day.before), None)

        assert (comparison.rows_after, comparison.differences) == (12, ())

    def test_values_with_commas_and_quotes_come_through(
        self, tmp_path: Path, yesterday: ExtractBuilder, opened: Opened
    ) -> None:
        address = 'Rue "X", 12'
        today = yesterday.next_day().event("0000000002", "minor_correction", former_address=address)
        day = Day(yesterday.write(tmp_path), today.write(tmp_path), opened)

        extract, comparison = day.take_in()

        assert extract.events[0].record["former_address"] == address
        assert comparison.holds == ()

    def test_handovers_and_reports(self, tmp_path: Path, today: ExtractBuilder, opened: Opened) -> None:
        extract = opened(today.handover("0000000007", article="12-3").report("0000000008").write(tmp_path))

        assert [each.handover_number for each in extract.handovers] == ["0000000007"]
        assert [each.row["article"] for each in extract.handovers] == ["12-3"]
        assert [each.report_number for each in extract.reports] == ["0000000008"]

    def test_nothing_personal_shows_in_a_repr(self, day: Day) -> None:
        extract, comparison = day.take_in()

        told = repr(extract) + repr(comparison) + repr(extract.events)
        assert "0000000001" not in told
        assert "INVENTED" not in told

    def test_pandas_and_frictionless_stay_outside_an_ordinary_day(self) -> None:
        code = "import sys, renkei.registry; sys.exit(any(n in sys.modules for n in ('pandas', 'frictionless')))"
        plugins = Path(__file__).parents[3] / "plugins"
        ended = subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": str(plugins)}, check=False)
        assert ended.returncode == 0


class TestFinding:
    def test_the_highest_correction_with_a_manifest_is_the_days_extract(
        self, tmp_path: Path, today: ExtractBuilder
    ) -> None:
        today.write(tmp_path)
        wanted = today.corrected().write(tmp_path)
        (tmp_path / "2019-03-29.c2").mkdir()
        (tmp_path / "2019-03-29.tmp").mkdir()

        assert find_extract(tmp_path, date(2019, 3, 29)) == wanted

    def test_without_a_manifest_there_is_no_extract(self, tmp_path: Path, today: ExtractBuilder) -> None:
        (today.write(tmp_path) / "manifest.json").unlink()

        assert find_extract(tmp_path, date(2019, 3, 29)) is None

    def test_a_missing_extract_names_its_day(self) -> None:
        assert "2019-03-29" in str(errors.ExtractMissing(business_date="2019-03-29"))


class TestManifest:
    def test_no_json(self, day: Day) -> None:
        (day.folder / "manifest.json").write_text("{", encoding="utf-8")

        day.refused(errors.ManifestUnreadable)

    def test_a_member_that_the_schema_does_not_know(self, day: Day) -> None:
        reseal(day.folder, extra=1)

        day.refused(errors.ManifestInvalid)

    @pytest.mark.parametrize("member", ["business_date", "cut_off"])
    def test_a_date_that_is_none(self, day: Day, member: str) -> None:
        reseal(day.folder, **{member: "2019-02-31"})

        assert day.refused(errors.ManifestInvalid).refs["column"] == member

    def test_a_cut_off_without_its_time_zone(self, day: Day) -> None:
        reseal(day.folder, cut_off="2019-03-29T21:00:00")

        assert day.refused(errors.ManifestInvalid).refs["column"] == "cut_off"

    def test_another_municipality(self, day: Day) -> None:
        reseal(day.folder, municipality="131059")

        assert day.refused(errors.AnotherMunicipality).refs["found"] == "131059"

    @pytest.mark.parametrize("facts", [{"business_date": "2019-03-30"}, {"correction": 1}])
    def test_another_day_than_its_folder(self, day: Day, facts: dict[str, object]) -> None:
        reseal(day.folder, **facts)

        day.refused(errors.AnotherDay)

    def test_it_must_continue_the_last_proven_extract(self, day: Day) -> None:
        before, after = day.opened(day.before).manifest, day.opened(day.folder).manifest

        check_cut_off(before, None)
        check_cut_off(after, before.cut_off)
        with pytest.raises(errors.CutOffBroken):
            check_cut_off(after, after.cut_off)
        with pytest.raises(errors.CutOffBroken):
            check_cut_off(after, None)
        with pytest.raises(errors.CutOffBroken):
            check_cut_off(before, before.cut_off)

    def test_a_cut_off_that_does_not_move_on(self, day: Day) -> None:
        before = day.opened(day.before).manifest
        reseal(day.folder, cut_off=before.cut_off.isoformat())

        with pytest.raises(errors.CutOffBroken) as raised:
            check_cut_off(day.opened(day.folder).manifest, before.cut_off)

        assert raised.value.refs["column"] == "cut_off"


class TestFilesAsWholes:
    @pytest.mark.parametrize("file", ["residents.csv", "events.csv", "certificates.csv", "residence_reports.csv"])
    def test_a_missing_file(self, day: Day, file: str) -> None:
        (day.folder / file).unlink()

        day.refused(errors.ExtractFileMissing)

    def test_a_link_is_no_file(self, day: Day) -> None:
        path = day.folder / "events.csv"
        path.rename(day.folder / "elsewhere.csv")
        path.symlink_to("elsewhere.csv")

        day.refused(errors.ExtractFileMissing)

    @pytest.mark.parametrize("file", ["residents.csv", "events.csv"])
    def test_a_file_of_zero_bytes(self, day: Day, file: str) -> None:
        (day.folder / file).write_bytes(b"")
        reseal(day.folder)

        day.refused(errors.ExtractFileEmpty)

    @pytest.mark.parametrize("file", ["residents.csv", "events.csv"])
    def test_a_truncated_file(self, day: Day, file: str) -> None:
        path = day.folder / file
        path.write_bytes(path.read_bytes()[:-100])

        day.refused(errors.SizeDiffers)

    def test_a_doubled_file(self, day: Day) -> None:
        path = day.folder / "residents.csv"
        path.write_bytes(path.read_bytes() * 2)

        day.refused(errors.SizeDiffers)

    def test_a_file_doubled_before_its_manifest_was_made(self, day: Day) -> None:
        path = day.folder / "residents.csv"
        header, rows = path.read_bytes().split(b"\n", 1)
        path.write_bytes(header + b"\n" + rows * 2)
        reseal(day.folder)

        day.refused(errors.RowsOutOfOrder)

    @pytest.mark.parametrize("file", ["residents.csv", "events.csv"])
    def test_a_wrong_digest(self, day: Day, file: str) -> None:
        path = day.folder / file
        path.write_bytes(path.read_bytes().replace("新宿".encode(), "渋谷".encode(), 1))

        day.refused(errors.DigestDiffers)

    @pytest.mark.parametrize("file", ["residents.csv", "events.csv"])
    def test_a_wrong_number_of_rows(self, day: Day, file: str) -> None:
        manifest = json.loads((day.folder / "manifest.json").read_text(encoding="utf-8"))
        files = [facts | {"rows": facts["rows"] + 1} if facts["name"] == file else facts for facts in manifest["files"]]
        reseal(day.folder, files=files)

        day.refused(errors.RowCountDiffers)

    def test_no_resident_at_all(self, tmp_path: Path, yesterday: ExtractBuilder, opened: Opened) -> None:
        before, today = yesterday.write(tmp_path), yesterday.next_day()
        today.residents.clear()

        Day(before, today.write(tmp_path), opened).refused(errors.NoResidents)


FILES = pytest.mark.parametrize("file", ["residents.csv", "events.csv"])


class TestForm:
    @FILES
    def test_a_byte_order_mark(self, day: Day, file: str) -> None:
        path = day.folder / file
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
        reseal(day.folder)

        day.refused(errors.ByteOrderMarkFound)

    @FILES
    def test_cp932(self, day: Day, file: str) -> None:
        path = day.folder / file
        path.write_bytes(path.read_bytes().decode("utf-8").encode("cp932"))
        reseal(day.folder)

        assert day.refused(errors.NotUtf8).refs["line"] == 2

    @FILES
    def test_carriage_returns(self, day: Day, file: str) -> None:
        path = day.folder / file
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n").replace(b"\r\n", b"\n", 1))
        reseal(day.folder)

        assert day.refused(errors.ControlCharacterFound).refs["line"] == 2

    @FILES
    def test_a_control_character(self, day: Day, file: str) -> None:
        edit(day.folder, file, "戸塚町1-2".encode(), "戸塚町\t1-2".encode())

        assert day.refused(errors.ControlCharacterFound).refs["line"] == 2

    @FILES
    def test_a_line_break_in_a_value(self, day: Day, file: str) -> None:
        edit(day.folder, file, "東京都新宿区戸塚町1-2".encode(), '"東京都\n新宿区,戸塚町1-2"'.encode())

        error = errors.KeyMalformed if file == "residents.csv" else errors.LineBreakInValue
        with pytest.raises((error, errors.LineBreakInValue)) as raised:
            day.take_in()
        assert raised.value.refs["line"] in {2, 3}

    @FILES
    def test_a_quotation_where_none_is_needed(self, day: Day, file: str) -> None:
        edit(day.folder, file, "東京都新宿区戸塚町1-2".encode(), '"東京都新宿区戸塚町1-2"'.encode())

        assert day.refused(errors.QuotationWrong).refs["line"] == 2

    @FILES
    def test_a_line_with_a_column_too_many(self, day: Day, file: str) -> None:
        edit(day.folder, file, "戸塚町1-2".encode(), "戸塚町,1-2".encode())

        assert day.refused(errors.FieldCountWrong).refs["line"] == 2

    @FILES
    def test_a_last_line_without_its_end(self, day: Day, file: str) -> None:
        path = day.folder / file
        path.write_bytes(path.read_bytes()[:-1])
        reseal(day.folder)

        with pytest.raises((errors.LastLineOpen, errors.RowCountDiffers)):
            day.take_in()

    @FILES
    def test_an_unknown_column(self, day: Day, file: str) -> None:
        edit(day.folder, file, b"name_kanji", b"name_" + MARKED.encode())

        day.refused(errors.ColumnUnknown)

    @FILES
    def test_a_missing_column(self, day: Day, file: str) -> None:
        edit(day.folder, file, b",name_kanji", b"")

        assert day.refused(errors.ColumnMissing).refs["column"] == "name_kanji"

    @FILES
    def test_columns_in_another_order(self, day: Day, file: str) -> None:
        edit(day.folder, file, b"name_roman,name_kanji", b"name_kanji,name_roman")

        assert day.refused(errors.ColumnOrderWrong).refs["column"] == "name_roman"

    @FILES
    @pytest.mark.parametrize("name", ["個人番号", "住民票コード", "my_number", "マイナンバー", "resident_code"])
    def test_a_forbidden_column(self, day: Day, file: str, name: str) -> None:
        edit(day.folder, file, b"name_kanji", name.encode())

        day.refused(errors.ColumnForbidden)

    @FILES
    @pytest.mark.parametrize(
        "number",
        ["123456789018", "１２３４５６７８９０１８", "1234-5678-9018", "12345678903"],
        ids=["個人番号", "full width", "in groups", "住民票コード"],
    )
    def test_a_forbidden_number_in_a_text(self, day: Day, file: str, number: str) -> None:
        edit(day.folder, file, "戸塚町1-2".encode(), f"戸塚町 {number}".encode())

        refused = day.refused(errors.ForbiddenNumberFound)
        assert (refused.refs["line"], refused.refs["column"]) == (2, "address")
        assert number not in str(refused)

    @pytest.mark.parametrize("number", ["123456789017", "12345678902", "1234567890", "1234567890123"])
    def test_digits_that_are_neither_number_pass(self, day: Day, number: str) -> None:
        edit(day.folder, "events.csv", "戸塚町1-2".encode(), f"戸塚町 {number}".encode())

        assert day.opened(day.folder).holds == ()


class TestKeys:
    def test_a_registry_number_twice(self, day: Day) -> None:
        path = day.folder / "residents.csv"
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join([*lines[:5], lines[4], *lines[5:]]))
        reseal(day.folder)

        assert day.refused(errors.KeyDoubled).refs["line"] == 6

    def test_residents_in_another_order(self, day: Day) -> None:
        path = day.folder / "residents.csv"
        lines = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join([*lines[:5], lines[6], lines[5], *lines[7:]]))
        reseal(day.folder)

        assert day.refused(errors.RowsOutOfOrder).refs["line"] == 7

    @pytest.mark.parametrize("error", [errors.KeyDoubled, errors.RowsOutOfOrder])
    def test_the_baseline_is_held_to_the_same(self, day: Day, error: type[errors.ExtractRefused]) -> None:
        path = day.before / "residents.csv"
        lines = path.read_bytes().splitlines(keepends=True)
        second = lines[5] if error is errors.RowsOutOfOrder else lines[4]
        path.write_bytes(b"".join([*lines[:4], lines[4], second, lines[4], *lines[6:]]))
        reseal(day.before)

        with pytest.raises((errors.KeyDoubled, errors.RowsOutOfOrder)):
            compare_extract(day.opened(day.before), None)

    def test_an_event_twice(self, day: Day) -> None:
        path = day.folder / "events.csv"
        header, row = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(header + row + row.replace(b"1", b"2", 1))
        reseal(day.folder)

        assert day.refused(errors.KeyDoubled).refs["line"] == 3

    def test_events_out_of_their_order_of_processing(
        self, tmp_path: Path, today: ExtractBuilder, opened: Opened
    ) -> None:
        today.event("0000000002", "minor_correction")
        today.events.reverse()

        with pytest.raises(errors.RowsOutOfOrder):
            opened(today.write(tmp_path))

    @pytest.mark.parametrize("column", ["registry_number", "history_number", "event_sequence"])
    def test_an_event_whose_key_has_no_form(
        self, tmp_path: Path, today: ExtractBuilder, opened: Opened, column: str
    ) -> None:
        today.events[0] = today.events[0] | {column: "X" + MARKED}

        with pytest.raises(errors.KeyMalformed) as raised:
            opened(today.write(tmp_path))

        assert raised.value.refs["column"] == column
        assert MARKED not in str(raised.value)


class TestCorrection:
    def test_it_may_add(self, tmp_path: Path, today: ExtractBuilder, opened: Opened) -> None:
        corrected = today.corrected().event("0000000002", "minor_correction").handover("0000000001")

        check_correction(opened(today.write(tmp_path)), opened(corrected.write(tmp_path)))

    def test_an_added_event_may_stand_before_those_read(
        self, tmp_path: Path, today: ExtractBuilder, opened: Opened
    ) -> None:
        corrected = today.corrected().event("0000000002", "minor_correction")
        corrected.events.reverse()
        corrected.events = [row | {"event_sequence": str(n)} for n, row in enumerate(corrected.events, 1)]

        check_correction(opened(today.write(tmp_path)), opened(corrected.write(tmp_path)))

    def test_it_never_drops(self, tmp_path: Path, today: ExtractBuilder, opened: Opened) -> None:
        corrected = today.corrected()
        corrected.events.clear()

        with pytest.raises(errors.CorrectionDropsEvent):
            check_correction(opened(today.write(tmp_path)), opened(corrected.write(tmp_path)))

    def test_it_never_changes(self, tmp_path: Path, today: ExtractBuilder, opened: Opened) -> None:
        corrected = today.corrected()
        corrected.events[0] = corrected.events[0] | {"address": MARKED}

        with pytest.raises(errors.CorrectionChangesEvent) as raised:
            check_correction(opened(today.write(tmp_path)), opened(corrected.write(tmp_path)))

        assert raised.value.refs["column"] == "address"
        assert MARKED not in str(raised.value)


class TestTotals:
    def test_carried_from_day_to_day_they_are_those_of_a_full_count(
        self, tmp_path: Path, yesterday: ExtractBuilder, opened: Opened
    ) -> None:
        today = (
            yesterday.next_day()
            .event("0000000001", "move_out_abroad")
            .event("0000000013", "birth", resident_category="birth_transitional", status_of_residence="")
            .event("0000000002", "minor_correction", status_of_residence="永住者", expiry_date="")
        )
        first = opened(yesterday.write(tmp_path))
        baseline = compare_extract(first, None)
        second = opened(today.write(tmp_path))
        comparison = compare_extract(second, first.residents, baseline.rows_after)

        carried = totals(comparison, second.layout, totals(baseline, first.layout))

        assert carried == totals(compare_extract(second, None), second.layout)
        assert carried.residents == 12
        assert carried.by_category == {"birth_transitional": 1, "mid_to_long_term": 11}
        assert carried.by_status == {"永住者": 1, "留学": 10}


class TestErrors:
    def test_every_refusal_has_a_rule_id_and_a_sentence_of_its_own(self) -> None:
        found = [
            cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, errors.ExtractRefused)
        ]

        assert len({cls.rule for cls in found}) == len({cls.ja for cls in found}) == len(found)
        assert len({cls.en for cls in found}) == len(found)
