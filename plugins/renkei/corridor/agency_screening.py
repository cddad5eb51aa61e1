"""The notices that wait for a class, and what is settled before anybody looks for the person (domain §7)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sqlalchemy import or_, select, tuple_

from renkei.agency_file import content_findings
from renkei.clock import in_tokyo
from renkei.corridor.agency_base import Base
from renkei.corridor.card_numbers import some
from renkei.corridor.house import House
from renkei.ledger import Tx
from renkei.ledger.states import AgencyNoticeClass, Direction
from renkei.ledger.tables import AgencyNotice, File
from renkei.matching import Forms, Judgement, Match, Seen, ToldNotice

Place = tuple[int, int]
_AT_ONCE: Final = 500
_WITHOUT_FINAL: Final = or_(
    AgencyNotice.notice_class.is_(None), AgencyNotice.notice_class == AgencyNoticeClass.WAITS_FOR_US
)
_NO_RECORD: Final = (AgencyNoticeClass.NOT_ACCEPTABLE, AgencyNoticeClass.NOT_OURS)


def pending(tx: Tx) -> Iterator[AgencyNotice]:
    """Yield the notices without a final class, in the order of taking in; a few at a time are held in memory."""
    last: Place = (0, 0)
    while True:
        rows = tx.session.scalars(
            select(AgencyNotice)
            .where(_WITHOUT_FINAL, tuple_(AgencyNotice.serial, AgencyNotice.record_number) > last)
            .order_by(AgencyNotice.serial, AgencyNotice.record_number)
            .limit(_AT_ONCE)
        ).all()
        for row in rows:
            tx.session.expunge(row)
            yield row
        if len(rows) < _AT_ONCE:
            return
        last = place_of(rows[-1])


def pending_ids(tx: Tx) -> list[int]:
    """Return the ids of the notices without a final class, in the order of taking in."""
    query = select(AgencyNotice.id).where(_WITHOUT_FINAL)
    return list(tx.session.scalars(query.order_by(AgencyNotice.serial, AgencyNotice.record_number)))


def place_of(row: AgencyNotice) -> Place:
    """Return serial and record number."""
    return row.serial, row.record_number


@dataclass(slots=True)
class Screened:
    """What is settled without a person, by place; all the others are looked for."""

    settled: dict[Place, Judgement] = field(default_factory=dict)
    _ids: dict[str, Place] = field(default_factory=dict, repr=False)
    _contents: dict[str, Place] = field(default_factory=dict, repr=False)

    def repeated(self, row: AgencyNotice) -> str:
        """Return the rule by which a notice was there before, or an empty text; remember it otherwise."""
        place = place_of(row)
        if self._ids.setdefault(row.notice_id, place) < place:
            return "same_id"
        return "same_content" if self._contents.setdefault(row.content_sha256, place) < place else ""

    def learn(self, tx: Tx, rows: Sequence[AgencyNotice]) -> None:
        """Remember the notices with a class that bear one of these numbers or contents."""
        for known, column, values in (
            (self._ids, AgencyNotice.notice_id, [row.notice_id for row in rows]),
            (self._contents, AgencyNotice.content_sha256, [row.content_sha256 for row in rows]),
        ):
            query = select(column, AgencyNotice.serial, AgencyNotice.record_number).where(
                column.in_(values),
                AgencyNotice.notice_class.is_not(None),
                AgencyNotice.notice_class.not_in(_NO_RECORD),
            )
            for value, serial, record in tx.session.execute(query):
                known[value] = min(known.get(value, (serial, record)), (serial, record))


def screen(house: House, tx: Tx) -> Screened:
    """Settle what is meant for another municipality, not acceptable, or there before."""
    screened, sealed = Screened(), _sealed_days(tx)
    for rows in some(pending(tx)):
        screened.learn(tx, rows)
        for row in rows:
            if row.notice_class is None:
                found = _judged(house, row, screened, sealed)
                if found is not None:
                    screened.settled[place_of(row)] = found
    return screened


def told_notices(rows: Iterable[AgencyNotice], screened: Screened, items: tuple[str, ...]) -> Iterator[ToldNotice]:
    """Yield the notices whose person is to be found."""
    for row in rows:
        if place_of(row) not in screened.settled:
            yield ToldNotice.of(place_of(row), row.content, items)


def _judged(house: House, row: AgencyNotice, screened: Screened, sealed: dict[int, date]) -> Judgement | None:
    if row.content["municipality"] != house.settings.municipality:
        return Judgement("not_ours", "another_municipality", ("municipality",))
    rule, fields = content_findings(row.content, house.schemas, sealed.get(row.serial, row.since))
    if rule:
        return Judgement("not_acceptable", rule, fields)
    again = screened.repeated(row)
    return Judgement("duplicate", again) if again else None


def _sealed_days(tx: Tx) -> dict[int, date]:
    rows = tx.session.execute(select(File.serial, File.sealed_at).where(File.direction == Direction.IN))
    return {serial: in_tokyo(sealed_at).date() for serial, sealed_at in rows if sealed_at}


@dataclass(frozen=True, slots=True)
class Found:
    """What was read before the ledger is written: the settled ones, the matches, the rows of all persons concerned."""

    ids: Sequence[int]
    base: Base
    items: tuple[str, ...]
    forms: Forms
    screened: Screened
    matches: Mapping[Place, Match] = field(repr=False)
    seen: Seen = field(repr=False)
