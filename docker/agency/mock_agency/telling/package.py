"""Builds the package of an agency file: two stored entries, sorted JSON, CSV to the letter (schemas/README.md)."""

import hashlib
import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mock_agency.csvtext import quote
from mock_agency.schemas import LAYOUT
from mock_agency.telling.rows import Form, Row

DESCRIPTOR: Final = "datapackage.json"
NOTICES: Final = "agency_notices.csv"
DAY: Final = (1980, 1, 1, 0, 0, 0)
UNIX, REGULAR = 3, 0o100644
Entries = Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Head:
    """What the descriptor says of the file as a whole."""

    municipality: str
    counterparty: str
    serial: int
    sealed_at: str
    previous: str | None
    register_totals: dict[str, Any]


def zipped(entries: Entries) -> bytes:
    """Return a ZIP of the agreed form."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED, allowZip64=False) as archive:
        for name, data in entries:
            entry = zipfile.ZipInfo(name, DAY)
            entry.create_system, entry.external_attr = UNIX, REGULAR << 16
            archive.writestr(entry, data)
    return buffer.getvalue()


def nothing(_document: dict[str, Any]) -> None:
    """Leave a descriptor as it is."""


@dataclass(frozen=True, slots=True)
class Spoilt:
    """What a hostile file does to a good package: to its table, its descriptor, its ZIP."""

    table: Callable[[bytes], bytes] = bytes
    document: Callable[[dict[str, Any]], object] = nothing
    zipped: Callable[[Entries], bytes] = zipped


GOOD: Final = Spoilt()


def build(form: Form, head: Head, rows: Sequence[Row], spoilt: Spoilt) -> bytes:
    """Return the package; the same head and rows give the same bytes."""
    data = spoilt.table(table(form, rows))
    document = descriptor(form, head, rows, data)
    spoilt.document(document)
    text = json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    return spoilt.zipped([(DESCRIPTOR, text.encode()), (NOTICES, data)])


def table(form: Form, rows: Sequence[Row]) -> bytes:
    """Return `agency_notices.csv`."""
    lines = [",".join(form.columns), *(",".join(quote(row[name]) for name in form.columns) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def descriptor(form: Form, head: Head, rows: Sequence[Row], data: bytes) -> dict[str, Any]:
    """Return `datapackage.json` as an object."""
    return {
        "name": f"{head.municipality}-{head.serial:08d}",
        "resources": [
            {
                "name": "agency_notices",
                "path": NOTICES,
                "bytes": len(data),
                "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
                "schema": form.table,
            }
        ],
        "renkei": {
            "kind": "agency_file",
            "layout_version": LAYOUT,
            "municipality": head.municipality,
            "counterparty": head.counterparty,
            "serial": head.serial,
            "sealed_at": head.sealed_at,
            "previous": head.previous,
            "records": len(rows),
            "counts": {"agency_notices": dict(Counter(row["action"] for row in rows))},
            "register_totals": head.register_totals,
        },
    }
