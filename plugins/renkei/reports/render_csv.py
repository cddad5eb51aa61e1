"""The report as one flat table that Excel opens with its Japanese intact.

Columns: section, key, label_ja, label_en, value. UTF-8 with BOM, CRLF. Counts, dates and codes stand alone in
`value`; a label or state stands as code and both languages.
"""

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from renkei.clock import in_tokyo
from renkei.reports.headline import headline
from renkei.reports.model import (
    AgencyEquation,
    Answer,
    BehindGroup,
    CategoryTotal,
    ClassCount,
    CodeCount,
    ExtractFile,
    HistoryDay,
    InboundDay,
    InboundFile,
    Label,
    LateNotice,
    LegalReference,
    NoticeEquation,
    OpenClass,
    PlannedGroup,
    ReasonCount,
    Reconciliation,
    RefusedRecord,
    RegistryEquation,
    RunReport,
    SentFile,
    SentTotals,
    StatusTotal,
    Wait,
    WorklistFile,
)
from renkei.reports.phrases import Phrase, field_label, phrase, spoken

COLUMNS = ("section", "key", "label_ja", "label_en", "value")
_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")  # Excel in Japanese takes the full-width signs for the same

# What tells one member of a list from the others: (key, label). Members without an entry are numbered.
_OWN: dict[type, Callable[[Any], tuple[str, object]]] = {
    ReasonCount: lambda it: (f"{it.family}.{it.reason.code}", _joined(spoken(it.family), spoken(it.reason))),
    CodeCount: lambda it: (it.code.code, it.code),
    PlannedGroup: lambda it: (it.due_date.isoformat(), it.due_date),
    BehindGroup: lambda it: (str(it.open_item), it.open_item),
    CategoryTotal: lambda it: (it.category.code, it.category),
    ExtractFile: lambda it: (it.name, it.name),
    LegalReference: lambda it: (it.flow, it.ja),
    SentFile: lambda it: (f"{it.serial:08d}", f"{it.serial:08d}"),
    Answer: lambda it: (f"{it.serial:08d}", f"{it.serial:08d}"),
    RefusedRecord: lambda it: (str(it.record), it.record),
    LateNotice: lambda it: (f"{it.serial:08d}.{it.record}", f"{it.serial:08d}-{it.record}"),
    Wait: lambda it: (str(it.open_item), it.open_item),
    HistoryDay: lambda it: (it.day.isoformat(), it.day),
    InboundFile: lambda it: (f"{it.serial:08d}", f"{it.serial:08d}"),
    ClassCount: lambda it: (it.notice_class.code, it.notice_class),
    OpenClass: lambda it: (it.notice_class.code, it.notice_class),
    WorklistFile: lambda it: (f"{it.business_date.isoformat()}.{it.amendment}", it.business_date),
    StatusTotal: lambda it: (it.status, it.status),
    SentTotals: lambda it: (f"{it.serial:08d}", f"{it.serial:08d}"),
    InboundDay: lambda it: (it.day.isoformat(), it.day),
}
# A member that is one number with its label gives one line instead of one per field.
_ONE_NUMBER = (ReasonCount, CodeCount, PlannedGroup, BehindGroup, ClassCount)
_EQUATIONS = (AgencyEquation, NoticeEquation, RegistryEquation, SentTotals)


@dataclass(frozen=True, slots=True)
class _Line:
    key: tuple[str, ...]
    label: Phrase
    value: str


def safe(value: str) -> str:
    """Return a value that a spreadsheet shows and does not calculate, by an apostrophe before it."""
    return f"'{value}" if value.startswith(_FORMULA_STARTS) else value


def render_csv(report: RunReport | Reconciliation) -> bytes:
    """Return the report as CSV; the same report gives the same bytes."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in _lines_of_report(report):
        section, *rest = line.key
        cells = (section, ".".join(rest), line.label.ja, line.label.en, line.value)
        writer.writerow([safe(cell) for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def _lines_of_report(report: RunReport | Reconciliation) -> Iterator[_Line]:
    for number, sentence in enumerate(headline(report).sentences, 1):
        yield _Line(("headline", str(number)), phrase("section.headline"), str(sentence))
    yield from _lines(report, (), Phrase("", ""))


def _lines(part: Any, key: tuple[str, ...], label: Phrase) -> Iterator[_Line]:  # noqa: ANN401 -- any class of the model
    cls = type(part)
    for field in fields(part):
        value = getattr(part, field.name)
        here, called = (*key, field.name), _joined(label, field_label(cls, field.name))
        if isinstance(value, tuple) and value and is_dataclass(value[0]):
            yield from _members(value, here, called)
        elif is_dataclass(value) and not isinstance(value, Label):
            yield from _lines(value, here, called)
        else:
            yield _Line(here, called, _cell(value))
    if isinstance(part, _EQUATIONS):
        yield _Line((*key, "closes"), _joined(label, phrase("equation.closes_label")), _cell(part.closes))


def _members(members: tuple[Any, ...], key: tuple[str, ...], label: Phrase) -> Iterator[_Line]:
    for number, member in enumerate(members, 1):
        own = _OWN.get(type(member))
        name, called = own(member) if own else (str(number), number)
        here, full = (*key, name), _joined(label, spoken(called))
        if isinstance(member, _ONE_NUMBER):
            yield _Line(here, full, _cell(member.count))
        else:
            yield from _lines(member, here, full)


def _joined(left: Phrase, right: Phrase) -> Phrase:
    return Phrase(*(" › ".join(filter(None, pair)) for pair in ((left.ja, right.ja), (left.en, right.en))))


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case Label():
            return f"{value.code} {spoken(value)}"
        case StrEnum():
            return f"{value.value} {spoken(value)}"
        case bool():
            return str(value).lower()
        case datetime():
            return in_tokyo(value).isoformat()
        case date():
            return value.isoformat()
        case tuple():
            return " ".join(str(member) for member in value)
    return str(value)
