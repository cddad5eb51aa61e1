"""Writes the day's worklist: what is open, whatever the notice's date, once; what changed since is an amendment."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select

from renkei.corridor.agency_base import base_of, proven
from renkei.corridor.agency_lines import Lines
from renkei.corridor.house import House
from renkei.corridor.locks import WORKLISTS, one_at_a_time
from renkei.ledger import Tx
from renkei.ledger.effects import Effect, performing
from renkei.ledger.states import OpenState
from renkei.ledger.tables import AgencyNotice
from renkei.ledger.tables import Worklist as WorklistRow
from renkei.schemas import Schemas
from renkei.worklist import Worklist, csv_bytes, sheets, workbook_bytes, write_once


@dataclass(frozen=True, slots=True)
class Listed:
    """A day's worklist: amendment, lines, its CSV (path from the home), and whether this call wrote it."""

    business_date: date
    amendment: int
    lines: int
    csv: str
    written: bool

    def facts(self) -> dict[str, Any]:
        """Return references and counts, fit for an XCom."""
        return {
            "business_date": self.business_date.isoformat(),
            "amendment": self.amendment,
            "lines": self.lines,
            "csv": self.csv,
            "written": self.written,
        }


def write_worklist(house: House, day: date) -> Listed:
    """Write the worklist of a business date as Excel, CSV and confirmation sheets; the same lines write nothing.

    Raises `NoBaseline`, `ProvenExtractChanged`, `WorklistUnwritten`.
    """
    with one_at_a_time(house, "worklists", WORKLISTS):
        with house.ledger.reading() as tx:
            there = _rows(tx, day)
            worklist = _worklist(house, tx, day)
        content = csv_bytes(worklist, house.schemas)
        if there and _same(there[-1], content):
            return _listed(day, there[-1], written=False)
        return _write(house, day, there, worklist)


def _write(house: House, day: date, there: Sequence[WorklistRow], worklist: Worklist) -> Listed:
    amendment = there[-1].amendment + 1 if there else 0
    folder, last = house.settings.worklists_dir, there[-1] if there else None
    with performing(house.ledger, Effect.WRITE_WORKLIST, day.isoformat(), house.actor) as done:
        while True:
            # A number that a killed writer spent on other lines is left to what it wrote.
            numbered = _numbered(worklist, amendment, last)
            written = write_once(folder, _files(numbered, house.schemas))
            if written is not None:
                break
            amendment += 1
        done(files=written, lines=len(worklist.lines))
    with house.ledger.transaction(actor=house.actor) as tx:
        row = WorklistRow(
            business_date=day,
            amendment=amendment,
            amends=last.id if last else None,
            lines=len(worklist.lines),
            folder=house.relative(folder),
            sha256={name.rpartition(".")[2]: digest for name, digest in written.items()},
            written_at=tx.clock.now(),
        )
        tx.session.add(row)
        facts = {"amendment": amendment, "lines": len(worklist.lines), "files": written}
        tx.tell("worklist.written", day.isoformat(), facts)
    return _listed(day, row, written=True)


def _worklist(house: House, tx: Tx, day: date) -> Worklist:
    base = base_of(house, tx, day)
    query = select(AgencyNotice).where(AgencyNotice.state == OpenState.OPEN, AgencyNotice.notice_class.is_not(None))
    rows = tx.session.scalars(query.order_by(AgencyNotice.serial, AgencyNotice.record_number)).all()
    lines = Lines(house.schemas, day)
    if rows:
        with proven(base):
            made = [lines.of(row, base.find(row.registry_number) if row.registry_number else None) for row in rows]
    else:
        made = []
    ordered = sorted(made, key=lambda line: (lines.rank(line), line.serial, line.record))
    return Worklist(day, house.settings.municipality, base.name, tuple(ordered))


def _numbered(worklist: Worklist, amendment: int, last: WorklistRow | None) -> Worklist:
    amends = replace(worklist, amendment=last.amendment).name if last else ""
    return replace(worklist, amendment=amendment, amends=amends)


def _files(worklist: Worklist, schemas: Schemas) -> Mapping[str, bytes]:
    return {
        f"{worklist.name}.html": sheets(worklist),
        f"{worklist.name}.xlsx": workbook_bytes(worklist, schemas),
        f"{worklist.name}.csv": csv_bytes(worklist, schemas),
    }


def _rows(tx: Tx, day: date) -> Sequence[WorklistRow]:
    query = select(WorklistRow).where(WorklistRow.business_date == day)
    return tx.session.scalars(query.order_by(WorklistRow.amendment)).all()


def _same(row: WorklistRow, csv: bytes) -> bool:
    return bool(row.sha256["csv"] == hashlib.sha256(csv).hexdigest())


def _listed(day: date, row: WorklistRow, *, written: bool) -> Listed:
    name = f"worklist-{day.isoformat()}{f'-a{row.amendment}' if row.amendment else ''}.csv"
    return Listed(day, row.amendment, row.lines, f"{row.folder}/{name}", written)
