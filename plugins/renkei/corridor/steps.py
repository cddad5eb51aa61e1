"""The steps that a DAG, the command line and the tests call, by one name each."""

from renkei.corridor.days import Sealing, request, seal_requested_days
from renkei.corridor.delivery import Publishing, publish_sealed_files
from renkei.corridor.receipts import Receipts, take_in_receipts
from renkei.corridor.reporting import Reported, days_of, write_run_report, write_run_reports

__all__ = [
    "Publishing",
    "Receipts",
    "Reported",
    "Sealing",
    "days_of",
    "publish_sealed_files",
    "request",
    "seal_requested_days",
    "take_in_receipts",
    "write_run_report",
    "write_run_reports",
]
