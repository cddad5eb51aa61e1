"""The proof of a day (contract §6): yesterday's row and the events in effect by today end in today's row.

It closes for every person, or that person is opened: the rule and the names of the columns, never a value.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Protocol

from renkei.errors import DayHeld
from renkei.registry.compare import Difference
from renkei.registry.extract import Comparison, row_of
from renkei.registry.layout import Layout
from renkei.registry.rows import PLAN_CANCELLED, Event
from renkei.registry.search import Residents

HISTORY_GAP: Final = "history_gap"
HISTORY_REPEATED: Final = "history_repeated"
ENTRY_WITHOUT_EVENT: Final = "entry_without_event"
DELETION_WITHOUT_EVENT: Final = "deletion_without_event"
CHANGE_WITHOUT_EVENT: Final = "change_without_event"
ROW_NOT_AS_EVENT: Final = "row_not_as_event"
ROW_MISSING_AFTER_EVENT: Final = "row_missing_after_event"
ROW_LEFT_AFTER_DELETION: Final = "row_left_after_deletion"

UNPROVEN: Final = -1
"""The last history number of someone whose row stands there though no event ever proved it: any may come first."""

HALF_GONE: Final = "half_gone"
HALF_UNEXPLAINED: Final = "half_unexplained"
_FEW: Final = 10
"""Below this many residents only what no event explains counts against a day."""

_Row = Mapping[str, str]


class KnownState(Protocol):
    """What the ledger knows about persons from the days before."""

    def last_history(self, registry_number: str) -> int | None:
        """Return the number of the last event that was proven, None for a person never seen in one.

        `UNPROVEN` for a person who stands open and of whom no row was ever proven.
        """

    def planned(self, registry_number: str) -> date | None:
        """Return the day on which a planned deletion takes effect, None without one."""

    def planned_due(self, business_date: date) -> Iterable[str]:
        """Return the persons whose planned deletion takes effect by a business date."""

    def waiting_events(self, registry_number: str) -> Sequence[Event]:
        """Return the events read on earlier days whose chain did not close, in order."""


@dataclass(frozen=True, slots=True)
class OpenDifference:
    """A person whose day does not close: the rule and the columns concerned."""

    registry_number: str = field(repr=False)
    fields: tuple[str, ...]
    rule: str


@dataclass(frozen=True, slots=True)
class Proof:
    """Who closes, who stays open, and whose deletion a planned move-out explains."""

    closed: frozenset[str] = field(repr=False)
    opened: tuple[OpenDifference, ...]
    explained_by_planned: frozenset[str] = field(repr=False)
    entries: int
    deletions: int


def prove(
    comparison: Comparison, events: Sequence[Event], known: KnownState, business_date: date, layout: Layout
) -> Proof:
    """Prove a day for every person who differs, has an event, or whose planned deletion falls due.

    `closed` names those for whom it closes. A person never seen may begin at any history number.
    """
    by_person: dict[str, list[Event]] = {}
    for event in events:
        by_person.setdefault(event.registry_number, []).append(event)
    changed = {each.key.decode(): each for each in comparison.differences}
    residents = Residents(comparison.after)
    closed, explained = set[str](), set[str]()
    opened = list[OpenDifference]()
    for number in sorted({*changed, *by_person, *known.planned_due(business_date)}):
        before, after = _rows(changed.get(number), number, residents, layout)
        person = _Person(number, before, after, business_date)
        person.goes_through(known, by_person.get(number, ()))
        found = person.verdict()
        if found is None:
            closed.add(number)
            if person.deleted_by_plan:
                explained.add(number)
        else:
            opened.append(found)
    return Proof(frozenset(closed), tuple(opened), frozenset(explained), comparison.entries, comparison.deletions)


def check_volume(comparison: Comparison, proof: Proof, business_date: date) -> None:
    """Hold the day where half the residents are gone, or half differ without an event (`DayHeld`).

    In a registry of a few persons, only what no event explains counts.
    """
    before = comparison.rows_before
    if comparison.before is None or not before:
        return
    opened = {each.registry_number for each in proof.opened}
    gone = [each.key.decode() for each in comparison.differences if each.after is None]
    counted = len(gone) if before >= _FEW else sum(number in opened for number in gone)
    day = business_date.isoformat()
    if counted * 2 >= before:
        raise DayHeld(business_date=day, rule=HALF_GONE, count=counted, before=before)
    if len(opened) * 2 >= before >= _FEW:
        raise DayHeld(business_date=day, rule=HALF_UNEXPLAINED, count=len(opened), before=before)


@dataclass(slots=True)
class _Person:
    """Follows one person from yesterday's row through the events to the row that today must hold."""

    number: str
    before: _Row | None = field(repr=False)
    after: _Row | None = field(repr=False)
    today: date
    expected: _Row | None = field(default=None, repr=False)
    plan: date | None = None
    deleted_by_plan: bool = False
    any_event: bool = False
    broken: str = ""

    def goes_through(self, known: KnownState, events: Sequence[Event]) -> None:
        self.expected = self.before
        self.plan = known.planned(self.number)
        last = known.last_history(self.number)
        if last == UNPROVEN:
            last = None
        elif last is None and self.before is not None:
            last = int(self.before["history_number"])
        waiting = known.waiting_events(self.number)
        # What waited may have waited for one of today's; on one day the order of processing must be right.
        ordered = sorted((*waiting, *events), key=lambda each: each.history_number) if waiting else events
        for event in ordered:
            self.any_event = True
            if last is not None and event.history_number != last + 1:
                self.broken = self.broken or (HISTORY_GAP if event.history_number > last else HISTORY_REPEATED)
            last = event.history_number
            self._takes(event)
        if self.plan is not None and self.plan <= self.today:
            self.deleted_by_plan = self.expected is not None
            self.expected = None

    def _takes(self, event: Event) -> None:
        if not event.deletes:
            self.expected = event.record
            if event.reason == PLAN_CANCELLED:
                self.plan = None
        elif event.planned_on(self.today):
            self.expected, self.plan = event.record, event.takes_effect
        else:
            self.expected, self.plan = None, None

    def verdict(self) -> OpenDifference | None:
        if self.broken:
            return OpenDifference(self.number, ("history_number",), self.broken)
        if self.expected is None or self.after is None:
            rule = self._presence()
            return OpenDifference(self.number, ("registry_number",), rule) if rule else None
        if self.expected == self.after:
            return None
        fields = tuple(name for name, value in self.expected.items() if self.after[name] != value)
        if not fields:
            return None
        return OpenDifference(self.number, fields, ROW_NOT_AS_EVENT if self.any_event else CHANGE_WITHOUT_EVENT)

    def _presence(self) -> str:
        if self.expected is None and self.after is None:
            return ""
        if self.after is None:
            return ROW_MISSING_AFTER_EVENT if self.any_event else DELETION_WITHOUT_EVENT
        return ROW_LEFT_AFTER_DELETION if self.any_event or self.before else ENTRY_WITHOUT_EVENT


def _rows(
    difference: Difference | None, number: str, residents: "Residents", layout: Layout
) -> tuple[_Row | None, _Row | None]:
    if difference is None:
        line = residents.find(number)
        row = row_of(layout.residents, line) if line else None
        return row, row
    before, after = (row_of(layout.residents, line) if line else None for line in (difference.before, difference.after))
    return before, after
