"""The package to the letter of schemas/README.md: same input, same bytes."""

import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import frictionless
import jsonschema
import pytest

from renkei.change_file import Descriptor, Record, package_bytes, write
from renkei.schemas import Schemas
from tests.support.change_files import PREVIOUS, descriptor, entries
from tests.support.extracts import SCHEMAS

ROOT = Path(__file__).resolve().parents[3]


def described_in(package: bytes) -> dict[str, object]:
    result: dict[str, object] = json.loads(entries(package)["datapackage.json"])
    return result


class TestDeterminism:
    """The package is a function of its inputs, not of the machine that builds it (contract §9)."""

    PROGRAM = (
        "import locale, sys, time; locale.setlocale(locale.LC_ALL, ''); time.tzset();"
        "from renkei.change_file import package_bytes; from renkei.schemas import Schemas;"
        "from tests.support.change_files import descriptor, some_records; from pathlib import Path;"
        "s = Schemas(Path(sys.argv[1]));"
        "sys.stdout.buffer.write(package_bytes(some_records(s), descriptor(), s))"
    )

    def built(self, **environment: str) -> bytes:
        variables = {name: value for name, value in os.environ.items() if not name.startswith("LC_")}
        variables |= {"PYTHONPATH": f"{ROOT / 'plugins'}{os.pathsep}{ROOT}"} | environment
        command = [sys.executable, "-c", self.PROGRAM, str(SCHEMAS)]
        return subprocess.run(command, env=variables, cwd=ROOT, capture_output=True, check=True).stdout

    def test_two_processes_in_two_worlds(self, schemas: Schemas, described: Descriptor, records: list[Record]) -> None:
        here = self.built(TZ="Asia/Tokyo", LC_ALL="C.UTF-8", PYTHONHASHSEED="1")
        there = self.built(TZ="America/St_Johns", LC_ALL="C", PYTHONHASHSEED="4242", PYTHONUTF8="0")
        assert here == there == package_bytes(records, described, schemas)

    def test_the_order_of_totals_does_not_matter(self, schemas: Schemas, records: list[Record]) -> None:
        totals = descriptor().register_totals
        turned = {name: totals[name] for name in reversed(totals)}
        assert package_bytes(records, descriptor(), schemas) == package_bytes(
            records, descriptor(register_totals=turned), schemas
        )


class TestDescriptor:
    """datapackage.json: a Frictionless Data Package with the schemas embedded, and the member `renkei`."""

    def test_agrees_with_its_json_schema(self, schemas: Schemas, described: Descriptor, records: list[Record]) -> None:
        for package in (package_bytes(records, described, schemas), package_bytes([], described, schemas)):
            jsonschema.validate(
                described_in(package),
                dict(schemas.table("exchange", "1", "package")),
                format_checker=jsonschema.FormatChecker(),
            )

    def test_is_sorted_indented_utf8_json_with_one_final_lf(
        self, schemas: Schemas, described: Descriptor, records: list[Record]
    ) -> None:
        content = entries(package_bytes(records, described, schemas))["datapackage.json"]
        parsed = json.loads(content)
        expected = json.dumps(parsed, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        assert content == expected.encode("utf-8")

    def test_says_who_when_and_after_what(self, schemas: Schemas, described: Descriptor, records: list[Record]) -> None:
        parsed = described_in(package_bytes(records, described, schemas))
        assert parsed["name"] == "131041-00000007"
        assert parsed["renkei"] == {
            "layout_version": "1",
            "municipality": "131041",
            "counterparty": "isa",
            "business_date": "2019-04-02",
            "serial": 7,
            "sealed_at": "2019-04-02T23:00:00+09:00",
            "previous": PREVIOUS,
            "records": 5,
            "counts": {
                "resident_records": {"correction": 1, "deletion": 1, "entry": 1},
                "residence_reports": {"入管法19条の9": 1},
                "certificates": {"特例法7条2項": 1},
            },
            "register_totals": described.register_totals,
            "trail_head": {"number": 41, "hash": "cd" * 32},
        }

    def test_the_first_file_has_no_predecessor(self, schemas: Schemas) -> None:
        parsed = described_in(package_bytes([], descriptor(serial=1, previous=None), schemas))
        assert parsed["renkei"]["previous"] is None  # type: ignore[index]

    def test_embeds_each_schema_with_size_and_digest(
        self, schemas: Schemas, described: Descriptor, records: list[Record]
    ) -> None:
        package = package_bytes(records, described, schemas)
        content = entries(package)
        for resource in described_in(package)["resources"]:  # type: ignore[attr-defined]
            data = content[resource["path"]]
            assert resource["bytes"] == len(data)
            assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
            assert resource["schema"] == schemas.table("exchange", "1", resource["name"])


class TestFrictionless:
    """The real library accepts the package, empty or not, and refuses one that was touched."""

    @pytest.mark.parametrize("empty", [False, True])
    def test_validates(
        self,
        schemas: Schemas,
        described: Descriptor,
        records: list[Record],
        package_path: Path,
        empty: bool,
    ) -> None:
        write(package_path, [] if empty else records, described, schemas)
        report = frictionless.validate(str(package_path), type="package")
        assert report.valid, report.flatten(["type", "note"])
        assert len(report.tasks) == 3

    def test_validates_what_unzip_extracts(
        self, schemas: Schemas, described: Descriptor, records: list[Record], package_path: Path
    ) -> None:
        write(package_path, records, described, schemas)
        folder = package_path.parent / "extracted"
        subprocess.run(["unzip", "-q", package_path, "-d", folder], check=True)
        report = frictionless.Package(str(folder / "datapackage.json")).validate()
        assert report.valid, report.flatten(["type", "note"])
        touched = folder / "certificates.csv"
        touched.write_bytes(touched.read_bytes().replace(b"2019", b"2018"))
        assert not frictionless.Package(str(folder / "datapackage.json")).validate().valid


class TestRecords:
    """Numbered through all families in the order given; values byte for byte."""

    def test_numbers_run_through_all_families(
        self, schemas: Schemas, described: Descriptor, records: list[Record]
    ) -> None:
        content = entries(package_bytes(records, described, schemas))
        numbers = {
            name: [row["record_number"] for row in csv.DictReader(io.StringIO(data.decode(), newline=""))]
            for name, data in content.items()
            if name.endswith(".csv")
        }
        assert numbers == {
            "resident_records.csv": ["1", "2", "5"],
            "residence_reports.csv": ["3"],
            "certificates.csv": ["4"],
        }

    def test_attempt_and_supplement(self, schemas: Schemas, described: Descriptor, records: list[Record]) -> None:
        again = replace(records[0], attempt=3, supplement=True)
        content = entries(package_bytes([again], described, schemas))["resident_records.csv"].decode()
        (row,) = csv.DictReader(io.StringIO(content, newline=""))
        assert (row["attempt"], row["supplement"]) == ("3", "1")

    def test_a_day_without_notices_is_three_header_lines(self, schemas: Schemas, described: Descriptor) -> None:
        package = package_bytes([], described, schemas)
        for family in ("resident_records", "residence_reports", "certificates"):
            header = ",".join(schemas.fields("exchange", "1", family)) + "\n"
            assert entries(package)[f"{family}.csv"] == header.encode()
        renkei = described_in(package)["renkei"]
        empty: dict[str, object] = {"resident_records": {}, "residence_reports": {}, "certificates": {}}
        assert (renkei["records"], renkei["counts"]) == (0, empty)  # type: ignore[index]

    def test_quotes_only_where_a_comma_or_a_quotation_mark_stands(
        self, schemas: Schemas, described: Descriptor, records: list[Record]
    ) -> None:
        line = entries(package_bytes(records, described, schemas))["resident_records.csv"].decode()
        assert '"東京都新宿区百人町9番,""ハイツ大久保""201"' in line
        assert re.search(r'"(?!")(?!東京都)[^,]', line.split("\n")[1]) is None

    @pytest.mark.parametrize("value", ["=1+1", "+81", "-1", "@x", "'=1", " 空白 ", "塚\ufa10", "か\u3099"])
    def test_values_are_never_escaped_trimmed_or_normalised(
        self, schemas: Schemas, described: Descriptor, records: list[Record], value: str
    ) -> None:
        changed = replace(records[0], content={**records[0].content, "address": value})
        content = entries(package_bytes([changed], described, schemas))["resident_records.csv"]
        assert f",{value},".encode() in content

    def test_lines_end_with_lf_alone(self, schemas: Schemas, described: Descriptor, records: list[Record]) -> None:
        for name, data in entries(package_bytes(records, described, schemas)).items():
            assert b"\r" not in data, name
            assert data.endswith(b"\n"), name
            assert not data.startswith(b"\xef\xbb\xbf"), name


def test_five_thousand_records_in_well_under_a_second(
    schemas: Schemas, described: Descriptor, records: list[Record], package_path: Path
) -> None:
    """Generous against a busy machine: it takes about a tenth of a second."""
    began = time.process_time()
    write(package_path, records * 1000, described, schemas)
    assert time.process_time() - began < 1
