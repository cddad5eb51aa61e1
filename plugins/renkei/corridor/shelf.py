"""What the ledger holds about the persons of one transaction, read at once instead of person by person.

A writing transaction is alone in the ledger, so what it has read stays true; what it adds itself is put here too. It
lives as long as the transaction's session.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from sqlalchemy import select

from renkei.ledger import Tx
from renkei.ledger.states import OpenItemKind, OpenState
from renkei.ledger.tables import EventRead, Notice, OpenItem, Person

_AT_ONCE: Final = 500
_NAME: Final = "renkei.shelf"


class Shelf:
    """Notices, events, persons and open differences by registry number; holds what it has read in memory."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self.covered: set[str] = set()
        self.notices: defaultdict[str, list[Notice]] = defaultdict(list)
        self.events: defaultdict[str, dict[int, EventRead]] = defaultdict(dict)
        self.persons: dict[str, Person] = {}
        self.differences: dict[str, OpenItem] = {}
        self._notice_ids: set[str] = set()

    def cover(self, numbers: Iterable[str]) -> None:
        """Read what is known about these persons, unless it is here already."""
        for some in _some(sorted(set(numbers) - self.covered)):
            self.covered.update(some)
            scalars = self._tx.session.scalars
            for notice in scalars(select(Notice).where(Notice.registry_number.in_(some))):
                self.notices[notice.registry_number or ""].append(notice)
                self._notice_ids.add(notice.notice_id)
            for event in scalars(select(EventRead).where(EventRead.registry_number.in_(some))):
                self.events[event.registry_number][event.history_number] = event
            for person in scalars(select(Person).where(Person.registry_number.in_(some))):
                self.persons[person.registry_number] = person
            opened = select(OpenItem).where(
                OpenItem.registry_number.in_(some),
                OpenItem.kind == OpenItemKind.DIFFERENCE,
                OpenItem.state == OpenState.OPEN,
            )
            for item in scalars(opened.order_by(OpenItem.id.desc())):
                self.differences[item.registry_number or ""] = item

    def knows(self, notice_id: str, number: str | None) -> bool:
        """Tell whether a notice of this person is in the ledger."""
        if number in self.covered:
            return notice_id in self._notice_ids
        return self._tx.session.get(Notice, notice_id) is not None

    def add_notice(self, notice: Notice) -> None:
        """Enter a new notice."""
        self._tx.session.add(notice)
        if notice.registry_number in self.covered:
            self.notices[notice.registry_number or ""].append(notice)
            self._notice_ids.add(notice.notice_id)

    def add_event(self, event: EventRead) -> None:
        """Enter a new event of a person who is covered."""
        self._tx.session.add(event)
        self.events[event.registry_number][event.history_number] = event

    def add_person(self, person: Person) -> None:
        """Enter a new person who is covered."""
        self._tx.session.add(person)
        self.persons[person.registry_number] = person


def shelf_of(tx: Tx) -> Shelf:
    """Return the shelf of a transaction, empty at first."""
    found = tx.session.info.get(_NAME)
    if not isinstance(found, Shelf):
        found = tx.session.info[_NAME] = Shelf(tx)
    return found


def _some(numbers: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(numbers)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
