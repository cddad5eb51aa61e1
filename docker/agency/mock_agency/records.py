"""Judges one record by its content alone: values, codes, dates, items by category, characters (R10 … R13)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from mock_agency.package import Record
from mock_agency.repertoire import Repertoire, forbidden_number, municipality_checks
from mock_agency.schemas import Field, Schemas, in_force

VALUE, MISSING, FORBIDDEN, CHARACTER = "R10", "R11", "R12", "R13"
FREE_TEXT = ("name_roman", "name_kanji", "address", "former_address", "next_address",
             "birth_date_wording", "event_date_wording", "became_foreign_resident_wording")  # fmt: skip
# Birth and becoming a foreign resident may stand outside the calendar (standard 1.1.8); these may not.
CARRIED_DATES = ("business_date", "report_date", "issue_date", "expiry_date", "landing_period_expiry",
                 "provisional_stay_expiry", "cancelled_event_date")  # fmt: skip
STATE_AFTER = {"entry": "living", "deletion": "deleted", "correction": "living"}
STATE_AFTER_CANCELLATION = {"cancellation_increase": "living", "cancellation_decrease": "deleted"}
CANCELLATION_ITEMS = ("cancels", "cancelled_reason", "cancelled_event_date")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a record: code and item."""

    code: str
    item: str


def calendar_date(text: str) -> date | None:
    """Read a date that must stand in the calendar."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


class ContentRules:
    """The rules of `schemas/` for the content of records."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._repertoire = Repertoire(schemas)
        self._fields: dict[str, list[Field]] = {}

    def judge(self, record: Record, business_date: str) -> tuple[str, list[str]] | None:
        """Return code and items of the worst finding (forbidden, missing, value, character), or None."""
        found = list(self._findings(record, business_date))
        for code in (FORBIDDEN, MISSING, VALUE, CHARACTER):
            if items := [finding.item for finding in found if finding.code == code]:
                return code, list(dict.fromkeys(items))
        return None

    def _findings(self, record: Record, business_date: str) -> Iterator[Finding]:
        values = record.values
        yield from self._columns(record.family, values)
        yield from self._dates(values, business_date)
        yield from self._texts(values)
        yield from self._code_lists(values)
        if record.family == "resident_records":
            yield from self._resident_record(values)
        elif record.family == "residence_reports":
            yield from self._article("residence_reports", "report_date", values)
            if not values["person_reference"] and values["resident_category"] != "special_permanent":
                yield Finding(MISSING, "person_reference")
        else:
            yield from self._article("certificates", "issue_date", values)
        for group in self._schemas.items.get(record.family, {}).get("at_least_one", []):
            if not any(values[name] for name in group):
                yield from (Finding(MISSING, name) for name in group)

    def _columns(self, family: str, values: dict[str, str]) -> Iterator[Finding]:
        for column in self._fields.setdefault(family, self._schemas.family_fields(family)):
            value = values[column.name]
            if not value:
                if column.required:
                    yield Finding(MISSING, column.name)
            elif not fits(column, value):
                yield Finding(VALUE, column.name)

    def _dates(self, values: dict[str, str], business_date: str) -> Iterator[Finding]:
        for name in CARRIED_DATES:
            if values.get(name) and calendar_date(values[name]) is None:
                yield Finding(VALUE, name)
        for name in ("business_date", "report_date", "issue_date"):
            if values.get(name, "") > business_date:
                yield Finding(VALUE, name)

    def _texts(self, values: dict[str, str]) -> Iterator[Finding]:
        for name in FREE_TEXT:
            text = values.get(name, "")
            if self._repertoire.outside(text):
                yield Finding(CHARACTER, name)
            if forbidden_number(text):
                yield Finding(FORBIDDEN, name)

    def _code_lists(self, values: dict[str, str]) -> Iterator[Finding]:
        day = calendar_date(values["business_date"]) or date.min
        for name, codes in (
            ("nationality", "nationalities"),
            ("status_of_residence", "statuses_of_residence"),
        ):
            if values.get(name) and not self._schemas.code_in_force(codes, values[name], _deciding(values) or day):
                yield Finding(VALUE, name)
        for name in ("former_municipality_code", "next_municipality_code"):
            if values.get(name) and not municipality_checks(values[name]):
                yield Finding(VALUE, name)

    def _resident_record(self, values: dict[str, str]) -> Iterator[Finding]:
        day = _deciding(values)
        reason = self._schemas.reason(values["event_reason"], day) if day else None
        if reason is None or not reason["notice"]:
            yield Finding(VALUE, "event_reason")
        else:
            yield from self._reason(values, reason, day or date.min)
        yield from self._by_category(values)

    def _reason(self, values: dict[str, str], reason: dict[str, Any], day: date) -> Iterator[Finding]:
        wanted = {"action": reason["action"], "legal_class": reason["legal_class"], "transmission": "notice"}
        state = STATE_AFTER.get(reason["action"]) or STATE_AFTER_CANCELLATION.get(reason["code"])
        if state:
            wanted["record_state"] = state
        yield from (Finding(VALUE, name) for name, value in wanted.items() if values[name] != value)
        articles = self._schemas.articles["resident_records"]["article"]
        if values["article"] not in [entry["cite"] for entry in articles if in_force(entry, day)]:
            yield Finding(VALUE, "article")
        yield from _event_date(values, reason)
        cancellation = reason["action"] == "cancellation"
        if cancellation and not values["cancels"]:
            yield from (Finding(MISSING, name) for name in CANCELLATION_ITEMS[1:] if not values[name])
        if not cancellation:
            yield from (Finding(FORBIDDEN, name) for name in CANCELLATION_ITEMS if values[name])
        if bool(values["kept"]) != bool(reason.get("needs_kept")):
            yield Finding(FORBIDDEN if values["kept"] else MISSING, "kept")

    def _by_category(self, values: dict[str, str]) -> Iterator[Finding]:
        rules = self._schemas.items["resident_records"]
        for name, rule in rules["by_category"].get(values["resident_category"], {}).items():
            if rule == "N" and values[name]:
                yield Finding(FORBIDDEN, name)
            if rule == "R" and not values[name]:
                yield Finding(MISSING, name)
        open_ended = values["status_of_residence"] in rules["no_expiry"]
        if values["resident_category"] == "mid_to_long_term" and not open_ended and not values["expiry_date"]:
            yield Finding(MISSING, "expiry_date")

    def _article(self, family: str, dated: str, values: dict[str, str]) -> Iterator[Finding]:
        rules, day = self._schemas.articles[family], calendar_date(values[dated])
        for name in ("legal_class", "transmission"):
            if values[name] != rules[name]:
                yield Finding(VALUE, name)
        fitting = [
            entry["cite"]
            for entry in rules["article"]
            if day and in_force(entry, day)
            and values.get("resident_category") in entry.get("resident_category", [values.get("resident_category")])
        ]  # fmt: skip
        if values["article"] not in fitting:
            yield Finding(VALUE, "article")


def fits(column: Field, value: str) -> bool:
    """Tell whether a value keeps the constraints of its column."""
    if column.type == "integer" and (not value.isascii() or not value.isdecimal() or str(int(value)) != value):
        return False
    if column.minimum is not None and int(value) < column.minimum:
        return False
    if column.longest is not None and len(value) > column.longest:
        return False
    if column.enum is not None and value not in column.enum:
        return False
    return column.pattern is None or column.pattern.fullmatch(value) is not None


def _deciding(values: dict[str, str]) -> date | None:
    """Codes, reasons and articles are those of the event date; where it is unknown, of the business date."""
    for name in ("event_date", "report_date", "issue_date", "business_date"):
        if values.get(name) and (day := calendar_date(values[name])):
            return day
    return None


def _event_date(values: dict[str, str], reason: dict[str, Any]) -> Iterator[Finding]:
    text, day = values["event_date"], calendar_date(values["event_date"])
    if text and day is None and not reason.get("unknown_date"):
        yield Finding(VALUE, "event_date")
    if values["event_date_wording"] and not reason.get("unknown_date"):
        yield Finding(VALUE, "event_date_wording")
    if text > values["business_date"] and not reason.get("future_date"):
        yield Finding(VALUE, "event_date")
