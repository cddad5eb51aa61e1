"""The steps that a DAG, the command line and the tests call, by one name each.

Each is imported when it is first called for: Airflow reads a DAG file every few seconds and runs no step then.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from renkei.corridor.acknowledging import Acknowledged, acknowledge_agency_files
    from renkei.corridor.agency_alarms import check_agency_run
    from renkei.corridor.agency_fetch import Fetched, fetch_agency_files
    from renkei.corridor.agency_intake import TakenIn, check_agency_gap, take_in_agency_files
    from renkei.corridor.agency_matching import Matching, match_agency_notices
    from renkei.corridor.agency_worklist import Listed, write_worklist
    from renkei.corridor.asking import Asked, answer_to, ask_for
    from renkei.corridor.days import Sealing, request, seal_requested_days
    from renkei.corridor.delivery import Publishing, publish_sealed_files
    from renkei.corridor.exporting import Exported, export_audit, last_month
    from renkei.corridor.proving import seal_and_prove
    from renkei.corridor.receipts import Receipts, take_in_receipts
    from renkei.corridor.reconciling import Reconciled, write_agency_report, write_monthly_reconciliation
    from renkei.corridor.reporting import Reported, days_of, write_run_report, write_run_reports

__all__ = [
    "Acknowledged",
    "Asked",
    "Exported",
    "Fetched",
    "Listed",
    "Matching",
    "Publishing",
    "Receipts",
    "Reconciled",
    "Reported",
    "Sealing",
    "TakenIn",
    "acknowledge_agency_files",
    "answer_to",
    "ask_for",
    "check_agency_gap",
    "check_agency_run",
    "days_of",
    "export_audit",
    "fetch_agency_files",
    "last_month",
    "match_agency_notices",
    "publish_sealed_files",
    "request",
    "seal_and_prove",
    "seal_requested_days",
    "take_in_agency_files",
    "take_in_receipts",
    "write_agency_report",
    "write_monthly_reconciliation",
    "write_run_report",
    "write_run_reports",
    "write_worklist",
]

_ROOMS: Final = {
    "asking": ("Asked", "answer_to", "ask_for"),
    "acknowledging": ("Acknowledged", "acknowledge_agency_files"),
    "agency_alarms": ("check_agency_run",),
    "agency_fetch": ("Fetched", "fetch_agency_files"),
    "agency_intake": ("TakenIn", "check_agency_gap", "take_in_agency_files"),
    "agency_matching": ("Matching", "match_agency_notices"),
    "agency_worklist": ("Listed", "write_worklist"),
    "days": ("Sealing", "request", "seal_requested_days"),
    "exporting": ("Exported", "export_audit", "last_month"),
    "proving": ("seal_and_prove",),
    "delivery": ("Publishing", "publish_sealed_files"),
    "receipts": ("Receipts", "take_in_receipts"),
    "reconciling": ("Reconciled", "write_agency_report", "write_monthly_reconciliation"),
    "reporting": ("Reported", "days_of", "write_run_report", "write_run_reports"),
}
_HOME: Final = {name: f"renkei.corridor.{room}" for room, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> Any:  # noqa: ANN401  each step has its own type, declared above
    if name not in _HOME:
        raise AttributeError(name)
    return getattr(import_module(_HOME[name]), name)
