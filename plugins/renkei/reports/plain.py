"""The model taken apart into plain values, for the views that machines read."""

from dataclasses import fields
from datetime import date, datetime
from enum import Enum
from typing import Any

from renkei.clock import in_tokyo
from renkei.reports.headline import headline
from renkei.reports.model import AgencyEquation, NoticeEquation, Reconciliation, RegistryEquation, RunReport, SentTotals

REPORT_LAYOUT = "1"
_EQUATIONS = (AgencyEquation, NoticeEquation, RegistryEquation, SentTotals)

Plain = dict[str, "Plain"] | list["Plain"] | str | int | bool | None


def plain(value: Any) -> Plain:  # noqa: ANN401 -- any value of the model
    """Return a value of the model as JSON knows it: dates and instants (Asia/Tokyo) in ISO 8601."""
    if isinstance(value, Enum):
        return str(value.value)
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, datetime):
        return in_tokyo(value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [plain(member) for member in value]
    taken: dict[str, Plain] = {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, _EQUATIONS):
        taken["closes"] = value.closes
    return taken


def document(report: RunReport | Reconciliation) -> dict[str, Plain]:
    """Return the whole report as `schemas/report/report-1.json` or `reconciliation-1.json` describes it."""
    top = headline(report)
    taken = plain(report)
    if not isinstance(taken, dict):
        raise TypeError("a report is an object")
    sentences: list[Plain] = [{"en": sentence.en, "ja": sentence.ja} for sentence in top.sentences]
    return {
        "report_layout": REPORT_LAYOUT,
        "headline": {"tone": top.tone.name.lower(), "sentences": sentences},
        **taken,
    }
