"""Writes the report of a run: its day as the ledger has it now, once per run and attempt."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select

from renkei.corridor.house import House
from renkei.corridor.locks import REPORTS, one_at_a_time
from renkei.corridor.report_data import run_report
from renkei.corridor.signing import signed_bundle
from renkei.ledger import Tx
from renkei.ledger.durable import write_durably
from renkei.ledger.effects import Effect, performing
from renkei.ledger.states import DayState, Direction, FileState, Outcome
from renkei.ledger.tables import Day, File, ReportRow
from renkei.reports.model import Reconciliation, RunReport
from renkei.reports.write import WrittenReport, write_once

MUNICIPAL: Final = "municipal_notices"
"""Kind of the reports of a business day out."""


@dataclass(frozen=True, slots=True)
class Reported:
    """Where the report of a day stands (paths relative to the home), and whether the day is done."""

    business_date: date
    delivered: bool
    html: str
    csv: str
    json: str

    def facts(self) -> dict[str, Any]:
        """Return references, fit for an XCom."""
        return {
            "business_date": self.business_date.isoformat(),
            "delivered": self.delivered,
            "html": self.html,
            "csv": self.csv,
            "json": self.json,
        }


def days_of(sealed: Mapping[str, Any] | None) -> set[date]:
    """Return the days that a `Sealing.facts()` names; none where the step did not come that far."""
    return {date.fromisoformat(day) for day in (sealed or {}).get("days", [])}


def write_run_reports(house: House, business_date: date, others: Iterable[date], run_id: str) -> Reported:
    """Write the report of the run's own day, and of every other day that it sealed; return the own day's."""
    for day in sorted(set(others) - {business_date}):
        write_run_report(house.on(day), day, run_id)
    return write_run_report(house, business_date, run_id)


def write_run_report(house: House, day: date, run_id: str) -> Reported:
    """Write one day's report as HTML, CSV and JSON; a rerun adds a report and never replaces one."""
    with one_at_a_time(house, "reports", REPORTS):
        return _write(house, day, run_id)


def _write(house: House, day: date, run_id: str) -> Reported:
    with house.ledger.reading() as tx:
        attempt = next_attempt(tx, MUNICIPAL, day, run_id)
        report = run_report(house, tx, day, run_id, attempt)
        delivered = is_delivered(tx, day)
    paths = keep(house, MUNICIPAL, report, run_id)
    return Reported(day, delivered, paths["html"], paths["csv"], paths["json"])


def next_attempt(tx: Tx, kind: str, day: date, run_id: str) -> int:
    """Return the number of the next report of a run: from 1."""
    before = select(func.max(ReportRow.attempt)).where(
        ReportRow.kind == kind, ReportRow.run_id == run_id, ReportRow.business_date == day
    )
    return (tx.session.scalar(before) or 0) + 1


def keep(house: House, kind: str, report: RunReport | Reconciliation, run_id: str) -> dict[str, str]:
    """Write a report's three files and put them on record; return their paths relative to the home, by kind of file."""
    day, attempt = report.head.business_date, report.head.attempt
    with performing(house.ledger, Effect.WRITE_REPORT, day.isoformat(), house.actor, attempt=attempt) as done:
        written = write_once(report, house.settings.reports_dir)
        bundle = _bundled(house, written)
        done(files=dict(written.sha256))
    paths = {name: house.relative(getattr(written, name)) for name in ("html", "csv", "json")}
    with house.ledger.transaction(actor=house.actor) as tx:
        tx.session.add(
            ReportRow(
                kind=kind,
                business_date=day,
                run_id=run_id,
                attempt=attempt,
                path_html=paths["html"],
                path_csv=paths["csv"],
                path_json=paths["json"],
                path_zip=house.relative(bundle[0]) if bundle else None,
                sha256={
                    **{name: written.sha256[getattr(written, name).name] for name in paths},
                    **({"zip": bundle[1]} if bundle else {}),
                },
                written_at=tx.clock.now(),
            )
        )
        tx.trail("report.written", day.isoformat(), kind=kind, attempt=attempt, files=dict(written.sha256))
    return paths


def _bundled(house: House, written: WrittenReport) -> tuple[Path, str] | None:
    """Write the three forms as one signed ZIP beside them, where the site has an evidence key."""
    if not house.settings.evidence_fingerprint:
        return None
    made = signed_bundle(house, {path.name: path.read_bytes() for path in (written.html, written.csv, written.json)})
    path = written.json.with_suffix(".zip")
    write_durably(path, made.content)
    return path, made.sha256


def is_delivered(tx: Tx, day: date) -> bool:
    """Tell whether a day is done: waived, or sealed and every file of it receipted and not refused whole."""
    row = tx.session.get(Day, day)
    if row is None or row.state not in {DayState.SEALED, DayState.WAIVED}:
        return False
    files = tx.session.scalars(select(File).where(File.direction == Direction.OUT, File.business_date == day)).all()
    return all(file.state is FileState.RECEIPTED and file.outcome is not Outcome.REFUSED for file in files)
