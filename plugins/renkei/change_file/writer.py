"""The package of a change file, to the letter of schemas/README.md: same input, same bytes, anywhere.

Nothing of the machine goes in: no clock, no locale, no time zone, no hash order, no compression library.
"""

import errno
import hashlib
import io
import os
import stat
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from renkei.change_file.model import (
    COUNTED_BY,
    DESCRIPTOR_NAME,
    FAMILIES,
    Counts,
    Descriptor,
    Package,
    Record,
)
from renkei.csv_form import join
from renkei.errors import PackageRecordRefused, PackageUnwritable
from renkei.schemas import Schemas
from renkei.strict_json import exchange_form

_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX = 3


def write(path: Path, records: Sequence[Record], descriptor: Descriptor, schemas: Schemas) -> Package:
    """Write a package at a fresh path; the records are numbered 1…n in the order given (contract §3).

    No records is a file too. Raises `PackageRecordRefused` before a byte is written, `PackageUnwritable`
    after which nothing is left at `path`.
    """
    package = package_bytes(records, descriptor, schemas)
    _store(path, package)
    return Package(
        path=path,
        sha256=hashlib.sha256(package).hexdigest(),
        bytes=len(package),
        records=len(records),
        counts=count(records),
    )


def package_bytes(records: Sequence[Record], descriptor: Descriptor, schemas: Schemas) -> bytes:
    """Return the bytes that `write` puts on disk."""
    layout = schemas.layout_on(descriptor.business_date)
    tables = {family: schemas.table("exchange", layout, family) for family in FAMILIES}
    for family, table in tables.items():
        _refuse_forbidden(family, table, schemas)
    files = _csv_files(records, tables)
    described = _datapackage(files, tables, records, descriptor, layout)
    return _zip({DESCRIPTOR_NAME: described, **{f"{family}.csv": files[family] for family in FAMILIES}})


def count(records: Sequence[Record]) -> Counts:
    """Count records by family and action (a) or cited article (b, c); a family without records holds {}."""
    counts = {family: Counter[str]() for family in FAMILIES}
    for record in records:
        counts[record.family][record.content[COUNTED_BY[record.family]]] += 1
    return {family: dict(sorted(counter.items())) for family, counter in counts.items()}


def _refuse_forbidden(family: str, table: Mapping[str, Any], schemas: Schemas) -> None:
    """個人番号, 住民票コード, household, insurance never go out, whatever a layout says (domain §4)."""
    for column in table["fields"]:
        if column["name"] in schemas.items.forbidden:
            raise PackageRecordRefused(record=0, family=family, rule="forbidden_item", item=column["name"])


def _csv_files(records: Sequence[Record], tables: Mapping[str, Mapping[str, Any]]) -> dict[str, bytes]:
    columns = {family: [str(column["name"]) for column in table["fields"]] for family, table in tables.items()}
    lines = {family: [",".join(names)] for family, names in columns.items()}
    for number, record in enumerate(records, 1):
        if record.family not in columns:
            raise PackageRecordRefused(record=number, family=record.family, rule="family", item="family")
        row = {
            **record.content,
            "record_number": str(number),
            "attempt": str(record.attempt),
            "supplement": "1" if record.supplement else "0",
        }
        lines[record.family].append(_line(number, record.family, row, columns[record.family]))
    return {family: ("\n".join(rows) + "\n").encode("utf-8") for family, rows in lines.items()}


def _line(number: int, family: str, row: Mapping[str, str], columns: Sequence[str]) -> str:
    """Return one CSV line; no value is changed, not even one that a spreadsheet would take for a formula."""
    if row.keys() != set(columns):
        item = min(row.keys() ^ set(columns))
        raise PackageRecordRefused(record=number, family=family, rule="columns", item=item)
    values = [row[name] for name in columns]
    line = ",".join(values)
    if line.count(",") == len(columns) - 1 and '"' not in line and line.isprintable():
        return line
    for name, value in zip(columns, values, strict=True):
        if any(unicodedata.category(character) in {"Cc", "Zl", "Zp"} for character in value):
            raise PackageRecordRefused(record=number, family=family, rule="control_character", item=name)
    return join(values)


def _datapackage(
    files: Mapping[str, bytes],
    tables: Mapping[str, Mapping[str, Any]],
    records: Sequence[Record],
    descriptor: Descriptor,
    layout: str,
) -> bytes:
    described = {
        "name": f"{descriptor.municipality}-{descriptor.serial:08d}",
        "resources": [_resource(family, files[family], tables[family]) for family in FAMILIES],
        "renkei": {
            "layout_version": layout,
            "municipality": descriptor.municipality,
            "counterparty": descriptor.counterparty,
            "business_date": descriptor.business_date.isoformat(),
            "serial": descriptor.serial,
            "sealed_at": descriptor.sealed_at.isoformat(timespec="seconds"),
            "previous": descriptor.previous,
            "records": len(records),
            "counts": count(records),
            "register_totals": descriptor.register_totals,
            "trail_head": {"number": descriptor.trail_head_number, "hash": descriptor.trail_head_hash},
        },
    }
    return exchange_form(described)


def _resource(family: str, content: bytes, table: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": family,
        "path": f"{family}.csv",
        "type": "table",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": table,
    }


def _zip(entries: Mapping[str, bytes]) -> bytes:
    """Return a ZIP of stored entries whose every header field is fixed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED, allowZip64=False) as archive:
        for name, content in entries.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = _UNIX
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


def _store(path: Path, content: bytes) -> None:
    """Write a file that nobody else reads, whole or not at all."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise PackageUnwritable(reason=_name(error)) from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink(missing_ok=True)
        raise PackageUnwritable(reason=_name(error)) from None


def _name(error: OSError) -> str:
    """Return `ENOSPC` and the like: the text of the system may quote a path."""
    return errno.errorcode.get(error.errno or 0, "OSError")
