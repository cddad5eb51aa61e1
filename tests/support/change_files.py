"""Records and a descriptor for change files: derived from invented persons, the same on every call."""

import io
import zipfile
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

from renkei.change_file import Descriptor, Record
from renkei.notices import Derived, derive, derive_handover
from renkei.schemas import Schemas
from tests.support.extracts import ExtractBuilder
from tests.support.notices import DAY, KEYS, WARD, Row, before, event

PREVIOUS = "ab" * 32


def descriptor(**changes: Any) -> Descriptor:
    """Return the descriptor of serial 7, but for what the test changes."""
    plain = Descriptor(
        municipality=WARD,
        counterparty="isa",
        business_date=date(2019, 4, 2),
        serial=7,
        sealed_at=datetime(2019, 4, 2, 23, 0, 0, tzinfo=timezone(timedelta(hours=9))),
        previous=PREVIOUS,
        register_totals={
            "residents": 2,
            "by_category": {"special_permanent": 1, "mid_to_long_term": 1},
            "by_status": {"留学": 1},
        },
        trail_head_number=41,
        trail_head_hash="cd" * 32,
    )
    return replace(plain, **changes)


def some_records(schemas: Schemas) -> list[Record]:
    """Return five records of all three families in the order of taking in: a, a, b, c, a."""
    site: dict[str, Any] = {"schemas": schemas, "keys": KEYS, "municipality": WARD, "business_date": DAY}
    address = '東京都新宿区百人町9番,"ハイツ大久保"201'
    notices: list[Derived] = [
        *derive(event("birth", registry_number="0000000002", history_number="1"), None, **site),
        *derive(event("move_within", address=address, card_presented="1"), before(), **site),
        *derive_handover(Row(ExtractBuilder(DAY).handover("0000000003").handovers[0]), **site),
        *derive(event("death", registry_number="0000000004", record_state="deleted"), before(), **site),
    ]
    assert {notice.state for notice in notices} == {"due"}
    return [record(notice) for notice in notices]


def record(notice: Derived, *, attempt: int = 1, supplement: bool = False) -> Record:
    """Return a derived notice as a record of a file."""
    return Record(notice.family, attempt, supplement, notice.content)


def entries(package: bytes) -> dict[str, bytes]:
    """Return the files of a package by their names, in their order."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
