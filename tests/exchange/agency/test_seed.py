"""The register is seeded from the registry's baseline extract, by the agency's own reader."""

import hashlib
import hmac
import json
from pathlib import Path

import pytest

from tests.support.agency import Agency, AgencyFailed
from tests.support.extracts import ExtractBuilder

KEY = "ab" * 32


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "reference-keys"
    path.write_text(f"k1:{'cd' * 32}\nk2:{KEY}\n", encoding="ascii")
    return path


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    made = ExtractBuilder("2019-03-27").resident("0000000001", name_roman="KOWALSKA, ANNA")
    return made.resident("0000000002").write(tmp_path)


def spoil_manifest(extract: Path, **members: object) -> None:
    path = extract / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | members), encoding="utf-8")


def test_references_are_computed_by_the_newest_key(trusting: Agency, extract: Path, key: Path) -> None:
    trusting.seed(extract, key)
    mac = hmac.new(bytes.fromhex(KEY), b"person|131041|0000000001", hashlib.sha256).hexdigest()
    line = next(line for line in trusting.register().splitlines() if "KOWALSKA" in line)
    assert line.startswith(f'k2-{mac[:32]},living,"KOWALSKA, ANNA",')
    assert trusting.status()["register_totals"]["131041"]["residents"] == 2


def test_no_registry_number_and_no_key_is_kept(trusting: Agency, extract: Path, key: Path) -> None:
    trusting.seed(extract, key)
    kept = b"".join(path.read_bytes() for path in trusting.home.glob("agency.sqlite*"))
    assert b"0000000001" not in kept
    assert KEY.encode() not in kept


def test_a_register_is_seeded_once(trusting: Agency, extract: Path, key: Path) -> None:
    trusting.seed(extract, key)
    with pytest.raises(AgencyFailed, match="is not empty"):
        trusting.seed(extract, key)


@pytest.mark.parametrize("member", [{"municipality": "131059"}, {"layout_version": "2"}])
def test_another_municipality_or_layout(trusting: Agency, extract: Path, key: Path, member: dict[str, str]) -> None:
    spoil_manifest(extract, **member)
    with pytest.raises(AgencyFailed, match="another municipality or layout"):
        trusting.seed(extract, key)


@pytest.mark.parametrize("spoilt", ["truncated", "doubled", "changed"])
def test_an_extract_that_does_not_hold_together(trusting: Agency, extract: Path, key: Path, spoilt: str) -> None:
    path = extract / "residents.csv"
    data = path.read_bytes()
    path.write_bytes({"truncated": data[:-9], "doubled": data * 2, "changed": data.replace(b"ANNA", b"ANNE")}[spoilt])
    with pytest.raises(AgencyFailed, match="size and digest"):
        trusting.seed(extract, key)
    assert trusting.register().count("\n") == 1
