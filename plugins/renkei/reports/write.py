"""Writes a report once: three files per run and attempt, never replaced."""

import errno
import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from renkei.errors import ReportUnwritten
from renkei.reports.model import Reconciliation, RunReport, Scope
from renkei.reports.render_csv import render_csv
from renkei.reports.render_html import render_html
from renkei.reports.render_json import render_json

_TEMPORARY = ".tmp-"
_LEFT_OVER_AFTER = 3600.0  # seconds; a file is written in a moment, so an older temporary one is a crash's


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """Where a report stands.

    Attributes:
        html: path of the page.
        csv: path of the table.
        json: path of the JSON.
        sha256: digest by file name.
    """

    html: Path
    csv: Path
    json: Path
    sha256: Mapping[str, str]


def write_once(report: RunReport | Reconciliation, reports_dir: Path) -> WrittenReport:
    """Write the report as JSON, CSV and HTML, in this order, whole or not at all, and fsync them.

    The name is business date (`agency-` before it, or `month-` and the month), digest of the run reference and
    attempt; where it is taken, a number follows, so that a rerun adds files and replaces none. Folder 0700, files 0600.

    Raises:
        ReportUnwritten: with file name and kind of the fault; what was written before stays.
    """
    views = {"json": render_json(report), "csv": render_csv(report), "html": render_html(report)}
    stem = _stem(report)
    try:
        reports_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        for number in count(1):
            names = {kind: f"{stem}{'' if number == 1 else f'-{number}'}.{kind}" for kind in views}
            if any((reports_dir / name).exists() for name in names.values()):
                continue
            if _written(reports_dir, {names[kind]: content for kind, content in views.items()}):
                break
        _sync(reports_dir)
    except OSError as fault:
        raise ReportUnwritten(name=stem, reason=errno.errorcode.get(fault.errno or 0, "?")) from None
    paths = {kind: reports_dir / name for kind, name in names.items()}
    digests = {names[kind]: hashlib.sha256(content).hexdigest() for kind, content in views.items()}
    return WrittenReport(**paths, sha256=digests)


def _stem(report: RunReport | Reconciliation) -> str:
    run = hashlib.sha256(report.head.run_reference.encode()).hexdigest()[:12]
    day = report.head.business_date.isoformat()
    if isinstance(report, Reconciliation):
        day = f"month-{day[:7]}" if report.period.scope is Scope.MONTH else f"agency-{day}"
    return f"{day}-{run}-{report.head.attempt}"


def _written(folder: Path, contents: Mapping[str, bytes]) -> bool:
    """Write all files; False where another writer took the first name in the meantime."""
    for position, (name, content) in enumerate(contents.items()):
        handle, temporary = tempfile.mkstemp(prefix=_TEMPORARY, dir=folder)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            if position == 0:
                _sweep(folder, beside=Path(temporary))
            os.link(temporary, folder / name)  # refuses a name that is taken, and shows the file whole
        except FileExistsError:
            if position == 0:
                return False
            raise
        finally:
            Path(temporary).unlink(missing_ok=True)
    return True


def _sweep(folder: Path, *, beside: Path) -> None:
    """Remove what a crash left, by the folder's own clock."""
    present = beside.stat().st_mtime
    for left in folder.glob(f"{_TEMPORARY}*"):
        try:
            if present - left.stat().st_mtime > _LEFT_OVER_AFTER:
                left.unlink()
        except FileNotFoundError:  # another writer removed it
            continue


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
