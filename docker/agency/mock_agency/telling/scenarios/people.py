"""Whom a scenario may choose: persons about whom the agency can know for certain what the ward must find."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta

from mock_agency.schemas import Schemas
from mock_agency.store import Person, Store
from mock_agency.telling.register import identity
from mock_agency.telling.scenarios.dice import Dice

TOUCHED_WITHIN = timedelta(days=7)
MID_TO_LONG, SPECIAL = "mid_to_long_term", "special_permanent"


class People:
    """The register of a municipality on a day, seen by a scenario; nobody is chosen twice.

    Left out: who was told of before, about whom the ward sent something within a week, whose number or identity
    another one shares, and the references in `leave_out`.
    """

    def __init__(
        self, store: Store, schemas: Schemas, municipality: str, day: date, leave_out: Collection[str]
    ) -> None:
        self.municipality, self.leave_out = municipality, frozenset(leave_out)
        self._store, self._schemas, self._day = store, schemas, day
        everybody = list(store.persons(municipality))
        living = [person for person in everybody if person.living]
        self.number = len(living)
        self.identities = Counter(identity(person.items) for person in everybody)
        self.cards = Counter(person.items.get("card_number", "") for person in everybody)
        left_out = self._told() | self._touched() | self.leave_out
        self._free = [one for one in living if one.reference not in left_out and self._certain(one)]
        self._gone = self._ended([one for one in everybody if not one.living], left_out=self._told() | self.leave_out)

    def take(self, dice: Dice, fits: Callable[[Mapping[str, str]], bool]) -> Person | None:
        """Return a living person whose items fit, None if nobody is left; the person is not chosen again."""
        start = dice.below(len(self._free) or 1)
        for place in [*range(start, len(self._free)), *range(start)]:
            if fits(self._free[place].items):
                return self._free.pop(place)
        return None

    def take_gone(self, dice: Dice, reasons: Collection[str] = ()) -> Person | None:
        """Return a person whose deletion the ward told, for one of these reasons if any are named."""
        found = [one for one, reason in self._gone if not reasons or reason in reasons]
        if not found:
            return None
        chosen = dice.choice(found)
        self._gone = [(one, reason) for one, reason in self._gone if one is not chosen]
        return chosen

    def pair(self, alike: Callable[[Person, Person], bool]) -> tuple[Person, Person] | None:
        """Return two living persons of one birth date who are alike in the sense asked for."""
        born: dict[str, list[Person]] = {}
        for person in self._free:
            for other in born.setdefault(person.items["birth_date"], []):
                if alike(other, person):
                    return other, person
            born[person.items["birth_date"]].append(person)
        return None

    def new_card(self, dice: Dice) -> str:
        """Return a card number that nobody bears or bore here."""
        while True:
            card = f"{dice.letters(2)}{dice.below(10**8):08d}{dice.letters(2)}"
            if not self.cards[card]:
                self.cards[card] += 1
                return card

    def _certain(self, person: Person) -> bool:
        items = person.items
        card, status = items.get("card_number", ""), items.get("status_of_residence", "")
        if self.identities[identity(items)] > 1 or (card and self.cards[card] > 1):
            return False
        days = (self._day - TOUCHED_WITHIN * 2, self._day)
        return not status or all(self._schemas.code_in_force("statuses_of_residence", status, day) for day in days)

    def _told(self) -> set[str]:
        sql = "SELECT DISTINCT person_reference FROM own_records WHERE municipality = ?"
        return {row["person_reference"] for row in self._store.rows(sql, self.municipality)}

    def _touched(self) -> set[str]:
        sql = """SELECT DISTINCT person_reference FROM notices WHERE municipality = ?
                 AND json_extract(content, '$.business_date') >= ?"""
        since = (self._day - TOUCHED_WITHIN).isoformat()
        return {row["person_reference"] for row in self._store.rows(sql, self.municipality, since)}

    def _ended(self, deleted: list[Person], left_out: Collection[str]) -> list[tuple[Person, str]]:
        """Return the persons whose deletion the ward told, with its reason; nobody else here may look like them."""
        sql = """SELECT content FROM notices WHERE municipality = ? AND person_reference = ? AND state = 'accepted'
                 AND family = 'resident_records' ORDER BY history_number DESC"""
        found = []
        for person in deleted:
            card = person.items.get("card_number", "")
            alone = self.identities[identity(person.items)] == 1 and card and self.cards[card] == 1
            row = self._store.row(sql, self.municipality, person.reference)
            if row is None or not alone or person.reference in left_out:
                continue
            content = json.loads(row["content"])
            if content["action"] == "deletion" and content["event_date"] <= self._day.isoformat():
                found.append((person, str(content["event_reason"])))
        return found
