"""Agency notices for the tests of the matching: made from a row of the registry, or put into the ledger directly.

told(row, "renewal", expiry_date="2024-06-30", card_number="AB12345678CD")   # the row's values are those before
put(site, told(…), told(…), day="2019-03-28")                               # one file of the agency, taken in
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from renkei.clock import TOKYO
from renkei.ledger.inbound import content_digest
from renkei.ledger.states import Direction, FileState, OpenState
from renkei.ledger.tables import AgencyNotice, File
from tests.support.site import Site

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = tuple(
    field["name"]
    for field in json.loads((ROOT / "schemas/exchange/layout-1/agency_notices.json").read_text(encoding="utf-8"))[
        "fields"
    ]
)
ITEMS = tuple(name for name in COLUMNS if f"{name}_before" in COLUMNS)
LOST = ("status_of_residence", "period_of_stay", "expiry_date", "card_number")
ACTIONS = {"item_correction": "correction", "status_loss": "loss", "departure": "loss", "refugee_end": "loss"}


def told(
    row: Mapping[str, str], reason: str = "renewal", *, more: Mapping[str, str] | None = None, **after: str
) -> dict[str, str]:
    """Return a notice about the person of a row: these items changed, all others stayed.

    `more` replaces single columns of the notice, those before among them. A loss empties what a loss empties.
    """
    content = dict.fromkeys(COLUMNS, "") | {"attempt": "1", "municipality": "131041", "event_date": "2019-03-26"}
    content |= {"reason": reason, "action": ACTIONS.get(reason, "change")}
    changed = dict.fromkeys(LOST, "") if content["action"] == "loss" else {}
    changed |= after
    for item in ITEMS:
        content[f"{item}_before"] = row[item]
        content[item] = changed.get(item, row[item])
    content |= more or {}
    seed = json.dumps(content, sort_keys=True).encode()
    return {**content, "notice_id": content["notice_id"] or hashlib.sha256(seed).hexdigest()[:32]}


def put(site: Site, *contents: Mapping[str, str], day: str = "2019-03-28", serial: int = 0) -> int:
    """Put one file of the agency with these notices into the ledger, as its taking in does; return its serial."""
    with site.house(day) as house, house.ledger.transaction(actor="test") as tx:
        number = serial or 1 + len(tx.session.query(File).filter_by(direction=Direction.IN).all())
        sealed = datetime.fromisoformat(f"{day}T22:00:00").replace(tzinfo=TOKYO)
        digest, package = (hashlib.sha256(f"{word} {number}".encode()).hexdigest() for word in ("sealed", "package"))
        stored = (
            house.settings.inbound_dir / f"{number:08d}-{digest[:12]}" / f"{site.municipality}-{number:08d}.zip.pgp"
        )
        stored.parent.mkdir(mode=0o700, parents=True)
        for path in (stored, stored.with_suffix(".signed")):
            path.write_text(f"sealed {number}")
        tx.session.add(
            File(
                direction=Direction.IN,
                municipality=site.municipality,
                serial=number,
                counterparty="moj",
                state=FileState.INGESTED,
                package_sha256=package,
                sealed_sha256=digest,
                sealed_path=house.relative(stored),
                records=len(contents),
                business_date=date.fromisoformat(day),
                sealed_at=sealed,
                seen_at=sealed,
            )
        )
        for record, content in enumerate(contents, 1):
            tx.session.add(row_of(number, record, content, day))
        tx.trail("agency_file.ingested", f"{number:08d}", sealed=digest, package=package, signed=digest)
    return number


def row_of(serial: int, record: int, content: Mapping[str, str], day: str) -> AgencyNotice:
    """Return the ledger's row of a notice that was just taken in."""
    row: dict[str, Any] = {**content, "record_number": str(record)}
    return AgencyNotice(
        serial=serial,
        record_number=record,
        notice_id=row["notice_id"],
        attempt=int(row["attempt"]),
        action=row["action"],
        reason=row["reason"],
        event_date=row["event_date"],
        content=row,
        content_sha256=content_digest(row),
        since=date.fromisoformat(day),
        state=OpenState.OPEN,
    )


def notices(site: Site) -> list[AgencyNotice]:
    """Return the ledger's agency notices in the order of taking in."""
    return sorted(site.rows(AgencyNotice), key=lambda row: (row.serial, row.record_number))


def classes(site: Site) -> dict[tuple[int, int], str]:
    """Return the class of every notice by serial and record."""
    return {(row.serial, row.record_number): str(row.notice_class) for row in notices(site)}
