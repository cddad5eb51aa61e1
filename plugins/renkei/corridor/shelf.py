"""What the ledger holds about the persons of one transaction, read and written at once instead of one by one.

A writing transaction is alone in the ledger, so what it has read stays true; what it adds itself is put here too. It
lives as long as the transaction's session. What nobody will look at again in the transaction is kept as a bare row and
written by `write` with thousands of its kind; whoever asks for a person's notices finds them here all the same.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final, cast

from sqlalchemy import Table, insert, select

from renkei.ledger import Tx
from renkei.ledger.states import OpenItemKind, OpenState
from renkei.ledger.tables import Base, EventRead, Notice, OpenItem, Person

_AT_ONCE: Final = 500
_NAME: Final = "renkei.shelf"


class Shelf:
    """Notices, events, persons and open differences by registry number; holds what it has read in memory."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self.covered: set[str] = set()
        self.notices: defaultdict[str, list[Notice]] = defaultdict(list)
        self.events: defaultdict[str, dict[int, EventRead | None]] = defaultdict(dict)
        """By history number; None for one that was written as a bare row."""
        self.persons: dict[str, Person] = {}
        self.differences: dict[str, OpenItem] = {}
        self._notice_ids: set[str] = set()
        self._of_nobody: frozenset[str] | None = None
        self._bare_notices: dict[str, list[dict[str, Any]]] = {}
        self._bare: defaultdict[type[Base], list[dict[str, Any]]] = defaultdict(list)
        self._written: set[str] = set()

    def cover(self, numbers: Iterable[str]) -> None:
        """Read what is known about these persons, unless it is here already."""
        for some in in_parts(sorted(set(numbers) - self.covered)):
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
        if number in self.covered and notice_id in self._notice_ids:
            return True
        if number in self.covered:
            return notice_id in self._nobodys()
        return self._tx.session.get(Notice, notice_id) is not None

    def _nobodys(self) -> frozenset[str]:
        """Return the notices that only a receipt proves (`adopt`): whose they are is known to nobody."""
        if self._of_nobody is None:
            only_told = select(Notice.notice_id).where(Notice.registry_number.is_(None), Notice.due_date.is_(None))
            self._of_nobody = frozenset(self._tx.session.scalars(only_told))
        return self._of_nobody

    def notices_of(self, number: str) -> list[Notice]:
        """Return the notices of a person who is covered, those kept or written as bare rows too."""
        for row in self._bare_notices.pop(number, ()):
            self.add_notice(row)
        if number in self._written:
            self._written.discard(number)
            found = self._tx.session.scalars(select(Notice).where(Notice.registry_number == number))
            self.notices[number] = list(found)
        return self.notices[number]

    def add_notice(self, row: Mapping[str, Any]) -> Notice:
        """Enter a new notice: column → value, `content` in its canonical form."""
        content = row["content"]
        notice = Notice(**{**row, "content": None if content is None else json.loads(content)})
        self._tx.session.add(notice)
        if notice.registry_number in self.covered:
            self.notices[notice.registry_number or ""].append(notice)
            self._notice_ids.add(notice.notice_id)
        return notice

    def add_bare_notice(self, row: Mapping[str, Any]) -> None:
        """Enter a new notice of a person who is covered, for whom nothing waits, as a bare row."""
        self._bare_notices.setdefault(row["registry_number"], []).append(dict(row))
        self._notice_ids.add(row["notice_id"])

    def add_event(self, event: EventRead) -> None:
        """Enter a new event of a person who is covered."""
        self._tx.session.add(event)
        self.events[event.registry_number][event.history_number] = event

    def add_bare_event(self, row: Mapping[str, Any]) -> None:
        """Enter a new event, of which nothing waits, of a person who is covered as a row: column → value."""
        self._bare[EventRead].append(dict(row))
        self.events[row["registry_number"]][row["history_number"]] = None

    def add_person(self, person: Person) -> None:
        """Enter a new person who is covered."""
        self._tx.session.add(person)
        self.persons[person.registry_number] = person

    def add_bare_person(self, row: Mapping[str, Any]) -> None:
        """Enter a new person, of whom nothing is open, as a row: column → value."""
        self._bare[Person].append(dict(row))

    def write(self) -> None:
        """Write all bare rows."""
        self._bare[Notice] += [row for rows in self._bare_notices.values() for row in rows]
        self._written |= self._bare_notices.keys()
        self._bare_notices.clear()
        for model, rows in self._bare.items():
            if rows:
                self._tx.session.execute(insert(cast("Table", model.__table__)), rows)
        self._bare.clear()


def shelf_of(tx: Tx) -> Shelf:
    """Return the shelf of a transaction, empty at first."""
    found = tx.session.info.get(_NAME)
    if not isinstance(found, Shelf):
        found = tx.session.info[_NAME] = Shelf(tx)
    return found


def in_parts(numbers: Iterable[str]) -> Iterator[list[str]]:
    """Yield registry numbers by the hundred, as many as one statement asks for."""
    rest = iter(numbers)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
