"""A report is written once, whole, for its owner only, and never replaced."""

import errno
import hashlib
import os
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from renkei.errors import ReportUnwritten
from renkei.reports.render_csv import render_csv
from renkei.reports.render_html import render_html
from renkei.reports.render_json import render_json
from renkei.reports.write import write_once
from tests.support import reports as samples


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_three_views_of_one_report(tmp_path: Path) -> None:
    report = samples.good_day()

    written = write_once(report, tmp_path / "reports")

    assert written.html.read_bytes() == render_html(report)
    assert written.csv.read_bytes() == render_csv(report)
    assert written.json.read_bytes() == render_json(report)


def test_the_name_tells_day_run_and_attempt(tmp_path: Path) -> None:
    report = samples.good_day()
    run = hashlib.sha256(report.head.run_reference.encode()).hexdigest()[:12]

    write_once(report, tmp_path)

    assert names(tmp_path) == [f"2019-03-28-{run}-1.{kind}" for kind in ("csv", "html", "json")]


def test_digests_are_those_of_the_files(tmp_path: Path) -> None:
    written = write_once(samples.good_day(), tmp_path)

    assert written.sha256 == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in tmp_path.iterdir()}


def test_only_the_owner_reads_them(tmp_path: Path) -> None:
    write_once(samples.good_day(), tmp_path / "reports")

    assert (tmp_path / "reports").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "reports").iterdir()} == {0o600}


def test_another_attempt_has_a_name_of_its_own(tmp_path: Path) -> None:
    report = samples.good_day()

    first = write_once(report, tmp_path)
    second = write_once(replace(report, head=replace(report.head, attempt=2)), tmp_path)

    assert re.search(r"-2\.html$", second.html.name)
    assert first.html.read_bytes() == render_html(report)


def test_the_same_attempt_again_adds_files_and_replaces_none(tmp_path: Path) -> None:
    first = write_once(samples.good_day(), tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}

    second = write_once(samples.refused_day(), tmp_path)

    assert {path: path.read_bytes() for path in before} == before
    assert second.html.name == first.html.name.replace(".html", "-2.html")
    assert len(names(tmp_path)) == 6


def test_a_rerun_after_a_crash_between_the_files_starts_a_new_set(tmp_path: Path) -> None:
    first = write_once(samples.good_day(), tmp_path)
    first.html.unlink()

    second = write_once(samples.good_day(), tmp_path)

    assert {path.stem for path in (second.html, second.csv, second.json)} == {f"{first.html.stem}-2"}
    assert not first.html.exists()


def test_writers_at_the_same_instant_each_get_a_whole_set(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(lambda _: write_once(samples.good_day(), tmp_path), range(8)))

    assert len({it.html for it in written}) == 8
    assert len(names(tmp_path)) == 24
    assert {it.html.read_bytes() for it in written} == {render_html(samples.good_day())}


def test_nothing_temporary_stays(tmp_path: Path) -> None:
    write_once(samples.good_day(), tmp_path)

    assert not list(tmp_path.glob(".tmp-*"))


def test_what_a_crash_left_is_swept_and_a_running_writer_is_left_alone(tmp_path: Path) -> None:
    old, running = tmp_path / ".tmp-old", tmp_path / ".tmp-running"
    old.write_bytes(b"half a report")
    running.write_bytes(b"half a report")
    yesterday = running.stat().st_mtime - 86_400
    os.utime(old, (yesterday, yesterday))

    write_once(samples.good_day(), tmp_path)

    assert not old.exists()
    assert running.exists()


def test_a_fault_of_the_disk_is_told_with_the_name_and_leaves_no_partial_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "a text that must not leave the room")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(ReportUnwritten) as told:
        write_once(samples.good_day(), tmp_path)

    assert told.value.refs["reason"] == "ENOSPC"
    assert "must not leave" not in str(told.value)
    assert told.value.__cause__ is None
    assert names(tmp_path) == []


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "reports").write_bytes(b"")

    with pytest.raises(ReportUnwritten, match="EEXIST"):
        write_once(samples.good_day(), tmp_path / "reports")
