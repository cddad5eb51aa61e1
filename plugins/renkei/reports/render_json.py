"""The report as JSON: `schemas/report/report-1.json` and `reconciliation-1.json` document every member."""

import json

from renkei.reports.model import Reconciliation, RunReport
from renkei.reports.plain import document


def render_json(report: RunReport | Reconciliation) -> bytes:
    """Return the report as UTF-8 JSON with sorted keys and one final LF."""
    return (json.dumps(document(report), ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()
