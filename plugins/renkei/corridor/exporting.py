"""証跡を電磁的記録媒体に出力して保管: the trail of a period with its reports and manifests, signed, for auditors."""

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from renkei.clock import TOKYO
from renkei.corridor.house import House
from renkei.corridor.signing import signed_bundle
from renkei.errors import NothingToExport
from renkei.evidence import Bundle
from renkei.ledger import Tx
from renkei.ledger.columns import instant_text
from renkei.ledger.durable import private_folder, write_durably
from renkei.ledger.effects import Effect, performing
from renkei.ledger.states import Direction
from renkei.ledger.store import INPUTS
from renkei.ledger.tables import AuditBundle, File, ReportRow, Trail


@dataclass(frozen=True, slots=True)
class Exported:
    """A bundle that was written: its path relative to the home, digest, and the head of the trail in it."""

    path: str
    sha256: str
    rows: int
    head_number: int
    head_hash: str

    def facts(self) -> dict[str, Any]:
        """Return references, fit for an XCom."""
        return {"path": self.path, "sha256": self.sha256, "rows": self.rows, "head": self.head_number}


def export_audit(house: House, first: date, last: date) -> Exported:
    """Write the signed bundle of a period (business dates in Tokyo, both included); a rerun adds another.

    Raises `NothingToExport` for a period without a row, `EvidenceKeyMissing`, `KeyUnusable`.
    """
    with house.ledger.reading() as tx:
        rows = _rows(tx, first, last)
        if not rows:
            raise NothingToExport(first=first, last=last)
        files = {"trail.jsonl": "".join(_line(row) for row in rows).encode()}
        files |= _reports(house, tx, rows) | _manifests(house, tx, first, last)
        number = (tx.session.scalar(select(func.count()).select_from(AuditBundle)) or 0) + 1
        head = rows[-1]
    name = f"audit-{first.isoformat()}-{last.isoformat()}-{number}.zip"
    folder = private_folder(house.settings.evidence_dir)
    with performing(house.ledger, Effect.WRITE_BUNDLE, name, house.actor, rows=len(rows)) as done:
        made = signed_bundle(house, files)
        write_durably(folder / name, made.content)
        done(sha256=made.sha256)
    return _recorded(house, folder / name, made, first, last, head, len(rows))


def last_month(day: date) -> tuple[date, date]:
    """Return first and last day of the month of a day."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _rows(tx: Tx, first: date, last: date) -> list[Trail]:
    within = Trail.at.between(datetime.combine(first, time.min, TOKYO), datetime.combine(last, time.max, TOKYO))
    lowest = tx.session.scalar(select(func.min(Trail.number)).where(within))
    highest = tx.session.scalar(select(func.max(Trail.number)).where(within))
    if lowest is None or highest is None:
        return []
    # By number, not by clock: rows that lie between belong to the chain whatever clock they went by.
    numbers = Trail.number.between(lowest, highest)
    return list(tx.session.scalars(select(Trail).where(numbers).order_by(Trail.number)))


def _line(row: Trail) -> str:
    told = {
        "number": row.number,
        "previous_hash": row.previous_hash,
        "hash": row.hash,
        "at": instant_text(row.at),
        "actor": row.actor,
        "action": row.action,
        "subject": row.subject,
        "facts": row.facts,
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True) + "\n"


def _reports(house: House, tx: Tx, rows: list[Trail]) -> dict[str, bytes]:
    """Return the reports that the rows tell of."""
    named = {name for row in rows if row.action == "report.written" for name in json.loads(row.facts)["files"]}
    found = {}
    for row in tx.session.scalars(select(ReportRow)):
        for path in (row.path_html, row.path_csv, row.path_json):
            name = Path(path).name
            if name in named:
                found[f"reports/{name}"] = house.path(path).read_bytes()
    return found


def _manifests(house: House, tx: Tx, first: date, last: date) -> dict[str, bytes]:
    files = tx.session.scalars(
        select(File).where(
            File.direction == Direction.OUT, File.business_date.between(first, last), File.sealed_path.is_not(None)
        )
    )
    found = {}
    for file in files:
        inputs = house.path(file.sealed_path or "").with_name(INPUTS)
        if inputs.exists():
            found[f"manifests/{file.serial:08d}.json"] = inputs.read_bytes()
    return found


def _recorded(house: House, path: Path, made: Bundle, first: date, last: date, head: Trail, rows: int) -> Exported:
    done = Exported(house.relative(path), made.sha256, rows, head.number, head.hash)
    with house.ledger.transaction(actor=house.actor) as tx:
        tx.session.add(
            AuditBundle(
                first=first,
                last=last,
                path=done.path,
                sha256=done.sha256,
                rows=rows,
                head_number=head.number,
                head_hash=head.hash,
                written_at=tx.clock.now(),
            )
        )
        tx.trail("audit.exported", path.name, sha256=made.sha256, rows=rows, head=head.number)
    return done
