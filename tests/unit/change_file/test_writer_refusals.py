"""What does not fit is refused before a byte is written, and a file appears whole or not at all."""

import hashlib
import os
import stat
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from renkei.change_file import Descriptor, Record, package_bytes, write
from renkei.errors import PackageRecordRefused, PackageUnwritable
from renkei.schemas import Schemas
from tests.support.notices import edit


class TestRefusals:
    """What does not fit is refused before a byte is written, without telling a value."""

    @pytest.mark.parametrize(
        ("changes", "rule", "item"),
        [
            ({"my_number": "123456789018"}, "columns", "my_number"),
            ({"address": "marked\nvalue"}, "control_character", "address"),
            ({"address": "marked\u2028value"}, "control_character", "address"),
        ],
    )
    def test_a_record_that_does_not_fit(
        self,
        schemas: Schemas,
        described: Descriptor,
        records: list[Record],
        package_path: Path,
        changes: dict[str, str],
        rule: str,
        item: str,
    ) -> None:
        wrong = replace(records[1], content={**records[1].content, **changes})
        with pytest.raises(PackageRecordRefused) as refused:
            write(package_path, [records[0], wrong], described, schemas)
        expected = {"record": 2, "family": "resident_records", "rule": rule, "item": item}
        assert refused.value.refs == expected
        assert "marked" not in str(refused.value)
        assert not package_path.exists()

    def test_a_missing_column(self, schemas: Schemas, described: Descriptor, records: list[Record]) -> None:
        content = {name: value for name, value in records[0].content.items() if name != "kept"}
        with pytest.raises(PackageRecordRefused):
            package_bytes([replace(records[0], content=content)], described, schemas)

    def test_an_unknown_family(self, schemas: Schemas, described: Descriptor, records: list[Record]) -> None:
        with pytest.raises(PackageRecordRefused):
            package_bytes([replace(records[0], family="agency_notices")], described, schemas)

    @pytest.mark.parametrize("item", ["my_number", "resident_code", "registry_number"])
    def test_a_layout_that_names_a_forbidden_item(
        self, schemas: Schemas, described: Descriptor, tmp_path: Path, item: str
    ) -> None:
        own = tmp_path / "schemas"
        subprocess.run(["cp", "-r", schemas.directory, own], check=True)
        edit(own / "exchange" / "layout-1" / "certificates.json", '"name": "issue_date"', f'"name": "{item}"')
        with pytest.raises(PackageRecordRefused) as refused:
            package_bytes([], described, Schemas(own))
        assert (refused.value.refs["rule"], refused.value.refs["item"]) == ("forbidden_item", item)

    def test_a_path_that_exists_is_not_overwritten(
        self, schemas: Schemas, described: Descriptor, package_path: Path
    ) -> None:
        package_path.write_bytes(b"there")
        with pytest.raises(PackageUnwritable) as refused:
            write(package_path, [], described, schemas)
        assert refused.value.refs == {"reason": "EEXIST"}
        assert package_path.read_bytes() == b"there"

    def test_a_full_disk_leaves_nothing(
        self, schemas: Schemas, described: Descriptor, package_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(_: int) -> None:
            raise OSError(28, "No space left on device", "marked")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(PackageUnwritable) as refused:
            write(package_path, [], described, schemas)
        assert refused.value.refs == {"reason": "ENOSPC"}
        assert refused.value.__cause__ is None
        assert not package_path.exists()

    def test_only_the_owner_may_read_it(self, schemas: Schemas, described: Descriptor, package_path: Path) -> None:
        package = write(package_path, [], described, schemas)
        assert stat.S_IMODE(package_path.stat().st_mode) == 0o600
        assert package.sha256 == hashlib.sha256(package_path.read_bytes()).hexdigest()
        assert package.bytes == package_path.stat().st_size
