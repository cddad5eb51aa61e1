"""A worklist before it takes a form: one line per proposed correction. Personal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from renkei.schemas import Schemas

SCHEMA: Final = "worklist/worklist-1.json"
SEPARATOR: Final = "|"
YES, NO = "可", "否"


@dataclass(frozen=True, slots=True)
class Person:
    """Who is meant, as the registry knows the person; the address of a protected one stays masked."""

    name_roman: str
    name_kanji: str
    birth_date: str
    sex: str
    nationality: str
    address: str
    protected: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One proposal: texts for people already chosen, values as registry and agency have them."""

    notice_class: str
    prepared: bool
    notice_id: str
    serial: int
    record: int
    reason: str
    reason_code: str
    event_date: str
    since: date
    evidence: str
    to_do: str
    code: str
    """The class as its code."""
    registry_number: str = field(repr=False)
    candidates: tuple[str, ...] = field(repr=False)
    items: tuple[str, ...] = ()
    item_names: tuple[str, ...] = ()
    now: tuple[str, ...] = field(default=(), repr=False)
    told: tuple[str, ...] = field(default=(), repr=False)
    person: Person | None = field(default=None, repr=False)
    ends: bool = False
    told_of: Person | None = field(default=None, repr=False)
    """Who is meant, as the agency tells it."""

    def values(self, number: int) -> dict[str, str]:
        """Return the line by the contract's field names, under its number on the list."""
        return {
            "proposal": str(number),
            "class": self.notice_class,
            "prepared": YES if self.prepared else NO,
            "notice_id": self.notice_id,
            "serial": str(self.serial),
            "record": str(self.record),
            "reason": self.reason,
            "reason_code": self.reason_code,
            "event_date": self.event_date,
            "registry_number": self.registry_number,
            "candidates": SEPARATOR.join(self.candidates),
            "protected": "1" if self.person and self.person.protected else "0",
            "items": SEPARATOR.join(self.items),
            "item_names": SEPARATOR.join(self.item_names),
            "now": SEPARATOR.join(self.now),
            "told": SEPARATOR.join(self.told),
            "evidence": self.evidence,
            "to_do": self.to_do,
            "since": self.since.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Worklist:
    """A day's list; `amends` is the name of the list that it replaces, empty for the first of the day."""

    business_date: date
    municipality: str
    extract: str
    lines: tuple[Line, ...]
    amendment: int = 0
    amends: str = ""

    @property
    def name(self) -> str:
        """Its files' name without the ending."""
        return f"worklist-{self.business_date.isoformat()}{f'-a{self.amendment}' if self.amendment else ''}"


def fields_of(schemas: Schemas) -> Sequence[Mapping[str, Any]]:
    """Return the contract's columns in order: name and title."""
    found: Sequence[Mapping[str, Any]] = schemas.json(SCHEMA)["fields"]
    return found
