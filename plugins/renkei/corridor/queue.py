"""The queue of one person: what waits for what (contract §3, §4, §7).

While a notice of a person is held or refused, the later ones of that person wait behind it; other people's go. The
order within a person is the day a notice fell due, then the history number, then the family.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from sqlalchemy import select

from renkei.corridor.shelf import shelf_of
from renkei.ledger import Tx
from renkei.ledger.states import NoticeState, OpenItemKind, OpenState
from renkei.ledger.tables import Notice, OpenItem

FAMILIES: Final = ("resident_records", "residence_reports", "certificates")
STOPS: Final = frozenset({NoticeState.HELD, NoticeState.REFUSED})
WAITS: Final = STOPS | {NoticeState.BEHIND}
LIVE: Final = WAITS | {NoticeState.DUE, NoticeState.PLANNED}


def place(notice: Notice) -> tuple[date, int, int, str]:
    """Return the place of a notice in its person's queue."""
    due = notice.due_date or date.max
    return due, notice.history_number or 0, FAMILIES.index(notice.family), notice.notice_id


def queue_of(tx: Tx, registry_number: str) -> list[Notice]:
    """Return a person's notices that have not gone yet, in order."""
    shelf = shelf_of(tx)
    if registry_number in shelf.covered:
        return sorted((each for each in shelf.notices_of(registry_number) if each.state in LIVE), key=place)
    found = tx.session.scalars(select(Notice).where(Notice.registry_number == registry_number, Notice.state.in_(LIVE)))
    return sorted(found, key=place)


def is_empty(tx: Tx, registry_number: str) -> bool:
    """Tell whether nothing of a covered person waits, bare rows aside: these wait for nobody and stop nobody."""
    shelf = shelf_of(tx)
    return registry_number in shelf.covered and not any(
        each.state in LIVE for each in shelf.notices.get(registry_number, ())
    )


def settle(tx: Tx, registry_number: str) -> None:
    """Let each notice of a person be due or wait behind, as the ones before it stand."""
    stopped = False
    for notice in queue_of(tx, registry_number):
        if notice.state in STOPS:
            stopped = True
        elif notice.state is NoticeState.DUE and stopped:
            notice.state = NoticeState.BEHIND
        elif notice.state is NoticeState.BEHIND and not stopped:
            notice.state = NoticeState.DUE


def settle_all(tx: Tx, registry_numbers: Iterable[str | None]) -> None:
    """Settle the queues of all the persons given."""
    numbers = sorted({each for each in registry_numbers if each})
    shelf_of(tx).cover(numbers)
    for registry_number in numbers:
        if not is_empty(tx, registry_number):
            settle(tx, registry_number)


def fall_due(tx: Tx, day: date) -> list[Notice]:
    """Make every planned notice due whose day has come (contract §7); return them."""
    found = tx.session.scalars(select(Notice).where(Notice.state == NoticeState.PLANNED, Notice.due_date <= day)).all()
    for notice in found:
        notice.state = NoticeState.DUE
        notice.reason = None
    return list(found)


def hold(tx: Tx, notice: Notice, rule: str, fields: Sequence[str], *, kind: OpenItemKind = OpenItemKind.HOLD) -> None:
    """Hold a notice for a rule and open the item that a person will find."""
    notice.state = NoticeState.REFUSED if kind is OpenItemKind.REFUSED else NoticeState.HELD
    notice.reason = rule
    notice.fields = list(fields)
    tx.session.flush()
    tx.session.add(
        OpenItem(
            kind=kind,
            registry_number=notice.registry_number,
            notice_id=notice.notice_id,
            business_date=notice.business_date,
            rule=rule,
            fields=list(fields),
            since=tx.clock.now(),
            state=OpenState.OPEN,
        )
    )


def close_items(tx: Tx, notice: Notice, evidence: str, decision_id: int | None = None) -> None:
    """Close what is open about a notice, with the evidence that closed it."""
    items = tx.session.scalars(
        select(OpenItem).where(OpenItem.notice_id == notice.notice_id, OpenItem.state == OpenState.OPEN)
    )
    for item in items:
        item.state = OpenState.CLOSED
        item.closed_at = tx.clock.now()
        item.evidence = evidence
        item.decision_id = decision_id


def release(tx: Tx, notice: Notice, evidence: str, decision_id: int | None = None) -> None:
    """Let a held or refused notice go again, in the next file sealed; a refused one as a new attempt."""
    if notice.state is NoticeState.REFUSED:
        notice.attempt += 1
    notice.state = NoticeState.DUE
    notice.reason = None
    notice.released_by = decision_id
    close_items(tx, notice, evidence, decision_id)


def never_tell(tx: Tx, notice: Notice, rule: str, evidence: str, decision_id: int | None = None) -> None:
    """Take a notice out of the queue for good: it is never told (contract §7)."""
    notice.state = NoticeState.NEVER_TOLD
    notice.reason = rule
    close_items(tx, notice, evidence, decision_id)


def overlaid(
    content: Mapping[str, str], before: Mapping[str, str], after: Mapping[str, str], items: Iterable[str]
) -> dict[str, str]:
    """Return a waiting notice's content with the items that a correcting event changed.

    Only an item that still has the value which the event corrected is replaced: what another event set stays.
    """
    changed = dict(content)
    for item in items:
        if item in content and content[item] == before[item]:
            changed[item] = after[item]
    return changed
