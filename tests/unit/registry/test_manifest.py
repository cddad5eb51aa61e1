"""The manifest and the files as wholes: what is refused before a line is read."""

import json
from pathlib import Path

import pytest

from renkei import errors
from renkei.registry import (
    check_cut_off,
)
from tests.support.extracts import ExtractBuilder, reseal
from tests.unit.registry.days import Day, Opened


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
