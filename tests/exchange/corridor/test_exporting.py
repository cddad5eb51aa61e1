"""The bundle for auditors: whole, signed, checked by Python alone; one changed row or byte fails it."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from renkei.corridor import steps
from renkei.errors import EvidenceKeyMissing, NothingToExport
from renkei.ledger.tables import AuditBundle, ReportRow
from tests.support.openpgp import Party, make_party
from tests.support.site import Site

DAY = "2019-03-28"
FIRST, LAST = date(2019, 3, 1), date(2019, 3, 31)


@pytest.fixture(scope="module")
def auditor() -> Iterator[Party]:
    made = make_party("Evidence")
    yield made
    made.keys.remove()


@pytest.fixture
def exported(site: Site, auditor: Party, tmp_path: Path) -> Path:
    """A day was exchanged and reported; its month's bundle lies unpacked in a folder."""
    site.write_settings(evidence_home=auditor.keys.home, evidence_fingerprint=auditor.fingerprint)
    builder = site.tomorrow()
    builder.event("0000000001", "move_within", address="東京都新宿区若松町1")
    site.extract(builder)
    site.run(DAY)
    with site.house(DAY) as house:
        found = steps.export_audit(house, FIRST, LAST)
    folder = tmp_path / "bundle"
    with zipfile.ZipFile(site.home / found.path) as archive:
        archive.extractall(folder)
    return folder


def check(place: Path, *words: str) -> tuple[int, str]:
    """Run the bundle's own verifier in an isolated Python, as an auditor would."""
    line = [sys.executable, "-I", str(place / "verify.py"), str(place), *words]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.strip().splitlines()[-1]


def sums_again(folder: Path) -> None:
    """Write SHA256SUMS anew, as somebody would who wants to hide a change."""
    line = "sha256sum -- $(cut -d' ' -f3 SHA256SUMS) > new && mv new SHA256SUMS"
    subprocess.run(["bash", "-c", line], cwd=folder, check=True)


def rows_of(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "trail.jsonl").read_text(encoding="utf-8").splitlines()]


def write_rows(folder: Path, rows: list[dict[str, object]]) -> None:
    lines = "".join(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows)
    (folder / "trail.jsonl").write_text(lines, encoding="utf-8")


def test_it_passes_offline(exported: Path, auditor: Party) -> None:
    status, said = check(exported, "--key", auditor.fingerprint)
    assert (0, "PASS") == (status, said.split()[0])
    assert (exported / "manifests" / "00000001.json").exists()
    assert {path.suffix for path in (exported / "reports").iterdir()} == {".html", ".csv", ".json"}


def test_gpg_and_sha256sum_say_the_same(exported: Path, auditor: Party) -> None:
    subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=exported, check=True)
    auditor.keys.gpg("--verify", exported / "SHA256SUMS.asc", exported / "SHA256SUMS")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda rows: [{**rows[0], "actor": "somebody else"}, *rows[1:]],
        lambda rows: [*rows[:3], *rows[4:]],
        lambda rows: [*rows[:3], {**rows[3]}, *rows[3:]],
        lambda rows: [*rows[:2], rows[3], rows[2], *rows[4:]],
        lambda rows: [*rows[:-1], {**rows[-1], "facts": rows[-1]["facts"] + " "}],
    ],
    ids=["changed", "removed", "inserted", "re-ordered", "one byte"],
)
def test_a_row_that_was_touched_is_found_even_with_new_sums(
    exported: Path, spoil: Callable[[list[dict[str, object]]], list[dict[str, object]]]
) -> None:
    write_rows(exported, spoil(rows_of(exported)))
    sums_again(exported)
    status, said = check(exported)
    assert (1, "FAIL") == (status, said.split()[0])


def test_a_chain_cut_short_is_betrayed_by_a_printed_head(exported: Path) -> None:
    head = f"{rows_of(exported)[-1]['number']}:{rows_of(exported)[-1]['hash']}"
    assert check(exported, "--head", head)[0] == 0
    write_rows(exported, rows_of(exported)[:-1])
    sums_again(exported)
    assert check(exported, "--head", head)[0] == 1


@pytest.mark.parametrize("name", ["reports", "manifests"])
def test_a_report_or_manifest_that_was_changed_or_taken_away_is_found(exported: Path, name: str) -> None:
    path = min((exported / name).iterdir())
    path.write_bytes(path.read_bytes() + b" ")
    assert check(exported)[0] == 1
    path.unlink()
    assert check(exported)[0] == 1


def test_a_file_that_was_added_is_found(exported: Path) -> None:
    (exported / "more.txt").write_text("x", encoding="ascii")
    assert check(exported)[0] == 1


def test_it_is_a_function_of_its_files_and_stands_in_the_ledger(site: Site, exported: Path) -> None:
    del exported
    (row,) = site.rows(AuditBundle)
    with zipfile.ZipFile(site.home / row.path) as archive:
        entries = archive.infolist()
    assert sorted(entry.filename for entry in entries) == [entry.filename for entry in entries]
    assert {(entry.date_time, entry.compress_type) for entry in entries} == {((1980, 1, 1, 0, 0, 0), 0)}


def test_each_report_has_its_own_signed_bundle(site: Site, exported: Path, tmp_path: Path) -> None:
    del exported
    (row,) = site.rows(ReportRow)
    with zipfile.ZipFile(site.home / row.path_zip) as archive:
        archive.extractall(tmp_path / "report")
    assert check(tmp_path / "report")[0] == 0


def test_without_a_key_nothing_is_exported(site: Site) -> None:
    with site.house(DAY) as house, pytest.raises(EvidenceKeyMissing):
        steps.export_audit(house, FIRST, LAST)


def test_a_period_without_rows_is_refused(site: Site) -> None:
    with site.house(DAY) as house, pytest.raises(NothingToExport):
        steps.export_audit(house, date(2001, 1, 1), date(2001, 1, 31))
