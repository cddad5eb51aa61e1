"""Is the content of an agency notice acceptable? The record is refused for it, the rest of the file taken in.

The rules are those of schemas/README.md, paragraph "Agency file"; a rule is told by its id, which
rules/agency_content_rules.csv has in words, and the names of the columns, never by a value.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, Final

from renkei.agency_file.model import NOTICES
from renkei.dates import calendar_date, possible_date
from renkei.forbidden import forbidden_number, suspicious
from renkei.schemas import Schemas, in_force

_BEFORE: Final = "_before"
_FIRST_YEAR: Final = "1900"
_UNREADABLE: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
# The agency's own, of a shape of their own; never a number of a person.
_NO_TEXT: Final = frozenset({"record_number", "notice_id", "attempt", "municipality"})
# Columns whose form a resident record's column of the same name has (both sides write them alike).
_SHARED: Final = ("sex", "card_number", "period_of_stay")
_NAMES: Final = ("name_roman", "name_kanji")

Finding = tuple[str, tuple[str, ...]]


def content_findings(row: Mapping[str, str], schemas: Schemas, sealed_on: date) -> Finding:
    """Return the first rule that a row breaks and all columns that break some rule; `("", ())` for a good row.

    `row` holds every column of `agency_notices`; `sealed_on` is the day on which its file was sealed.
    """
    findings = list(_findings(row, schemas, sealed_on))
    columns = dict.fromkeys(column for _, named in findings for column in named)
    return (findings[0][0] if findings else ""), tuple(columns)


def _findings(row: Mapping[str, str], schemas: Schemas, sealed_on: date) -> Iterator[Finding]:
    yield from _characters(row)
    yield from _lengths(row, schemas, sealed_on)
    yield from _reason(row, schemas)
    yield from _dates(row, sealed_on)
    yield from _codes(row, schemas, sealed_on)
    if not any(row[name] for name in _NAMES):
        yield "required_missing", _NAMES


def _characters(row: Mapping[str, str]) -> Iterator[Finding]:
    for name, value in row.items():
        if value.isascii() and value.isprintable() and not suspicious(value):
            continue
        if any(unicodedata.category(character) in _UNREADABLE for character in value):
            yield "control_character", (name,)
        plain = unicodedata.normalize("NFKC", value)
        if name not in _NO_TEXT and suspicious(plain) and forbidden_number(plain):
            yield "forbidden_number", (name,)


def _lengths(row: Mapping[str, str], schemas: Schemas, on: date) -> Iterator[Finding]:
    for column in schemas.table("exchange", schemas.layout_on(on), NOTICES)["fields"]:
        limit = column["constraints"].get("maxLength")
        if limit is not None and len(row[column["name"]]) > limit:
            yield "value_not_permitted", (column["name"],)


def _reason(row: Mapping[str, str], schemas: Schemas) -> Iterator[Finding]:
    known = schemas.codes("agency_notice_reasons").get(row["reason"])
    if known is None:
        yield "unknown_reason", ("reason",)
    elif known["action"] != row["action"]:
        yield "action_not_of_reason", ("action", "reason")


def _dates(row: Mapping[str, str], sealed_on: date) -> Iterator[Finding]:
    if not row["event_date"]:
        yield "required_missing", ("event_date",)
    for name, value in row.items():
        item = name.removesuffix(_BEFORE)
        if not value or not item.endswith(("_date", "_expiry")):
            continue
        # Standard 1.1.8: a birth date may be a day outside the calendar.
        if not (possible_date(value) if item == "birth_date" else calendar_date(value)):
            yield "impossible_date", (name,)
        elif value[:4] < _FIRST_YEAR:
            yield "date_before_1900", (name,)
        elif item in {"event_date", "birth_date"} and value > sealed_on.isoformat():
            yield "date_in_future", (name,)


def _codes(row: Mapping[str, str], schemas: Schemas, on: date) -> Iterator[Finding]:
    day = calendar_date(row["event_date"]) or on
    if day.year < int(_FIRST_YEAR) or day > on:
        day = on
    for item, code_list in schemas.items.code_lists.items():
        # The whole list, not the one of a day: the sender chooses the days, and each would stay in memory.
        codes = schemas.codes(code_list)
        for name in (item, f"{item}{_BEFORE}"):
            if row[name] and (row[name] not in codes or not in_force(codes[row[name]], day)):
                yield "unknown_code", (name,)
    limits = _limits(schemas, schemas.layout_on(on))
    for item in _SHARED:
        for name in (item, f"{item}{_BEFORE}"):
            if row[name] and not _fits(row[name], limits[item]):
                yield "value_not_permitted", (name,)


def _limits(schemas: Schemas, layout: str) -> Mapping[str, Mapping[str, Any]]:
    fields = schemas.table("exchange", layout, "resident_records")["fields"]
    return {column["name"]: column["constraints"] for column in fields if column["name"] in _SHARED}


def _fits(value: str, limits: Mapping[str, Any]) -> bool:
    if "enum" in limits:
        return value in limits["enum"]
    return _pattern(limits["pattern"]).fullmatch(value) is not None


@lru_cache(maxsize=64)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)
