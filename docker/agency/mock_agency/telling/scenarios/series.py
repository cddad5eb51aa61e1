"""The scenarios `normal` and `busy_april` (a day's file out of a series of days) and `system_migration`."""

import json
import sqlite3
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from mock_agency.telling.rows import BEFORE, Draft
from mock_agency.telling.scenarios.making import MIX, Maker
from mock_agency.telling.scenarios.names import BUSY_APRIL
from mock_agency.telling.sending import Teller

WEEK: Final = timedelta(days=7)
ORDINARY_AT_LEAST: Final = 6
REPEATING: Final = ("former_number", "duplicate", "duplicate_content", "out_of_order")
MIGRATED: Final = 2000


class Series:
    """One day's file of a series."""

    def __init__(self, teller: Teller, maker: Maker, scenario: str) -> None:
        self._teller, self._maker, self._dice, self._day = teller, maker, maker.dice, maker.day
        self._busy = scenario == BUSY_APRIL
        sql = """SELECT r.*, f.day FROM own_records r JOIN own_files f USING (municipality, serial)
                 WHERE municipality = ? AND f.day <> '' AND f.day < ? AND f.fault = '' ORDER BY serial, record"""
        self._earlier = teller.store.rows(sql, teller.municipality, self._day.isoformat())
        self._repeated: set[str] = set()

    def drafts(self) -> list[Draft]:
        """Return the day's notices; what must stand in order does."""
        volume = self._volume()
        groups = [self._special(kind) for kind, count in self._wanted("special", volume) for _ in range(count)]
        certain = [self._maker.ordinary(kind) for kind, count in self._wanted("ordinary", volume) for _ in range(count)]
        made = [group for group in [*groups, *certain] if group]
        weights = {kind: self._weight(kind) for kind in MIX["ordinary"]}
        least = sum(map(len, certain)) + ORDINARY_AT_LEAST
        while sum(map(len, made)) < max(volume, sum(map(len, groups)) + least):
            more = self._maker.ordinary(self._dice.weighted(weights))
            if not more:
                break
            made.append(more)
        return [draft for group in self._dice.shuffled(made) for draft in group]

    def _volume(self) -> int:
        volume = MIX["volume"]
        a_day = float(volume["a_month"]) / 30 * self._maker.people.number / float(volume["residents"])
        times = float(MIX["busy_april"]["times"]) if self._busy else 1.0
        return round(max(float(volume["least_a_day"]), a_day) * times)

    def _weight(self, kind: str) -> float:
        usual = MIX["ordinary"][kind]["weight"]
        return float(MIX["busy_april"].get(kind, usual) if self._busy else usual)

    def _wanted(self, group: str, volume: int) -> list[tuple[str, int]]:
        """Return how many of each kind there are for certain, and by chance beside them."""
        found = []
        for kind, entry in MIX[group].items():
            rate = entry.get("rate", 0.0)
            rate = MIX["busy_april"].get(kind, rate) if self._busy and group == "special" else rate
            found.append((kind, max(int(self._due(kind, entry["first"])), self._dice.rounded(rate * volume))))
        return found

    def _due(self, kind: str, first: int) -> bool:
        days = [date.fromisoformat(row["day"]) for row in self._earlier]
        last = [day for day, row in zip(days, self._earlier, strict=True) if row["kind"] == kind]
        if last:
            return self._day - last[-1] >= WEEK
        return (self._day - min(days, default=self._day)).days >= first

    def _special(self, kind: str) -> list[Draft]:
        if kind not in REPEATING:
            return self._maker.special(kind)
        found = self._told_before(("card_reissue",) if kind == "former_number" else ("renewal", "status_change"))
        if found is None:
            return []
        self._repeated.add(found["notice_id"])
        return self._former_number(found) if kind == "former_number" else self._again(kind, found)

    def _told_before(self, kinds: tuple[str, ...]) -> sqlite3.Row | None:
        """Return a notice of an earlier day that no later one was built on, of somebody who still lives here."""
        used = {row["person_reference"] for row in self._earlier if row["kind"] in REPEATING}
        latest = (self._day - timedelta(days=2)).isoformat()
        found = [
            row
            for row in self._earlier
            if row["kind"] in kinds and row["day"] <= latest and row["person_reference"] not in used
            and row["notice_id"] not in self._repeated and self._lives(row["person_reference"])
        ]  # fmt: skip
        return self._dice.choice(found) if found else None

    def _lives(self, reference: str) -> bool:
        person = self._teller.store.person(self._teller.municipality, reference)
        return person is not None and person.living and reference not in self._maker.people.leave_out

    def _former_number(self, told: sqlite3.Row) -> list[Draft]:
        """A correction that still goes by the number which somebody bore until days ago."""
        person = self._teller.store.person(self._teller.municipality, told["person_reference"])
        if person is None:
            return []
        old = json.loads(told["content"])[f"card_number{BEFORE}"]
        row = self._maker.about(person.items, "item_correction", self._maker.other_period(person.items), days_ago=1)
        row |= {"card_number": old, f"card_number{BEFORE}": old}
        return [Draft(row, person.reference, "former_number", "to_apply")]

    def _again(self, kind: str, told: sqlite3.Row) -> list[Draft]:
        row = json.loads(told["content"])
        if kind == "duplicate_content":
            del row["notice_id"]
        if kind == "out_of_order":
            del row["notice_id"]
            event = date.fromisoformat(row["event_date"]) - timedelta(days=5)
            row |= {"event_date": event.isoformat(), "card_number": self._maker.people.new_card(self._dice)}
        expected = "out_of_order" if kind == "out_of_order" else "duplicate"
        return [Draft(row, told["person_reference"], kind, expected, changes=False)]


def migration(maker: Maker, number: int) -> list[Draft]:
    """Return notices that tell nothing new of thousands, as after a change of the agency's system."""
    made = []
    for _ in range(number or MIGRATED):
        person = maker.people.take(maker.dice, lambda items: bool(items["card_number"]))
        if person is None:
            break
        row = maker.about(person.items, "item_correction", {})
        made.append(Draft(row, person.reference, "nothing_new", "already_so"))
    return [replace(draft, changes=False) for draft in made]
