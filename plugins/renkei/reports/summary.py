"""The plain table at the end of `make run`: one line per business day."""

import unicodedata
from collections.abc import Iterable, Sequence

from renkei.reports.model import DaySummary
from renkei.reports.phrases import phrase, spoken

_COLUMNS = (
    "day",
    "serial",
    "counterparty",
    "a",
    "b",
    "c",
    "accepted",
    "refused",
    "held",
    "receipt",
    "report",
)
_NUMBERS = {"a", "b", "c", "accepted", "refused", "held"}
_NOTHING = "-"
_GAP = "  "


def width(text: str) -> int:
    """Return how many columns a terminal gives a text: two for a wide character, none for a combining one."""
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )


def summary_table(days: Iterable[DaySummary]) -> str:
    """Return the table: headings in both languages, columns aligned; no final line break."""
    headings = [phrase(f"summary.{column}") for column in _COLUMNS]
    rows = [[heading.ja for heading in headings], [heading.en for heading in headings]]
    rows += [_row(day) for day in days]
    widths = [max(width(row[place]) for row in rows) for place in range(len(_COLUMNS))]
    rule = _GAP.join("-" * wide for wide in widths)
    lines = [_line(row, widths) for row in rows]
    return "\n".join([str(phrase("summary.title")), "", *lines[:2], rule, *lines[2:]])


def _row(day: DaySummary) -> list[str]:
    counterparty = spoken(day.counterparty).ja if day.counterparty else _NOTHING
    return [
        day.business_date.isoformat(),
        _NOTHING if day.serial is None else f"{day.serial:08d}",
        counterparty,
        *(f"{number:,}" for number in (day.resident_records, day.residence_reports, day.certificates)),
        *(f"{number:,}" for number in (day.accepted, day.refused, day.held)),
        str(spoken(day.receipt)) if day.receipt else _NOTHING,
        str(day.report) if day.report else _NOTHING,
    ]


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = []
    for column, text, wide in zip(_COLUMNS, row, widths, strict=True):
        space = " " * (wide - width(text))
        cells.append(f"{space}{text}" if column in _NUMBERS else f"{text}{space}")
    return _GAP.join(cells).rstrip()
