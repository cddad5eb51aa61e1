"""What a backfill meets: days still to be made, days sealed already (proven, not sent), days without an extract."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import func, select

from renkei.corridor.days import Sealing, seal_requested_days
from renkei.corridor.house import House
from renkei.corridor.rebuild import rebuild
from renkei.corridor.supplements import corrections
from renkei.errors import RebuildDiffers
from renkei.ledger.states import DayState
from renkei.ledger.tables import Day, Extract
from renkei.registry import find_extract


class Expected(StrEnum):
    """What a run of a day would do."""

    CREATED = "created"
    SEALED = "sealed"
    SUPPLEMENT = "supplement"
    NO_EXTRACT = "no_extract"
    WAIVED = "waived"
    BEFORE_BASELINE = "before_baseline"


@dataclass(frozen=True, slots=True)
class Preview:
    """One day of a range: what a run would do, and the serial that it has already."""

    day: date
    expected: Expected
    serial: int | None


def preview(house: House, first: date, last: date) -> tuple[Preview, ...]:
    """Return what a backfill from first to last, both included, would do day by day; nothing is changed."""
    with house.ledger.reading() as tx:
        begin = tx.session.scalar(select(func.min(Extract.business_date))) or date.max
        rows = tx.session.scalars(select(Day).where(Day.business_date.between(first, last)))
        days = {day.business_date: day for day in rows}
    corrected = {each.business_date for each in corrections(house)}
    return tuple(_of_day(house, day, days.get(day), corrected, begin) for day in _range(first, last))


def _of_day(house: House, day: date, row: Day | None, corrected: set[date], begin: date) -> Preview:
    serial = row.serial if row else None
    if day <= begin:
        return Preview(day, Expected.BEFORE_BASELINE, serial)
    if row is not None and row.state is DayState.WAIVED:
        return Preview(day, Expected.WAIVED, serial)
    if row is not None and row.state is DayState.SEALED:
        return Preview(day, Expected.SUPPLEMENT if day in corrected else Expected.SEALED, serial)
    found = find_extract(house.settings.extracts, day)
    return Preview(day, Expected.CREATED if found else Expected.NO_EXTRACT, serial)


def seal_and_prove(house: House, day: date) -> Sealing:
    """Seal as `seal_requested_days` does; a day sealed before is rebuilt and proven byte-identical, nothing is sent.

    Raises `RebuildDiffers` too. With another version of the product the contents are compared, and the trail says so.
    """
    result = seal_requested_days(house, day)
    if result.sealed and day not in result.days:
        prove_sealed_day(house, day)
    return result


def prove_sealed_day(house: House, day: date) -> None:
    """Rebuild the file of a sealed day and put on record that it is the one that was sealed; a waived day has none."""
    with house.ledger.reading() as tx:
        row = tx.session.get(Day, day)
    if row is None or row.serial is None:
        return
    try:
        facts = {"package": rebuild(house, row.serial).package_sha256, "proof": "bytes"}
    except RebuildDiffers as differs:
        rule = str(differs.refs.get("rule", ""))
        if not rule.startswith("contents equal"):
            raise
        facts = {"proof": rule}
    with house.ledger.transaction(actor=house.actor) as tx:
        tx.tell("file.rebuilt", f"{row.serial:08d}", facts)


def _range(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
