"""What the agency told of a person, so that an event which only repeats it is not told back (contract §7)."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import or_, select

from renkei.ledger import Tx
from renkei.ledger.states import AgencyNoticeClass
from renkei.ledger.tables import AgencyNotice
from renkei.matching import ToldNotice, items_of
from renkei.registry import Event

ORIGIN: Final = "agency_notice"
_NEVER: Final = (AgencyNoticeClass.NOT_OURS, AgencyNoticeClass.NOT_ACCEPTABLE, AgencyNoticeClass.DUPLICATE)


def taken_in_for(tx: Tx, event: Event) -> Mapping[str, str] | None:
    """Return item → value that agency notices gave for an event's person, None where no such notice was taken in.

    The event names its notice, or all of the person's count; of several values the one that the event has. A notice
    that was found to be about somebody else gives nothing, one that a later notice overtook gives no value.
    """
    if event.row["origin"] != ORIGIN:
        return None
    rows = [row for row in _named(tx, event) if _may_mean(row, event.registry_number)]
    if not rows:
        return None
    given: dict[str, str] = {}
    for row in rows:
        if row.notice_class is AgencyNoticeClass.OUT_OF_ORDER:
            continue
        for item, value in _values(row).items():
            if given.get(item) != event.row.get(item):
                given[item] = value
    return given


def _named(tx: Tx, event: Event) -> list[AgencyNotice]:
    named = event.row["origin_notice_id"]
    which = AgencyNotice.notice_id == named if named else AgencyNotice.registry_number == event.registry_number
    query = select(AgencyNotice).where(
        which, or_(AgencyNotice.notice_class.is_(None), AgencyNotice.notice_class.not_in(_NEVER))
    )
    return list(tx.session.scalars(query.order_by(AgencyNotice.serial, AgencyNotice.record_number)))


def _may_mean(row: AgencyNotice, number: str) -> bool:
    """Tell whether a notice is about a person, as far as anybody knows: a clerk may have found whom no rule did."""
    return row.registry_number in {None, number}


def _values(row: AgencyNotice) -> dict[str, str]:
    items = items_of(tuple(row.content))
    notice = ToldNotice.of((row.serial, row.record_number), row.content, items)
    values = {item: notice.after[item] for item in items if notice.after[item] or item in notice.told}
    return {**values, "record_state": "deleted"} if notice.ends else values
