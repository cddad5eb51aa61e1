"""Reads a package of ours again, for a rebuild and for an auditor (contract §9); its form is checked.

This is not the reader of what the agency sends: that comes through the envelope's acceptance rule first.
"""

import csv
import hashlib
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from renkei.change_file.model import COUNTED_BY, DESCRIPTOR_NAME, ENTRIES, FAMILIES, ChangeFile, ReadRecord
from renkei.errors import PackageUnreadable


class _Broken(Exception):
    """A rule that the package breaks, by its id."""


def read(path: Path) -> ChangeFile:
    """Read a package; raises `PackageUnreadable` with the file's name and the rule that it breaks."""
    try:
        return _parsed(_entries(path))
    except _Broken as broken:
        raise PackageUnreadable(name=path.name, rule=str(broken)) from None
    except (OSError, ValueError, KeyError, TypeError, csv.Error, zipfile.BadZipFile):
        raise PackageUnreadable(name=path.name, rule="malformed") from None


def compare(first: ChangeFile, second: ChangeFile) -> tuple[str, ...]:
    """Return where two packages differ, by names and record numbers; empty when their content is the same.

    For a rebuild with another product version, whose bytes may differ though its content does not.
    """
    return tuple(_differences(first, second))


def _differences(first: ChangeFile, second: ChangeFile) -> Iterator[str]:
    for name in sorted(first.renkei.keys() | second.renkei.keys()):
        if first.renkei.get(name) != second.renkei.get(name):
            yield f"renkei.{name}"
    if len(first.records) != len(second.records):
        yield "records"
        return
    for one, other in zip(first.records, second.records, strict=True):
        if one.family != other.family:
            yield f"record {one.number}: family"
        for item in sorted(one.content.keys() | other.content.keys()):
            if one.content.get(item) != other.content.get(item):
                yield f"record {one.number}: {item}"


def _entries(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        listed = archive.infolist()
        if tuple(entry.filename for entry in listed) != ENTRIES:
            raise _Broken("entries")
        # Stored entries cannot be bigger than the file they lie in.
        if any(entry.compress_type != zipfile.ZIP_STORED for entry in listed):
            raise _Broken("compressed")
        return {entry.filename: archive.read(entry) for entry in listed}


def _parsed(entries: Mapping[str, bytes]) -> ChangeFile:
    described = json.loads(entries[DESCRIPTOR_NAME].decode("utf-8"))
    if [resource["name"] for resource in described["resources"]] != list(FAMILIES):
        raise _Broken("resources")
    records = [
        record
        for resource in described["resources"]
        for record in _records(resource, entries[f"{resource['name']}.csv"])
    ]
    records.sort(key=lambda record: record.number)
    _check_totals(described["renkei"], records)
    return ChangeFile(described["renkei"], tuple(records))


def _records(resource: Mapping[str, Any], content: bytes) -> Iterator[ReadRecord]:
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    if resource["hash"] != digest or resource["bytes"] != len(content):
        raise _Broken("digest")
    header = [column["name"] for column in resource["schema"]["fields"]]
    rows = csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
    if next(rows, None) != header:
        raise _Broken("header")
    for values in rows:
        row = dict(zip(header, values, strict=True))
        yield ReadRecord(int(row["record_number"]), resource["name"], row)


def _check_totals(renkei: Mapping[str, Any], records: list[ReadRecord]) -> None:
    if [record.number for record in records] != list(range(1, len(records) + 1)):
        raise _Broken("record_numbers")
    counts = {family: Counter[str]() for family in FAMILIES}
    for record in records:
        counts[record.family][record.content[COUNTED_BY[record.family]]] += 1
    if renkei["records"] != len(records) or renkei["counts"] != counts:
        raise _Broken("counts")
