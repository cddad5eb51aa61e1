"""Access to the contracts as data: everything of `schemas/` that the ward's side reads.

Code lists, rules and layouts are effective-dated; an entry holds from `valid_from` up to, not including,
`valid_to` (schemas/README.md). Which date decides is contract §8: event date for codes, reasons and articles,
business date for layouts. Nothing here knows a person.
"""

import csv
import hashlib
import io
import json
import tomllib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeVar, cast

from renkei.errors import LayoutUnknown, SchemasUnreadable

Action = Literal["entry", "deletion", "correction", "cancellation"]
LegalClass = Literal["both", "immigration", "resident"]
Transmission = Literal["notice", "relay"]
Kind = Literal["registry", "exchange"]
CodeRow = Mapping[str, str]
_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class EventReason:
    """What an event reason (異動事由) means for a notice; rules/event_reasons.toml explains the fields."""

    code: str
    ja: str
    action: Action
    notice: bool
    legal_class: LegalClass
    silent_because: str = ""
    future_date: bool = False
    unknown_date: bool = False
    needs_kept: bool = False
    leaves: str = ""
    may_change: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """The article that a notice cites, and how its event is classed and sent (standard 4.5.7)."""

    cite: str
    legal_class: LegalClass
    transmission: Transmission


@dataclass(frozen=True)
class Items:
    """Which items a notice carries (rules/items.toml, domain §4)."""

    by_category: Mapping[str, Mapping[str, str]]
    at_least_one: Mapping[str, tuple[tuple[str, ...], ...]]
    no_expiry: frozenset[str]
    noticed_items: tuple[str, ...]
    register_items: tuple[str, ...]
    text_items: frozenset[str]
    code_lists: Mapping[str, str]
    forbidden: frozenset[str]

    def never(self, category: str) -> frozenset[str]:
        """Return the items that are sent empty for a resident category."""
        return self._never.get(category, frozenset())

    @cached_property
    def _never(self) -> Mapping[str, frozenset[str]]:
        categories = self.by_category.items()
        return {name: frozenset(item for item, rule in rules.items() if rule == "N") for name, rules in categories}

    def required(self, category: str) -> tuple[str, ...]:
        """Return the items without which a record of this category cannot be sent."""
        return self._required.get(category, ())

    @cached_property
    def _required(self) -> Mapping[str, tuple[str, ...]]:
        categories = self.by_category.items()
        return {name: tuple(item for item, rule in rules.items() if rule == "R") for name, rules in categories}


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of rules/hold_rules.csv or rules/silent_rules.csv in words, with the next step for a person."""

    id: str
    ja: str
    en: str
    next_step_ja: str = ""
    next_step_en: str = ""


def in_force(entry: Mapping[str, Any], on: date) -> bool:
    """Tell whether an effective-dated entry holds on a day: from ≤ day < to; no limit given means none."""
    first, end = _day(entry.get("valid_from")), _day(entry.get("valid_to"))
    return (first is None or first <= on) and (end is None or on < end)


def _day(value: object) -> date | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, date) else date.fromisoformat(str(value))


@dataclass(frozen=True)
class Schemas:
    """The folder `schemas/` read once, each file when it is first asked for.

    Raises `SchemasUnreadable` (file name) where a file is missing or malformed.
    """

    directory: Path
    _read: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def digest(self) -> str:
        """Return the SHA-256 (hex) over every file's path and bytes, in the order of their paths.

        It stands in `inputs.json` of each sealed file and on each report (contract §9).
        """
        return self._digest

    @cached_property
    def _digest(self) -> str:
        total = hashlib.sha256()
        for path in sorted(self._files(), key=lambda path: path.relative_to(self.directory).as_posix()):
            name = path.relative_to(self.directory).as_posix()
            total.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
        return total.hexdigest()

    def _files(self) -> list[Path]:
        found = [path for path in self.directory.rglob("*") if path.is_file()]
        if not found:
            raise SchemasUnreadable(file=".")
        return [path for path in found if not path.name.startswith(".")]

    def kept(self, key: Hashable, make: Callable[[], _Made]) -> _Made:
        """Return what was once made of these files under a key; a day's thousands of notices ask for it again."""
        if key not in self._read:
            self._read[key] = make()
        return cast("_Made", self._read[key])

    def layout_on(self, on: date, kind: Kind = "exchange") -> str:
        """Return the layout version in force on a business date (contract §8)."""
        return self.kept(("layout", on, kind), lambda: self._layout_on(on, kind))

    def _layout_on(self, on: date, kind: Kind) -> str:
        for entry in self.toml("layouts.toml").get(kind, []):
            if in_force(entry, on):
                return str(entry["version"])
        raise LayoutUnknown(kind=kind, on=on.isoformat())

    def table(self, kind: Kind, layout: str, name: str) -> Mapping[str, Any]:
        """Return a Table or JSON Schema by kind, layout version and name (`residents`, `package` …)."""
        return self.json(f"{kind}/layout-{layout}/{name}.json")

    def fields(self, kind: Kind, layout: str, name: str) -> tuple[str, ...]:
        """Return the column names of a Table Schema in their order."""
        columns = self.table(kind, layout, name)["fields"]
        return self.kept(("fields", kind, layout, name), lambda: tuple(str(column["name"]) for column in columns))

    def event_reason(self, code: str, on: date) -> EventReason | None:
        """Return an event reason as it stands on a day, or None where the code is not in force."""
        return self.kept(("reason", code, on), lambda: self._event_reason(code, on))

    def _event_reason(self, code: str, on: date) -> EventReason | None:
        for entry in self.toml("rules/event_reasons.toml")["reason"]:
            if entry["code"] == code and in_force(entry, on):
                return _reason(entry)
        return None

    def record_article(self, on: date) -> str | None:
        """Return the article that a notice of family a cites on a day."""
        entry = self._article("resident_records", on, {})
        return None if entry is None else str(entry["cite"])

    def residence_article(
        self, category: str, filing_article: str, status_acquired_by: str, on: date
    ) -> Article | None:
        """Return the article of a residence report (family b), or None where the filing is none."""
        facts = {
            "resident_category": category,
            "filing_article": filing_article,
            "status_acquired_by": status_acquired_by,
        }
        return self._cited("residence_reports", on, facts)

    def is_residence_filing(self, category: str, filing_article: str, on: date) -> bool:
        """Tell whether some residence report exists for a category and filing, however the status was got."""
        facts = {"resident_category": category, "filing_article": filing_article}
        return self._article("residence_reports", on, facts) is not None

    def certificate_article(self, code: str, on: date) -> Article | None:
        """Return the article of a certificate handed over (family c) by its short code such as `12-3`."""
        return self._cited("certificates", on, {"code": code})

    def _cited(self, family: str, on: date, facts: Mapping[str, str]) -> Article | None:
        entry = self._article(family, on, facts)
        if entry is None:
            return None
        rules = self.toml("rules/articles.toml")[family]
        return Article(str(entry["cite"]), rules["legal_class"], rules["transmission"])

    def _article(self, family: str, on: date, facts: Mapping[str, str]) -> Mapping[str, Any] | None:
        """Return the first entry in force that fits every fact; an entry's list names what it takes."""
        key = ("article", family, on, *facts.items())
        return self.kept(key, lambda: self._first_article(family, on, facts))

    def _first_article(self, family: str, on: date, facts: Mapping[str, str]) -> Mapping[str, Any] | None:
        for entry in self.toml("rules/articles.toml")[family]["article"]:
            if in_force(entry, on) and all(_fits(entry.get(name), value) for name, value in facts.items()):
                return cast("Mapping[str, Any]", entry)
        return None

    @cached_property
    def items(self) -> Items:
        """What rules/items.toml says about the items of a notice."""
        rules = self.toml("rules/items.toml")
        records = rules["resident_records"]
        families = {name: part for name, part in rules.items() if "at_least_one" in part}
        return Items(
            by_category=records["by_category"],
            at_least_one={
                name: tuple(tuple(group) for group in part["at_least_one"]) for name, part in families.items()
            },
            no_expiry=frozenset(records["no_expiry"]),
            noticed_items=tuple(records["noticed_items"]),
            register_items=tuple(records["register_items"]),
            text_items=frozenset(rules["content"]["text_items"]),
            code_lists=rules["content"]["code_lists"],
            forbidden=frozenset(rules["content"]["forbidden"]),
        )

    def codes(self, name: str, on: date | None = None) -> Mapping[str, CodeRow]:
        """Return a code list of codes/ by its file name: code → row; with a day, what is in force on it."""
        return self.kept(("codes", name, on), lambda: self._codes(name, on))

    def _codes(self, name: str, on: date | None) -> Mapping[str, CodeRow]:
        rows = self.csv(f"codes/{name}.csv")
        return MappingProxyType({row["code"]: row for row in rows if on is None or in_force(row, on)})

    def hold_rule(self, rule: str) -> Rule:
        """Return a rule by which a record is held, in words; an id that the data do not know keeps its id."""
        return self._rules("rules/hold_rules.csv").get(rule, Rule(rule, rule, rule))

    def silent_rule(self, rule: str) -> Rule:
        """Return the reason for which an event makes no notice, in words."""
        return self._rules("rules/silent_rules.csv").get(rule, Rule(rule, rule, rule))

    def _rules(self, path: str) -> Mapping[str, Rule]:
        return {row["id"]: Rule(**row) for row in self.csv(path)}

    def toml(self, path: str) -> Mapping[str, Any]:
        """Return a TOML file of the folder, parsed."""
        return cast("Mapping[str, Any]", self._parsed(path, tomllib.loads))

    def json(self, path: str) -> Mapping[str, Any]:
        """Return a JSON file of the folder, parsed."""
        return cast("Mapping[str, Any]", self._parsed(path, json.loads))

    def csv(self, path: str) -> Sequence[CodeRow]:
        """Return the rows of a CSV file of the folder."""
        return cast("Sequence[CodeRow]", self._parsed(path, _rows))

    def _parsed(self, path: str, parse: Any) -> object:  # noqa: ANN401 - one of three parsers of text
        if path not in self._read:
            try:
                self._read[path] = parse((self.directory / path).read_text(encoding="utf-8"))
            except (OSError, ValueError, csv.Error):
                raise SchemasUnreadable(file=path) from None
        return self._read[path]


def _rows(text: str) -> list[dict[str, str]]:
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    if any(None in row or None in row.values() for row in rows):
        raise ValueError("ragged")
    return rows


def _fits(wanted: object, value: str) -> bool:
    return value in wanted if isinstance(wanted, list) else wanted == value


def _reason(entry: Mapping[str, Any]) -> EventReason:
    known = EventReason.__dataclass_fields__
    facts = {name: value for name, value in entry.items() if name in known}
    return EventReason(**{**facts, "may_change": tuple(entry.get("may_change", ()))})
