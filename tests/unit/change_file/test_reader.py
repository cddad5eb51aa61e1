"""Reading a package of ours again: for a rebuild, for an auditor."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from renkei.change_file import Descriptor, Record, compare, read, write
from renkei.errors import PackageUnreadable
from renkei.schemas import Schemas
from tests.support.change_files import descriptor


@pytest.fixture
def written(schemas: Schemas, described: Descriptor, records: list[Record], package_path: Path) -> Path:
    write(package_path, records, described, schemas)
    return package_path


def rewritten(path: Path, change: Callable[[dict[str, bytes]], None], method: int = zipfile.ZIP_STORED) -> Path:
    """Return a copy of a package with its entries changed by hand."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    change(content)
    copy = path.with_suffix(".copy")
    with zipfile.ZipFile(copy, "w", method) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return copy


class TestRead:
    """What was written is read, in the order of taking in."""

    def test_gives_back_every_record(self, written: Path, records: list[Record]) -> None:
        found = read(written)
        assert [(record.number, record.family) for record in found.records] == [
            (1, "resident_records"),
            (2, "resident_records"),
            (3, "residence_reports"),
            (4, "certificates"),
            (5, "resident_records"),
        ]
        for given, got in zip(records, found.records, strict=True):
            assert got.content == given.content | {
                "record_number": str(got.number),
                "attempt": "1",
                "supplement": "0",
            }
        assert found.renkei["serial"] == 7

    def test_shows_no_content_in_its_repr(self, written: Path, records: list[Record]) -> None:
        assert records[0].content["name_roman"] not in repr(read(written))


class TestRefusals:
    """A package that was touched is named with the rule it breaks, never with a value."""

    @staticmethod
    def refused(path: Path) -> object:
        with pytest.raises(PackageUnreadable) as found:
            read(path)
        assert found.value.__cause__ is None
        return found.value.refs["rule"]

    def test_touched_content(self, written: Path) -> None:
        def touch(content: dict[str, bytes]) -> None:
            content["certificates.csv"] = content["certificates.csv"].replace(b"2019", b"2018")

        assert self.refused(rewritten(written, touch)) == "digest"

    def test_another_entry(self, written: Path) -> None:
        assert self.refused(rewritten(written, lambda content: content.update(more=b""))) == "entries"

    def test_compressed(self, written: Path) -> None:
        path = rewritten(written, lambda _: None, zipfile.ZIP_DEFLATED)
        assert self.refused(path) == "compressed"

    @pytest.mark.parametrize(
        ("old", "new", "rule"),
        [(b"record_number,", b"number,", "header"), (b"\n4,", b"\n6,", "record_numbers")],
    )
    def test_with_digests_that_agree(self, written: Path, old: bytes, new: bytes, rule: str) -> None:
        def touch(content: dict[str, bytes]) -> None:
            data = content["certificates.csv"].replace(old, new, 1)
            self.describe(content, "certificates", data)

        assert self.refused(rewritten(written, touch)) == rule

    def test_counts_that_do_not_add_up(self, written: Path) -> None:
        def touch(content: dict[str, bytes]) -> None:
            described = json.loads(content["datapackage.json"])
            described["renkei"]["counts"]["certificates"] = {"特例法7条2項": 2}
            content["datapackage.json"] = json.dumps(described).encode()

        assert self.refused(rewritten(written, touch)) == "counts"

    @staticmethod
    def describe(content: dict[str, bytes], family: str, data: bytes) -> None:
        described: dict[str, Any] = json.loads(content["datapackage.json"])
        (resource,) = (found for found in described["resources"] if found["name"] == family)
        resource |= {"hash": f"sha256:{hashlib.sha256(data).hexdigest()}", "bytes": len(data)}
        content["datapackage.json"] = json.dumps(described).encode()
        content[f"{family}.csv"] = data

    @pytest.mark.parametrize("content", [b"", b"marked", b"PK\x05\x06" + bytes(18)])
    def test_no_package_at_all(self, package_path: Path, content: bytes) -> None:
        package_path.write_bytes(content)
        assert self.refused(package_path) in {"malformed", "entries"}

    def test_nothing_there(self, package_path: Path) -> None:
        assert self.refused(package_path) == "malformed"


class TestCompare:
    """A rebuild by another product version compares content and says where it differs, by names only."""

    def rebuilt(self, folder: Path, schemas: Schemas, described: Descriptor, records: list[Record]) -> Path:
        path = folder / "rebuilt.zip"
        path.unlink(missing_ok=True)
        write(path, records, described, schemas)
        return path

    def test_the_same_content(self, written: Path, tmp_path: Path, schemas: Schemas, records: list[Record]) -> None:
        again = self.rebuilt(tmp_path, schemas, descriptor(), records)
        assert compare(read(written), read(again)) == ()

    def test_names_what_differs(self, written: Path, tmp_path: Path, schemas: Schemas, records: list[Record]) -> None:
        changed = [*records]
        changed[1] = replace(records[1], attempt=2, content={**records[1].content, "address": "marked"})
        again = self.rebuilt(tmp_path, schemas, descriptor(serial=8), changed)
        found = compare(read(written), read(again))
        assert found == ("renkei.serial", "record 2: address", "record 2: attempt")

    def test_a_missing_record(self, written: Path, tmp_path: Path, schemas: Schemas, records: list[Record]) -> None:
        again = self.rebuilt(tmp_path, schemas, descriptor(), records[:-1])
        assert compare(read(written), read(again)) == ("renkei.counts", "renkei.records", "records")

    def test_another_order(self, written: Path, tmp_path: Path, schemas: Schemas, records: list[Record]) -> None:
        again = self.rebuilt(tmp_path, schemas, descriptor(), [*records[:2], *records[4:1:-1]])
        assert "record 3: family" in compare(read(written), read(again))
