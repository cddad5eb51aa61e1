"""The extract's tables as schemas/registry/ lays them down, made ready for checking bytes and values.

The Frictionless Table Schemas are read once per run and turned into compiled columns: importing frictionless
costs more than a whole day's intake. A test proves that both judge the same rows alike.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import Any, Final

from renkei.dates import calendar_date, possible_date
from renkei.schemas import Schemas

KEY_WIDTH: Final = 10
"""Digits of a registry number; it stands first in residents.csv."""

# Standard 1.1.8: these may be days outside the calendar; the event date's own rule hangs on its reason.
_UNUSUAL_DATES: Final = frozenset(
    {
        "birth_date",
        "became_foreign_resident_date",
        "became_resident_date",
        "address_fixed_date",
        "event_date",
        "cancelled_event_date",
    }
)

REQUIRED_MISSING: Final = "required_missing"
VALUE_NOT_PERMITTED: Final = "value_not_permitted"
IMPOSSIBLE_DATE: Final = "impossible_date"

# Most columns hold few values again and again: each is judged once.
_REMEMBERED: Final = 1 << 12


@dataclass(frozen=True, slots=True)
class Column:
    """One column with its constraints; `date` is `calendar`, `unusual` or empty."""

    name: str
    title: str
    required: bool
    pattern: re.Pattern[str] | None
    enum: frozenset[str] | None
    max_length: int | None
    minimum: int | None
    date: str
    broken_rule: Callable[[str], str] = field(init=False, repr=False, compare=False)
    """Returns the id of the rule that a value breaks, or an empty text."""

    def __post_init__(self) -> None:
        """Remember verdicts by value."""
        object.__setattr__(self, "broken_rule", lru_cache(maxsize=_REMEMBERED)(self._broken_rule))

    @property
    def free_text(self) -> bool:
        """Whether a clerk may have typed anything here, a forbidden number included."""
        return self.pattern is None and self.enum is None and self.minimum is None

    def _broken_rule(self, value: str) -> str:
        if value == "":
            return REQUIRED_MISSING if self.required else ""
        if not self._permitted(value):
            return VALUE_NOT_PERMITTED
        if self.date == "unusual" and not possible_date(value):
            return IMPOSSIBLE_DATE
        if self.date == "calendar" and calendar_date(value) is None:
            return IMPOSSIBLE_DATE
        return ""

    def _permitted(self, value: str) -> bool:
        return (
            (self.enum is None or value in self.enum)
            and (self.pattern is None or self.pattern.fullmatch(value) is not None)
            and (self.max_length is None or len(value) <= self.max_length)
            and (self.minimum is None or (is_number(value) and int(value) >= self.minimum))
        )


def is_number(value: str) -> bool:
    """Tell whether a value is a whole number in plain digits, without sign or leading zero."""
    return value.isascii() and value.isdigit() and (value == "0" or value[0] != "0")


@dataclass(frozen=True)
class Table:
    """One file of the extract: its columns in order, its header line and the key that identifies a row."""

    file: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Column names in file order."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def values_of(self) -> Callable[[Mapping[str, str]], tuple[str, ...]]:
        """Return the values of a row, which may have further columns, in file order."""
        return itemgetter(*self.names)

    @cached_property
    def judges(self) -> tuple[Callable[[str], str], ...]:
        """The columns' `broken_rule`, in file order."""
        return tuple(column.broken_rule for column in self.columns)

    @cached_property
    def key_columns(self) -> tuple[Column, ...]:
        """The columns that place a row: without them it could not even be held."""
        return tuple(column for column in self.columns if column.name in (*self.key, "event_sequence"))

    @cached_property
    def header(self) -> bytes:
        """The header line with its line end."""
        return (",".join(self.names) + "\n").encode()

    def position(self, name: str) -> int:
        """Return where a column stands in a row, from 0."""
        return self.names.index(name)


@dataclass(frozen=True, slots=True)
class Layout:
    """The four tables of one layout version."""

    version: str
    residents: Table
    events: Table
    certificates: Table
    residence_reports: Table
    statuses: frozenset[str] = frozenset()
    """Every status of residence that the code list has ever had."""

    @classmethod
    def of(cls, schemas: Schemas, business_date: date) -> "Layout":
        """Read the layout in force on a business date (contract §8)."""
        version = schemas.layout_on(business_date, "registry")
        residents, events, certificates, reports = (
            _table(name, schemas.table("registry", version, name))
            for name in ("residents", "events", "certificates", "residence_reports")
        )
        statuses = frozenset(schemas.codes("statuses_of_residence"))
        return cls(version, residents, events, certificates, reports, statuses)

    @property
    def tables(self) -> tuple[Table, ...]:
        """All four, residents first."""
        return (self.residents, self.events, self.certificates, self.residence_reports)


def _table(name: str, schema: Mapping[str, Any]) -> Table:
    columns = tuple(_column(column) for column in schema["fields"])
    return Table(f"{name}.csv", columns, tuple(schema["primaryKey"]))


def _column(schema: Mapping[str, Any]) -> Column:
    limits = schema.get("constraints", {})
    name = schema["name"]
    is_date = name.endswith(("_date", "_expiry"))
    return Column(
        name=name,
        title=schema.get("title", name),
        required=bool(limits.get("required")),
        pattern=re.compile(limits["pattern"]) if "pattern" in limits else None,
        enum=frozenset(limits["enum"]) if "enum" in limits else None,
        max_length=limits.get("maxLength"),
        minimum=limits.get("minimum", 0) if schema["type"] == "integer" else None,
        date=("unusual" if name in _UNUSUAL_DATES else "calendar") if is_date else "",
    )
