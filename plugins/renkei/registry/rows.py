"""Rows of the extract as the rest of the library sees them: events, handovers, reports, and holds.

Every value stays the text of the file; numbers and dates are given beside it where the code needs them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from renkei.dates import calendar_date
from renkei.registry.layout import Layout

DELETED: Final = "deleted"
PLAN_CANCELLED: Final = "cancellation_increase"


@dataclass(frozen=True, slots=True)
class Hold:
    """A record held for its content: file, line, column and rule; whose it is never shows."""

    file: str
    line: int
    column: str
    rule: str
    registry_number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Event:
    """One row of events.csv (異動); `record` is the row of residents.csv that a living record then has."""

    line: int
    sequence: int
    registry_number: str = field(repr=False)
    history_number: int
    reason: str
    record_state: str
    event_date: date | None
    processing_date: date | None
    record: Mapping[str, str] = field(repr=False)
    row: Mapping[str, str] = field(repr=False)

    @property
    def deletes(self) -> bool:
        """Whether the record is deleted once the event has taken effect."""
        return self.record_state == DELETED

    @property
    def takes_effect(self) -> date | None:
        """Day of a deletion: the earlier of event date and arrival notice (standard 1.1.5); None: at once."""
        days = (self.event_date, calendar_date(self.row.get("arrival_notice_date", "")))
        return min((day for day in days if day is not None), default=None)

    def planned_on(self, business_date: date) -> bool:
        """Whether this is a deletion whose day is still to come."""
        return self.deletes and self.takes_effect is not None and self.takes_effect > business_date


@dataclass(frozen=True, slots=True)
class Handover:
    """One row of certificates.csv: a special permanent resident certificate handed over."""

    line: int
    handover_number: str
    registry_number: str = field(repr=False)
    row: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Report:
    """One row of residence_reports.csv: a residence report that came without an event."""

    line: int
    report_number: str
    registry_number: str = field(repr=False)
    row: Mapping[str, str] = field(repr=False)


def event_of(line: int, row: Mapping[str, str], layout: Layout) -> Event:
    """Return the event of a row whose key columns were checked."""
    record = {name: row[name] for name in layout.residents.names[:-1]}
    record[layout.residents.names[-1]] = row["event_reason"]
    return Event(
        line=line,
        sequence=int(row["event_sequence"]),
        registry_number=row["registry_number"],
        history_number=int(row["history_number"]),
        reason=row["event_reason"],
        record_state=row["record_state"],
        event_date=calendar_date(row["event_date"]),
        processing_date=calendar_date(row["processing_date"]),
        record=record,
        row=row,
    )


def handover_of(line: int, row: Mapping[str, str]) -> Handover:
    """Return the handover of a row whose key was checked."""
    return Handover(line, row["handover_number"], row["registry_number"], row)


def report_of(line: int, row: Mapping[str, str]) -> Report:
    """Return the report of a row whose key was checked."""
    return Report(line, row["report_number"], row["registry_number"], row)
