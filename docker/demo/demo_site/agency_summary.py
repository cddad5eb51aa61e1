"""What became of the agency's notices: by day and class from our ledger, and beside the agency's own truth."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from demo_site.calls import agency
from demo_site.place import MUNICIPALITY, Place
from renkei.corridor.house import House
from renkei.ledger.states import AgencyNoticeClass, Direction
from renkei.ledger.tables import AgencyNotice, File

NONE = "-"
"""A notice that the ledger does not know, or that has no class."""


@dataclass(frozen=True, slots=True)
class Pair:
    """How many of the agency's notices that should have had one class were found to have another, or the same."""

    expected: str
    found: str
    count: int

    @property
    def good(self) -> bool:
        """Whether the right class was found."""
        return self.expected == self.found


@dataclass(frozen=True, slots=True)
class ToldDay:
    """One file of the agency: business date of its taking in, serial, notices by class as they stand now."""

    business_date: date
    serial: int
    classes: Mapping[str, int]


def pairs(place: Place, house: House) -> list[Pair]:
    """Return each pair of expected and found class with its count: the agency's scenario beside our ledger."""
    told = json.loads(agency(place, "truth", "--municipality", MUNICIPALITY, "--json"))
    found = _classes(house)
    counted = Counter((str(each["expected"]), found.get((each["serial"], each["record"]), NONE)) for each in told)
    return [Pair(expected, got, counted[expected, got]) for expected, got in sorted(counted)]


def days(house: House) -> list[ToldDay]:
    """Return the agency's files that were taken in, by their serials."""
    found = _classes(house)
    with house.ledger.reading() as tx:
        files = select(File).where(File.direction == Direction.IN, File.business_date.is_not(None))
        dated = {file.serial: file.business_date for file in tx.session.scalars(files)}
    return [
        ToldDay(day, serial, Counter(got for (of, _), got in found.items() if of == serial))
        for serial, day in sorted(dated.items())
        if day is not None
    ]


def words(house: House, day: ToldDay) -> dict[str, object]:
    """Return a day as the terminal shows it: its classes in the order of the code list, in both languages."""
    codes = house.schemas.codes("agency_notice_classes")
    named = [(codes[code], day.classes[code]) for code in codes if code in day.classes]
    return {
        "day": day.business_date,
        "serial": f"{day.serial:08d}",
        "count": sum(day.classes.values()),
        "ja": "・".join(f"{code['ja']} {count}" for code, count in named) or NONE,
        "en": ", ".join(f"{code['en']} {count}" for code, count in named) or NONE,
    }


def weak_applied(house: House) -> int:
    """Count the proposals to apply that rest on a weak match: there must be none."""
    with house.ledger.reading() as tx:
        rows = tx.session.scalars(select(AgencyNotice).where(AgencyNotice.registry_number.is_not(None))).all()
    return sum(
        row.notice_class in {AgencyNoticeClass.TO_APPLY, AgencyNoticeClass.ALREADY_SO}
        and any(str(rule).startswith("weak_") for rule in (row.rule, *(row.evidence or ())[:1]))
        for row in rows
    )


def _classes(house: House) -> dict[tuple[int, int], str]:
    """Return the class of every notice by serial and record."""
    with house.ledger.reading() as tx:
        rows = tx.session.scalars(select(AgencyNotice)).all()
    return {(row.serial, row.record_number): str(row.notice_class or NONE) for row in rows}
