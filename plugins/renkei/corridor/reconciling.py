"""Writes the reconciliation of an agency run's day, and of a month."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from renkei.corridor.house import House
from renkei.corridor.locks import REPORTS, one_at_a_time
from renkei.corridor.reconciliation_data import reconciliation
from renkei.corridor.reporting import keep, next_attempt
from renkei.reports import model

AGENCY: Final = "agency_notices"
MONTHLY: Final = "monthly_reconciliation"


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Where a reconciliation stands (paths relative to the home), and what needs a person.

    `gap` is the first missing serial of the agency, `gap_days` since when; `quarantined` counts files.
    """

    first: date
    last: date
    html: str
    csv: str
    json: str
    taken_in: int
    open: int
    quarantined: int
    gap: int | None
    gap_days: int

    def facts(self) -> dict[str, Any]:
        """Return references and counts, fit for an XCom."""
        return {
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "html": self.html,
            "csv": self.csv,
            "json": self.json,
            "taken_in": self.taken_in,
            "open": self.open,
            "quarantined": self.quarantined,
            "gap": self.gap,
        }


def write_agency_report(house: House, day: date, run_id: str) -> Reconciled:
    """Write the report of one run of `agency_notices`; a rerun adds a report and never replaces one."""
    return _write(house, AGENCY, model.Period(model.Scope.RUN, day, day), run_id)


def write_monthly_reconciliation(house: House, day: date, run_id: str) -> Reconciled:
    """Write the reconciliation of the month of a day, up to that day's month's end."""
    last = day.replace(day=monthrange(day.year, day.month)[1])
    return _write(house, MONTHLY, model.Period(model.Scope.MONTH, day.replace(day=1), last), run_id)


def _write(house: House, kind: str, period: model.Period, run_id: str) -> Reconciled:
    with one_at_a_time(house, "reports", REPORTS):
        with house.ledger.reading() as tx:
            attempt = next_attempt(tx, kind, period.last, run_id)
            report = reconciliation(house, tx, period, run_id, attempt)
        paths = keep(house, kind, report, run_id)
    return Reconciled(
        first=period.first,
        last=period.last,
        taken_in=report.movement.taken_in,
        open=sum(line.count for line in report.open),
        quarantined=sum(file.state is model.InboundState.QUARANTINED for file in report.files),
        gap=report.gap.serial if report.gap else None,
        gap_days=report.gap.age_days if report.gap else 0,
        **paths,
    )
