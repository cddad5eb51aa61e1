"""What the registry keeps of each person: the record now, and what each event replaced."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from synthetic_registry.rows import Cancelled, Departure, Record

When = date | str
"""An event date, or its original wording where the standard lets it be unknown."""

NOWHERE = Departure()


class RegistryRuleError(Exception):
    """The registry was asked for something that its rules forbid (a fault of the caller)."""


def changed(record: Record, columns: Mapping[str, str]) -> Record:
    """The record with some columns changed, its number and history number aside."""
    if wrong := {"registry_number", "history_number"} & set(columns):
        raise RegistryRuleError(f"not to be changed: {', '.join(sorted(wrong))}")
    return record._replace(**columns)  # type: ignore[arg-type] # names are checked by _replace, codes by the layout


@dataclass(slots=True)
class Before:
    """What an event replaced, and what a cancellation has to name."""

    event: Cancelled
    departure: Departure
    record: Record | None = field(repr=False)
    living: bool
    leaves_on: date | None


@dataclass(slots=True)
class Person:
    """A person of the registry: the record after the last event, and the way back."""

    record: Record = field(repr=False)
    reason: str
    event_date: str
    living: bool
    leaves_on: date | None = None
    departure: Departure = NOWHERE
    undo: list[Before] = field(default_factory=list, repr=False)


@dataclass(frozen=True, slots=True)
class Day:
    """One closed business day: the CSV lines of its four files, without headers."""

    business_date: date
    residents: list[str] = field(repr=False)
    events: list[str] = field(repr=False)
    certificates: list[str] = field(repr=False)
    residence_reports: list[str] = field(repr=False)
