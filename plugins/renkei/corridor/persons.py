"""What the ledger knows of persons: for the proof, for deriving, and what stays open about them (contract §6).

Everything here is personal and stays in the ledger's person tables.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from renkei.corridor import queue
from renkei.corridor.echoes import taken_in_for
from renkei.corridor.entering import DIFFERENCE, Tally, fits, takes_back
from renkei.corridor.house import House
from renkei.corridor.shelf import in_parts, shelf_of
from renkei.ledger import Tx
from renkei.ledger.states import NoticeState, OpenItemKind, OpenState
from renkei.ledger.tables import EventRead, Notice, OpenItem, Person
from renkei.notices import Known, ReferenceKeys, person_reference
from renkei.registry import Comparison, Event, Layout, OpenDifference, Proof, Residents
from renkei.registry.proof import DELETION_WITHOUT_EVENT, ENTRY_WITHOUT_EVENT, ROW_MISSING_AFTER_EVENT, UNPROVEN
from renkei.registry.rows import event_of

_PLANS = (NoticeState.PLANNED, NoticeState.HELD, NoticeState.BEHIND)


class LedgerKnown:
    """The ledger's knowledge of the days before one, as the proof asks for it (`registry.KnownState`).

    `numbers`: the persons whom the proof will ask about, beside those with a plan.
    """

    def __init__(self, tx: Tx, day: date, layout: Layout, numbers: Iterable[str]) -> None:
        self._layout = layout
        self._waiting: dict[str, list[EventRead]] = {}
        waiting = select(EventRead).where(EventRead.row.is_not(None)).order_by(EventRead.history_number)
        for each in tx.session.scalars(waiting):
            self._waiting.setdefault(each.registry_number, []).append(each)
        self._plans = plans_on(tx, day)
        self._last: dict[str, int | None] = {}
        for some in in_parts(sorted({*numbers, *self._plans})):
            found = tx.session.execute(
                select(Person.registry_number, Person.last_history_number, Person.state).where(
                    Person.registry_number.in_(some)
                )
            )
            for number, last, state in found:
                self._last[number] = UNPROVEN if last is None and state is OpenState.OPEN else last

    def last_history(self, registry_number: str) -> int | None:
        """Return the number of the last event that was proven, None for a person never seen in one.

        `UNPROVEN` for someone who stands in the residents' file and never was proven there.
        """
        return self._last.get(registry_number)

    def planned(self, registry_number: str) -> date | None:
        """Return the day on which a planned deletion takes effect, None without one."""
        return self._plans.get(registry_number)

    def planned_due(self, business_date: date) -> Iterable[str]:
        """Return the persons whose planned deletion takes effect by a business date."""
        return [number for number, due in self._plans.items() if due <= business_date]

    def waiting_events(self, registry_number: str) -> Sequence[Event]:
        """Return the events read on earlier days whose chain did not close, in order."""
        return [event_of(0, each.row or {}, self._layout) for each in self._waiting.get(registry_number, ())]


def unproven(tx: Tx) -> frozenset[str]:
    """Return the persons whose proof is open. Personal."""
    return frozenset(tx.session.scalars(select(Person.registry_number).where(Person.state == OpenState.OPEN)))


def plans_on(tx: Tx, day: date) -> dict[str, date]:
    """Return the planned deletions that take effect on a day or after it: registry number → their day."""
    plans = tx.session.execute(
        select(Notice.registry_number, Notice.due_date, Notice.history_number)
        .where(
            Notice.family == queue.FAMILIES[0],
            Notice.action == "deletion",
            Notice.state.in_(_PLANS),
            Notice.due_date > Notice.business_date,
            Notice.due_date >= day,
        )
        .order_by(Notice.history_number)
    )
    return {number: due for number, due, _ in plans if number and due}


def keys_of(
    tx: Tx, keys: ReferenceKeys, numbers: Iterable[str], rows: Mapping[str, Mapping[str, str] | None]
) -> ReferenceKeys:
    """Return the reference keys with what is known of these persons: who was seen first under which key.

    A person who lived here on the baseline and had no event since was first seen under the oldest key.
    """
    wanted = set(numbers)
    shelf = shelf_of(tx)
    shelf.cover(wanted)
    known = {number: shelf.persons[number].key_id for number in wanted & shelf.persons.keys()}
    oldest = keys.keys[0].id
    known |= {number: oldest for number in wanted - known.keys() if rows.get(number) is not None}
    return keys.remembering(known)


def as_last_proven(tx: Tx, number: str, row: Mapping[str, str] | None, event: Event) -> Mapping[str, str] | None:
    """Return a person's row as it was before what stands open about the person: that was told to nobody.

    Where the change itself stands open, its columns hold nothing, so that every event that brings them changes them.
    """
    shelf = shelf_of(tx)
    shelf.cover([number])
    opened = shelf.differences.get(number)
    if opened is None:
        return row
    if opened.rule == ENTRY_WITHOUT_EVENT:
        return None
    if row is None:
        return event.record if opened.rule in {DELETION_WITHOUT_EVENT, ROW_MISSING_AFTER_EVENT} else None
    return {**row, **dict.fromkeys(opened.fields or (), "")}


def known_for(tx: Tx, event: Event, earlier: Collection[int]) -> Known:
    """Return what a derivation must know from the ledger about an event: what it repeats, whether what it cancels.

    `earlier`: history numbers of the person's events that are entered before this one.
    """
    told = taken_in_for(tx, event)
    cancelled = event.row.get("cancels_history_number", "")
    if not cancelled:
        return Known(taken_in=told)
    shelf = shelf_of(tx)
    shelf.cover([event.registry_number])
    there = {each.history_number for each in shelf.notices_of(event.registry_number)}
    return Known(taken_in=told, original_in_ledger=int(cancelled) in {*there, *earlier})


@dataclass(frozen=True, slots=True)
class Found:
    """What the proof of a day found, and in which extract (digest of its manifest)."""

    proof: Proof
    events: Sequence[Event] = field(repr=False)
    comparison: Comparison
    day: date
    manifest: str


def settle_proof(tx: Tx, house: House, found: Found, tally: Tally) -> None:
    """Write what the proof found: last numbers of those who close, an open item for each who does not."""
    proof = found.proof
    latest: dict[str, int] = {}
    for event in found.events:
        latest[event.registry_number] = max(event.history_number, latest.get(event.registry_number, 0))
    rows: dict[str, Mapping[str, str] | None] = {
        each.key.decode(): {} for each in found.comparison.differences if each.before is not None
    }
    opened = {each.registry_number for each in proof.opened}
    before = last_numbers(found.comparison) | _unchanged_numbers(found.comparison, opened)
    keys = keys_of(tx, house.keys, {*latest, *opened}, rows)
    waiting = set(tx.session.scalars(select(Person.registry_number).where(Person.state == OpenState.OPEN)))
    concerned = sorted({*latest, *opened, *(waiting & proof.closed)})
    shelf = shelf_of(tx)
    shelf.cover(concerned)
    for number in concerned:
        person = shelf.persons.get(number)
        if person is None:
            key = keys.for_person(number)
            row = {
                "registry_number": number,
                "reference": person_reference(key, house.settings.municipality, number),
                "key_id": key.id,
                "last_history_number": before.get(number),
                "state": OpenState.CLOSED,
            }
            if number in proof.closed and not _waiting(tx, number):
                shelf.add_bare_person(row | {"last_history_number": latest.get(number, before.get(number))})
                continue
            person = Person(**row)
            shelf.add_person(person)
        if number in proof.closed:
            tally.persons.add(number)
            _close(tx, house, person, latest.get(number), found, tally)
    shelf.write()
    for each in proof.opened:
        tx.session.get_one(Person, each.registry_number).state = OpenState.OPEN
        _open(tx, each, found.day)


def last_numbers(comparison: Comparison) -> dict[str, int]:
    """Return the history number in yesterday's row of each person who differs. Personal."""
    # Neither of the first two columns is ever quoted: digits only.
    return {
        each.key.decode(): int(each.before.split(b",", 2)[1])
        for each in comparison.differences
        if each.before is not None
    }


def _unchanged_numbers(comparison: Comparison, numbers: Iterable[str]) -> dict[str, int]:
    """Return the history number in the row of each of these persons whose row did not change. Personal."""
    residents, differ = Residents(comparison.after), {each.key.decode() for each in comparison.differences}
    lines = {number: residents.find(number) for number in numbers if number not in differ}
    return {number: int(line.split(b",", 2)[1]) for number, line in lines.items() if line}


def _waiting(tx: Tx, number: str) -> list[EventRead]:
    """Return the events of a covered person whose chain did not close."""
    return [each for each in shelf_of(tx).events[number].values() if each is not None and each.row is not None]


def _close(tx: Tx, house: House, person: Person, latest: int | None, found: Found, tally: Tally) -> None:
    """Close a person's day; what waited for it goes, the proof being the evidence."""
    number = person.registry_number
    read = _waiting(tx, number)
    numbers = [each.history_number for each in read] + ([latest] if latest else [])
    if numbers:
        person.last_history_number = max(numbers)
    for each in read:
        each.row = None
    if person.state is OpenState.CLOSED:
        return
    person.state = OpenState.CLOSED
    evidence = f"proven by {found.manifest[:12]}"
    for item in tx.session.scalars(
        select(OpenItem).where(
            OpenItem.registry_number == number,
            OpenItem.kind == OpenItemKind.DIFFERENCE,
            OpenItem.state == OpenState.OPEN,
        )
    ):
        item.state, item.closed_at, item.evidence = OpenState.CLOSED, tx.clock.now(), evidence
    for notice in queue.queue_of(tx, number):
        if notice.state is NoticeState.HELD:
            _go_on(tx, house, notice, evidence, found.day, tally)


def _go_on(tx: Tx, house: House, notice: Notice, evidence: str, day: date, tally: Tally) -> None:
    """Let a held notice of someone whose proof closes do what it could not; it may be held for another reason."""
    if takes_back(tx, notice, tally) or notice.reason != DIFFERENCE:
        return
    queue.release(tx, notice, evidence)
    if notice.due_date and notice.due_date < day:
        # It falls due now, so that the event that was missing goes before it.
        notice.due_date = day
    rule = fits(notice, house.schemas)
    if rule:
        queue.hold(tx, notice, rule, notice.fields or ())
    elif notice.due_date and notice.due_date > day:
        notice.state = NoticeState.PLANNED
        tally.waiting -= 1


def _open(tx: Tx, difference: OpenDifference, day: date) -> None:
    there = tx.session.scalars(
        select(OpenItem).where(
            OpenItem.registry_number == difference.registry_number,
            OpenItem.kind == OpenItemKind.DIFFERENCE,
            OpenItem.state == OpenState.OPEN,
        )
    ).first()
    if there is None:
        tx.session.add(
            OpenItem(
                kind=OpenItemKind.DIFFERENCE,
                registry_number=difference.registry_number,
                business_date=day,
                rule=difference.rule,
                fields=list(difference.fields),
                since=tx.clock.now(),
                state=OpenState.OPEN,
            )
        )


def open_day(tx: Tx, day: date, rule: str, digest: str) -> None:
    """Open the item about a day that is held, once; the trail names the extract that it is about."""
    there = tx.session.scalars(
        select(OpenItem).where(
            OpenItem.kind == OpenItemKind.DAY,
            OpenItem.business_date == day,
            OpenItem.state == OpenState.OPEN,
        )
    ).first()
    if there is None:
        tx.session.add(
            OpenItem(
                kind=OpenItemKind.DAY,
                business_date=day,
                rule=rule,
                fields=[],
                since=tx.clock.now(),
                state=OpenState.OPEN,
            )
        )
    tx.trail("day.held", day.isoformat(), rule=rule, manifest=digest)


def close_day(tx: Tx, day: date, evidence: str) -> None:
    """Close the item about a day that was held."""
    for item in tx.session.scalars(
        select(OpenItem).where(
            OpenItem.kind == OpenItemKind.DAY,
            OpenItem.business_date == day,
            OpenItem.state == OpenState.OPEN,
        )
    ):
        item.state, item.closed_at, item.evidence = OpenState.CLOSED, tx.clock.now(), evidence
    tx.trail("day.released", day.isoformat(), evidence=evidence)
