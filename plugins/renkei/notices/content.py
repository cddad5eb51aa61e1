"""Is the content of a notice fit to be sent? Each check names a rule of rules/hold_rules.csv and the items.

Contract §12: a record is held for its content, and nothing of the content is told. The agency checks the same
against the same data; what is held here would have been refused there, or worse, believed.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from renkei.notices.characters import carry, plain
from renkei.notices.forms import calendar_date, municipality_code, possible_date
from renkei.schemas import Schemas

# These the writer fills in when the file is made.
FILLED_IN_LATER = ("record_number", "attempt", "supplement")
# Standard 1.1.8: these may be days outside the calendar; event_date by its reason.
_UNUSUAL_DATES = frozenset({"birth_date", "became_foreign_resident_date"})
_WORDINGS = (
    ("birth_date", "birth_date_wording"),
    ("became_foreign_resident_date", "became_foreign_resident_wording"),
)
_REMEMBERED = 1 << 12
_MUNICIPALITY_CODES = ("former_municipality_code", "next_municipality_code")
_SHORTEST_STAY_MONTHS = 3
_SHORTEST_STAY_DAYS = 90


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule: its id, and the names of the items (and code points) concerned."""

    rule: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Carrying:
    """A wire row after the replacements, with what was replaced and what could not be carried."""

    content: Mapping[str, str] = field(repr=False)
    replaced: tuple[str, ...]
    findings: tuple[Finding, ...]


def carry_all(content: Mapping[str, str], schemas: Schemas, on: date) -> Carrying:
    """Return a wire row with the kanji replacements of a day, and a finding for each item that cannot go."""
    texts = [content[item] for item in schemas.items.text_items if item in content]
    if plain(texts, schemas, on):
        return Carrying(content, (), ())
    result, replaced, findings = dict(content), list[str](), list[Finding]()
    for item in schemas.items.text_items:
        if not content.get(item):
            continue
        carried = carry(content[item], schemas, on)
        result[item] = carried.text
        replaced += [f"{item} {change}" for change in carried.replaced]
        if carried.control:
            findings.append(Finding("control_character", (item,)))
        elif carried.outside:
            findings.append(Finding("outside_repertoire", (item, *carried.outside)))
    return Carrying(result, tuple(sorted(replaced)), tuple(sorted(findings, key=lambda found: found.fields)))


def content_findings(
    family: str, content: Mapping[str, str], schemas: Schemas, on: date, layout: str
) -> Iterator[Finding]:
    """Check a wire row: the layout's constraints, dates, code lists, check digits, groups, category.

    `on` is the deciding date for codes: the event date, or the date of report or issue (contract §8).
    """
    checks = schemas.kept(("checks", family, layout, on), lambda: _Checks(family, schemas, on, layout))
    yield from checks.findings(content)
    yield from _groups(family, content, schemas)
    if family == "resident_records":
        yield from _category(content, schemas)


class _Checks:
    """A layout's constraints, dates and code lists, made ready for a day's many notices."""

    def __init__(self, family: str, schemas: Schemas, on: date, layout: str) -> None:
        columns = {column["name"]: column for column in schemas.table("exchange", layout, family)["fields"]}
        names = [name for name in columns if name not in FILLED_IN_LATER]
        self.columns = [(name, _judge(columns[name])) for name in names]
        self.dates = [name for name in names if name.endswith(("_date", "_expiry")) and name != "event_date"]
        code_lists = schemas.items.code_lists.items()
        self.codes = [(item, schemas.codes(code_list, on)) for item, code_list in code_lists if item in columns]

    def findings(self, content: Mapping[str, str]) -> Iterator[Finding]:
        for name, broken in self.columns:
            rule = broken(content.get(name, ""))
            if rule:
                yield Finding(rule, (name,))
        yield from self._dates(content)
        for item, codes in self.codes:
            value = content.get(item, "")
            if value and value not in codes:
                yield Finding("unknown_code", (item,))
        for item in _MUNICIPALITY_CODES:
            value = content.get(item, "")
            if value and not municipality_code(value):
                yield Finding("municipality_check_digit", (item,))

    def _dates(self, content: Mapping[str, str]) -> Iterator[Finding]:
        """Event dates have rules of their own (`timing`); every other date must be one."""
        for name in self.dates:
            value = content.get(name, "")
            if value and not (possible_date(value) if name in _UNUSUAL_DATES else calendar_date(value)):
                yield Finding("impossible_date", (name,))
        for item, wording in _WORDINGS:
            if content.get(wording) and calendar_date(content.get(item, "")):
                yield Finding("date_and_wording", (item, wording))


def _judge(column: Mapping[str, Any]) -> Callable[[str], str]:
    """Return what tells the rule that a value breaks by its column's constraints, or an empty text."""
    limits = column.get("constraints", {})
    tests: list[Callable[[str], object]] = []
    if "enum" in limits:
        tests.append(frozenset(limits["enum"]).__contains__)
    if "pattern" in limits:
        tests.append(re.compile(limits["pattern"]).fullmatch)
    if "maxLength" in limits:
        tests.append(lambda value: len(value) <= limits["maxLength"])
    if column["type"] == "integer":
        tests.append(lambda value: _whole(value, limits.get("minimum", 0)))
    if_empty = "required_missing" if limits.get("required") else ""

    def broken(value: str) -> str:
        if value == "":
            return if_empty
        for test in tests:
            if not test(value):
                return "value_not_permitted"
        return ""

    # Most columns hold few values again and again: each is judged once.
    return lru_cache(_REMEMBERED)(broken)


def _whole(value: str, minimum: int) -> bool:
    return value.isascii() and value.isdigit() and str(int(value)) == value and int(value) >= minimum


def _groups(family: str, content: Mapping[str, str], schemas: Schemas) -> Iterator[Finding]:
    for group in schemas.items.at_least_one.get(family, ()):
        if not any(content.get(item) for item in group):
            yield Finding("required_missing", group)


def _category(content: Mapping[str, str], schemas: Schemas) -> Iterator[Finding]:
    rules, category = schemas.items, content.get("resident_category", "")
    missing = tuple(item for item in rules.required(category) if not content.get(item))
    if missing:
        yield Finding("required_missing", missing)
    if "expiry_date" not in rules.never(category):
        unlimited = content.get("status_of_residence", "") in rules.no_expiry
        if unlimited and content.get("expiry_date"):
            yield Finding("expiry_not_allowed", ("expiry_date", "status_of_residence"))
        if not unlimited and not content.get("expiry_date"):
            yield Finding("expiry_missing", ("expiry_date",))
    if _too_short(content.get("period_of_stay", "")):
        yield Finding("stay_too_short", ("period_of_stay",))


def _too_short(period: str) -> bool:
    """Three months or less make nobody a mid- to long-term resident (domain §5); 0000 is unlimited."""
    if not period.isascii() or not period.isdigit() or period == "0000":
        return False
    if len(period) == len("DDD"):
        return int(period) <= _SHORTEST_STAY_DAYS
    return int(period[:2]) * 12 + int(period[2:]) <= _SHORTEST_STAY_MONTHS


def merged(findings: Iterable[Finding]) -> tuple[str, tuple[str, ...]]:
    """Return the first rule and all items concerned, each once; two empties where nothing was found."""
    found = list(findings)
    items = dict.fromkeys(item for finding in found for item in finding.fields)
    return (found[0].rule if found else ""), tuple(items)
