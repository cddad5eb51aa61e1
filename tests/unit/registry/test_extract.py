"""Reading a day's extract: what is taken in, and what may stand in a correction."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from renkei import errors
from renkei.registry import (
    check_correction,
    compare_extract,
    find_extract,
    totals,
)
from tests.support.extracts import ExtractBuilder
from tests.unit.registry.days import MARKED, Day, Opened


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
    def test_every_refusal_has_a_sentence_of_its_own(self) -> None:
        found = [
            cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, errors.ExtractRefused)
        ]

        assert len({cls.ja for cls in found}) == len(found)
        assert len({cls.en for cls in found}) == len(found)
