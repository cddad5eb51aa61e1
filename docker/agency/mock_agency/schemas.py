"""The contracts as data: layouts, codes, reasons, articles and items, read from `schemas/` and effective-dated."""

import csv
import json
import re
import tomllib
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from mock_agency.clock import TOKYO, read_instant

FAMILIES = ("resident_records", "residence_reports", "certificates")
LAYOUT = "1"


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a Table Schema with the constraints that the layouts use."""

    name: str
    type: str
    required: bool
    pattern: re.Pattern[str] | None
    enum: frozenset[str] | None
    longest: int | None
    minimum: int | None


def in_force(entry: dict[str, Any], day: date) -> bool:
    """Tell whether an effective-dated entry holds on a day: from `valid_from` up to, not including, `valid_to`."""
    return _date(entry.get("valid_from"), date.min) <= day < _date(entry.get("valid_to"), date.max)


def _date(value: object, otherwise: date) -> date:
    if isinstance(value, date):
        return value
    return date.fromisoformat(value) if isinstance(value, str) and value else otherwise


def _field(description: dict[str, Any]) -> Field:
    limits = description.get("constraints", {})
    return Field(
        name=description["name"],
        type=description["type"],
        required=bool(limits.get("required")),
        pattern=re.compile(limits["pattern"]) if "pattern" in limits else None,
        enum=frozenset(limits["enum"]) if "enum" in limits else None,
        longest=limits.get("maxLength"),
        minimum=limits.get("minimum"),
    )


@dataclass
class Schemas:
    """The `schemas/` folder; every file is read once."""

    folder: Path
    _tables: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)

    def table(self, path: str) -> dict[str, Any]:
        """Return a Table Schema as it stands in the file, for example `exchange/layout-1/certificates.json`."""
        if path not in self._tables:
            self._tables[path] = json.loads((self.folder / path).read_text(encoding="utf-8"))
        return self._tables[path]

    def family(self, family: str) -> dict[str, Any]:
        """Return the Table Schema of a family of the change file."""
        return self.table(f"exchange/layout-{LAYOUT}/{family}.json")

    def fields(self, path: str) -> list[Field]:
        """Return a table's columns, in order."""
        return [_field(description) for description in self.table(path)["fields"]]

    def family_fields(self, family: str) -> list[Field]:
        """Return the columns of a family of the change file, in order."""
        return self.fields(f"exchange/layout-{LAYOUT}/{family}.json")

    def rules(self, name: str) -> dict[str, Any]:
        """Return a rule file of `rules/`."""
        return tomllib.loads((self.folder / "rules" / f"{name}.toml").read_text(encoding="utf-8"))

    @cached_property
    def items(self) -> dict[str, Any]:
        """Which items a notice carries (`rules/items.toml`)."""
        return self.rules("items")

    @cached_property
    def register_items(self) -> list[str]:
        """The items that the agency's register keeps, in order."""
        return list(self.items["resident_records"]["register_items"])

    @cached_property
    def articles(self) -> dict[str, Any]:
        """Articles per family (`rules/articles.toml`)."""
        return self.rules("articles")

    @cached_property
    def _reasons(self) -> list[dict[str, Any]]:
        return list(self.rules("event_reasons")["reason"])

    def reason(self, code: str, day: date) -> dict[str, Any] | None:
        """Return the event reason of a code in force on a day."""
        return next((entry for entry in self._reasons if entry["code"] == code and in_force(entry, day)), None)

    @cached_property
    def counterparties(self) -> list[dict[str, Any]]:
        """All counterparties, in order of time."""
        text = (self.folder / "counterparties.toml").read_text(encoding="utf-8")
        entries: list[dict[str, Any]] = tomllib.loads(text)["counterparty"]
        return sorted(entries, key=lambda entry: _date(entry["valid_from"], date.min))

    def counterparty(self, instant: str) -> str | None:
        """Return the id of the counterparty in force at an instant (ISO, with zone)."""
        day = read_instant(instant).astimezone(TOKYO).date()
        return next((entry["id"] for entry in self.counterparties if in_force(entry, day)), None)

    def codes(self, name: str) -> list[dict[str, str]] | None:
        """Return a code list of `codes/`, or None where the list is not shipped."""
        path = self.folder / "codes" / f"{name}.csv"
        if not path.exists():
            return None
        with path.open(encoding="utf-8", newline="") as stream:
            return list(csv.DictReader(stream))

    def code_in_force(self, name: str, code: str, day: date) -> bool:
        """Tell whether a code stands in a list and is in force on a day; true where the list is not shipped."""
        if name not in self._code_lists:
            self._code_lists[name] = self.codes(name)
        entries = self._code_lists[name]
        return entries is None or any(entry["code"] == code and in_force(entry, day) for entry in entries)

    @cached_property
    def _code_lists(self) -> dict[str, list[dict[str, str]] | None]:
        return {}
