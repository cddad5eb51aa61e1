"""Reads a change file whole: descriptor, embedded schemas, digests, counts, headers, order (codes F20 … F27).

Form is judged here, content in `records.py`: a file is refused whole for its form only (contract §12).
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mock_agency.archive import malformed, read_entries
from mock_agency.clock import read_instant
from mock_agency.csvtext import NotAsAgreed, rows_of
from mock_agency.errors import FileRefused
from mock_agency.schemas import FAMILIES, LAYOUT, Schemas

SHA256 = re.compile(r"[0-9a-f]{64}")
MEMBERS = {"layout_version", "municipality", "counterparty", "business_date", "serial", "sealed_at", "previous",
           "records", "counts", "register_totals", "trail_head"}  # fmt: skip
ECHOED = {"record_number": r"[1-9][0-9]{0,8}", "notice_id": r"[0-9a-f]{32}", "attempt": r"[1-9][0-9]{0,5}"}


@dataclass(frozen=True, slots=True)
class Record:
    """One record of any family; its values are personal and shown nowhere."""

    number: int
    family: str
    notice_id: str
    attempt: int
    values: dict[str, str] = field(repr=False)

    @property
    def person(self) -> str:
        """The person's reference; empty for a subject without a resident record."""
        return self.values["person_reference"]


@dataclass(frozen=True, slots=True)
class Package:
    """A change file whose form is as agreed; records in the order of taking in."""

    descriptor: dict[str, Any]
    records: list[Record] = field(repr=False)

    @property
    def previous(self) -> str | None:
        """Digest of the package before, as this one says."""
        found: str | None = self.descriptor["previous"]
        return found

    @property
    def business_date(self) -> str:
        """The file's business date."""
        return str(self.descriptor["business_date"])


def read_package(path: Path, schemas: Schemas, municipality: str, serial: int) -> Package:
    """Read the package that came under a municipality's name and serial; raises FileRefused."""
    entries = read_entries(path)
    document = _document(entries["datapackage.json"])
    descriptor = document["renkei"]
    _check_members(descriptor, municipality, serial)
    if document.get("name") != f"{municipality}-{serial:08d}":
        raise malformed("datapackage.json: name is not municipality and serial")
    _check_resources(document.get("resources"), entries, schemas)
    records = sorted(
        (record for family in FAMILIES for record in _records(entries[f"{family}.csv"], family, schemas)),
        key=lambda record: record.number,
    )
    _check_numbers(records)
    _check_counts(descriptor, records)
    return Package(descriptor, records)


def _document(data: bytes) -> dict[str, Any]:
    try:
        text = data.decode("utf-8")
        document = json.loads(text)
    except ValueError:
        raise malformed("datapackage.json is not UTF-8 JSON") from None
    forms = (json.dumps(document, sort_keys=True, indent=2, ensure_ascii=escaped) + "\n" for escaped in (False, True))
    if text not in forms:
        raise malformed("datapackage.json: keys not sorted and unique, or another indentation or ending")
    if not isinstance(document, dict) or not isinstance(document.get("renkei"), dict):
        raise malformed("datapackage.json has no member renkei")
    return document


def _check_members(descriptor: dict[str, Any], municipality: str, serial: int) -> None:
    if descriptor.get("layout_version") != LAYOUT:
        raise FileRefused("F25", "layout_version is not known")
    if set(descriptor) != MEMBERS:
        raise malformed("renkei: members missing or unknown")
    if descriptor["municipality"] != municipality:
        raise FileRefused("F24", "another municipality than that of the name and the folder")
    if not _is_count(descriptor["serial"], 1) or descriptor["serial"] != serial:
        raise malformed("renkei.serial is not that of the name")
    try:
        instant = read_instant(descriptor["sealed_at"])
        aware = re.search(r"T.*(Z|[+-][0-9]{2}:[0-9]{2})$", descriptor["sealed_at"])
        day = read_instant(descriptor["business_date"]).date().isoformat()
    except (TypeError, ValueError):
        raise malformed("renkei.sealed_at or business_date is no date") from None
    if not aware or not instant or day != descriptor["business_date"]:
        raise malformed("renkei.sealed_at or business_date is not of the agreed form")
    previous = descriptor["previous"]
    if previous is not None and not (isinstance(previous, str) and SHA256.fullmatch(previous)):
        raise malformed("renkei.previous is no digest")
    _check_totals(descriptor)


def _check_totals(descriptor: dict[str, Any]) -> None:
    totals, head = descriptor["register_totals"], descriptor["trail_head"]
    if not isinstance(totals, dict) or not _is_count(totals.get("residents"), 0):
        raise malformed("renkei.register_totals is not of the agreed form")
    for name in ("by_category", "by_status"):
        part = totals.get(name)
        if not isinstance(part, dict) or not all(_is_count(value, 0) for value in part.values()):
            raise malformed(f"renkei.register_totals.{name} is not of the agreed form")
    if sum(totals["by_category"].values()) != totals["residents"]:
        raise FileRefused("F22", "register_totals.by_category does not add up to residents")
    if not isinstance(head, dict) or not _is_count(head.get("number"), 0) or not isinstance(head.get("hash"), str):
        raise malformed("renkei.trail_head is not of the agreed form")


def _is_count(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _check_resources(resources: object, entries: dict[str, bytes], schemas: Schemas) -> None:
    if not isinstance(resources, list) or [r.get("name") for r in resources if isinstance(r, dict)] != list(FAMILIES):
        raise malformed("resources are not the three families in order")
    for family, resource in zip(FAMILIES, resources, strict=True):
        data = entries[f"{family}.csv"]
        if resource.get("path") != f"{family}.csv":
            raise malformed(f"{family}: path is not its entry")
        if resource.get("bytes") != len(data):
            raise malformed(f"{family}: size differs")
        if resource.get("hash") != f"sha256:{hashlib.sha256(data).hexdigest()}":
            raise malformed(f"{family}: digest differs")
        if _essence(resource.get("schema")) != _essence(schemas.family(family)):
            raise FileRefused("F21", f"{family}: embedded schema is not that of the layout")


def _essence(schema: object) -> object:
    """What two copies of a Table Schema must agree in: names, types, constraints, missing values, key."""
    if not isinstance(schema, dict) or not isinstance(schema.get("fields"), list):
        return None
    fields = [(f.get("name"), f.get("type"), f.get("constraints", {})) for f in schema["fields"] if isinstance(f, dict)]
    key = schema.get("primaryKey")
    return fields, schema.get("missingValues", [""]), [key] if isinstance(key, str) else key


def _records(data: bytes, family: str, schemas: Schemas) -> Iterator[Record]:
    names = [one.name for one in schemas.family_fields(family)]
    try:
        for line, row in enumerate(rows_of(data, names), 2):
            for name, pattern in ECHOED.items():
                if not re.fullmatch(pattern, row[name]):
                    raise FileRefused("F21", f"{family}.csv line {line}: {name} is not of its type")
            yield Record(int(row["record_number"]), family, row["notice_id"], int(row["attempt"]), row)
    except NotAsAgreed as error:
        code = "F21" if str(error) == "header" else "F20"
        raise FileRefused(code, f"{family}.csv: {error}") from None


def _check_numbers(records: list[Record]) -> None:
    if [record.number for record in records] != list(range(1, len(records) + 1)):
        raise malformed("records are not numbered 1 to n through all families")
    if len({record.notice_id for record in records}) != len(records):
        raise malformed("a notice_id stands twice in the file")
    order = PersonalOrder()
    for record in records:
        order.check(record)


class PersonalOrder:
    """Per person the history numbers of family a rise, and the report of an event does not precede it.

    What fell due later than a newer event may follow it: a planned move-out when its day has come, a supplement, the
    report that came with the card days later.
    """

    def __init__(self) -> None:
        self._last: dict[str, int] = {}
        self._reported: set[tuple[str, int]] = set()

    def check(self, record: Record) -> None:
        """Look at the next record; raises FileRefused (F20)."""
        text = record.values.get("history_number", "")
        if not record.person or not text.isdecimal():
            return
        number = int(text)
        if record.family == "residence_reports":
            self._reported.add((record.person, number))
        elif record.family == "resident_records":
            late = record.values["supplement"] == "1" or record.values["action"] == "deletion"
            last = self._last.get(record.person, 0)
            if (number < last and not late) or (record.person, number) in self._reported:
                raise malformed(f"record {record.number} stands behind a later one of the same person")
            self._last[record.person] = max(number, last)


def _check_counts(descriptor: dict[str, Any], records: list[Record]) -> None:
    counts: dict[str, Counter[str]] = {family: Counter() for family in FAMILIES}
    for record in records:
        kind = record.values["action" if record.family == "resident_records" else "article"]
        counts[record.family][kind] += 1
    if descriptor["counts"] != {family: dict(counted) for family, counted in counts.items()}:
        raise FileRefused("F22", "counts are not those of the records")
    if not _is_count(descriptor["records"], 0) or descriptor["records"] != len(records):
        raise FileRefused("F22", "records is not the number of records")
