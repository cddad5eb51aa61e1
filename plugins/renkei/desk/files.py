"""Files that a person may open: found through the ledger's number, never by joining a path that somebody typed."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from renkei.errors import ReportDamaged, ReportUnknown
from renkei.ledger import Tx
from renkei.ledger.tables import AuditBundle, ReportRow, Worklist

MEDIA = {
    "html": "text/html; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept file: its name, its kind of content, its bytes as they were written, their digest."""

    name: str
    media: str
    content: bytes
    sha256: str


def report_row(tx: Tx, number: int) -> ReportRow:
    """Return a report by its number; raises `ReportUnknown`."""
    row = tx.session.get(ReportRow, number)
    if row is None:
        raise ReportUnknown(report=number)
    return row


def reports_of_run(tx: Tx, kind: str, run_id: str) -> list[ReportRow]:
    """Return the reports of one run, newest first."""
    query = select(ReportRow).where(ReportRow.kind == kind, ReportRow.run_id == run_id)
    return list(tx.session.scalars(query.order_by(ReportRow.id.desc())))


def report_file(tx: Tx, home: Path, number: int, form: str) -> Kept:
    """Return one form of a report, proven to be as it was written.

    Raises `ReportUnknown` for a number or form that there is not, `ReportDamaged` where the bytes have changed.
    """
    row = report_row(tx, number)
    path = {"html": row.path_html, "csv": row.path_csv, "json": row.path_json, "zip": row.path_zip}.get(form)
    if path is None:
        raise ReportUnknown(report=number)
    return _kept(home / path, form, str(row.sha256.get(form, "")))


def bundles(tx: Tx) -> list[AuditBundle]:
    """Return the bundles for auditors, newest first."""
    return list(tx.session.scalars(select(AuditBundle).order_by(AuditBundle.id.desc()).limit(120)))


def bundle_file(tx: Tx, home: Path, number: int) -> Kept:
    """Return a bundle, proven to be as it was written; raises as `report_file`."""
    row = tx.session.get(AuditBundle, number)
    if row is None:
        raise ReportUnknown(report=number)
    return _kept(home / row.path, "zip", row.sha256)


def worklist_file(tx: Tx, home: Path, number: int, form: str) -> Kept:
    """Return one form of a worklist, proven to be as it was written; raises as `report_file`."""
    row = tx.session.get(Worklist, number)
    if row is None or form not in row.sha256:
        raise ReportUnknown(report=number)
    amended = f"-a{row.amendment}" if row.amendment else ""
    name = f"worklist-{row.business_date.isoformat()}{amended}.{form}"
    return _kept(home / row.folder / name, form, str(row.sha256[form]))


def worklists(tx: Tx) -> list[Worklist]:
    """Return the worklists, newest first."""
    return list(tx.session.scalars(select(Worklist).order_by(Worklist.id.desc()).limit(366)))


def _kept(path: Path, form: str, sha256: str) -> Kept:
    try:
        content = path.read_bytes()
    except OSError:
        raise ReportDamaged(name=path.name) from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ReportDamaged(name=path.name)
    return Kept(path.name, MEDIA[form], content, sha256)
