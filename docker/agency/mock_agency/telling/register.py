"""What the agency's own notices do to its register, and what a ward's stale record does not undo.

schemas/README.md, "What the agency told keeps": a ward's record that still carries, for an item of a notice, the value
before it does not set the item back; any other value does. Once the ward's record carries the new value, the notice
is settled, and the old value would be a change of the ward's own.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from mock_agency.store import Person, Store
from mock_agency.telling.rows import BEFORE, IDENTITY, LOSS, Draft, Form

STATE: Final = "record_state"
LIVING, DELETED = "living", "deleted"


class Told:
    """What was told of the persons of one municipality."""

    def __init__(self, store: Store, municipality: str) -> None:
        self._store, self._municipality = store, municipality

    def change(self, form: Form, draft: Draft) -> None:
        """Change the register as a notice says; to be called inside a transaction."""
        person = self._store.person(self._municipality, draft.person) if draft.person else None
        if person is None:
            return
        told = {item: pair for item, pair in form.told(draft.row).items() if item in person.items}
        for item, (before, _) in told.items():
            self._remember(person, item, before)
        items = person.items | {item: after for item, (_, after) in told.items()}
        if draft.row.get("action") == LOSS:
            self._remember(person, STATE, LIVING)
            person = replace(person, record_state=DELETED)
        self._store.keep_person(self._municipality, replace(person, items=items))

    def ended(self, person: Person | None) -> bool:
        """Tell whether it was a notice of the agency's that ended a record, and the ward may not know it yet."""
        return person is not None and not person.living and STATE in self._before(person)

    def settle(self, known: Person | None, new: Person, *, revives: bool) -> Person:
        """Return what a ward's record makes of a person; `revives`: it enters the person anew."""
        told = self._before(known) if known else {}
        if known is None or not told:
            return new
        if revives or new.record_state == DELETED:
            self._forget(known, *told)
        state = known.record_state if STATE in told and not revives else new.record_state
        if revives:
            return new
        items = dict(new.items)
        for item in told.keys() - {STATE}:
            if items[item] in told[item] and items[item] != known.items[item]:
                items[item] = known.items[item]
            else:
                self._forget(known, item)
        return replace(new, record_state=state, items=items)

    def _remember(self, person: Person, item: str, before: str) -> None:
        of = {"municipality": self._municipality, "person_reference": person.reference}
        self._store.insert("told", **of, item=item, before=before)

    def _before(self, person: Person) -> Mapping[str, set[str]]:
        found: defaultdict[str, set[str]] = defaultdict(set)
        sql = "SELECT item, before FROM told WHERE municipality = ? AND person_reference = ?"
        for row in self._store.rows(sql, self._municipality, person.reference):
            found[row["item"]].add(row["before"])
        return dict(found)

    def _forget(self, person: Person, *items: str) -> None:
        for item in items:
            sql = "DELETE FROM told WHERE municipality = ? AND person_reference = ? AND item = ?"
            self._store.run(sql, self._municipality, person.reference, item)


class Finder:
    """Finds the living person whom a row given by hand means: by card number, else by all of the identity."""

    def __init__(self, store: Store, municipality: str) -> None:
        self._cards: defaultdict[str, set[str]] = defaultdict(set)
        self._identities: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
        for person in store.persons(municipality):
            if person.living:
                self._cards[person.items.get("card_number", "")].add(person.reference)
                self._identities[identity(person.items)].add(person.reference)

    def find(self, row: Mapping[str, str]) -> str:
        """Return the reference, empty where nobody or more than one fits."""
        for card in (row.get("card_number_before", ""), row.get("card_number", "")):
            if card and self._cards.get(card):
                return _only(self._cards[card])
        before = {item: row.get(f"{item}{BEFORE}", "") for item in IDENTITY}
        return _only(self._identities.get(identity(before), set()))


def identity(items: Mapping[str, str]) -> tuple[str, ...]:
    """Return what tells one person from another without a number."""
    return tuple(items.get(item, "") for item in IDENTITY)


def _only(found: set[str]) -> str:
    return next(iter(found)) if len(found) == 1 else ""
