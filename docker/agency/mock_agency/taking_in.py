"""Takes the records of one file into the register, in their order, and says of each what came of it.

What the register has to say (R20 … R40) stands here; what the record alone tells stands in `records.py`.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from mock_agency.faults import Fault
from mock_agency.package import Package, Record
from mock_agency.records import ContentRules
from mock_agency.schemas import Schemas
from mock_agency.store import Person, Store
from mock_agency.telling.register import Told

ACCEPTED = "R00"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one record."""

    record: Record
    code: str
    items: tuple[str, ...] = ()
    first: tuple[int, int] | None = None

    @property
    def accepted(self) -> bool:
        """Whether the record was taken in."""
        return self.code == ACCEPTED

    def entry(self) -> dict[str, Any]:
        """Return the record's entry in a receipt."""
        entry: dict[str, Any] = {
            "record": self.record.number,
            "notice_id": self.record.notice_id,
            "attempt": self.record.attempt,
            "code": self.code,
            "items": list(self.items),
        }
        if self.first:
            entry["first"] = {"serial": self.first[0], "record": self.first[1]}
        return entry


class TakingIn:
    """One file's records against one municipality's register."""

    def __init__(self, store: Store, schemas: Schemas, municipality: str, serial: int) -> None:
        self._store, self._municipality, self._serial = store, municipality, serial
        self._rules = ContentRules(schemas)
        self._items = schemas.register_items
        self._refused: set[str] = set()
        self._told = Told(store, municipality)

    def take(self, package: Package, faults: Iterable[Fault] = ()) -> list[Answer]:
        """Take in all records; to be called inside a transaction."""
        faults = list(faults)
        return [self._one(record, package.business_date, faults) for record in package.records]

    def _one(self, record: Record, business_date: str, faults: list[Fault]) -> Answer:
        answer = self._judge(record, business_date, faults)
        if answer.accepted:
            self._keep(record, "accepted", answer.code)
            if record.family == "resident_records":
                self._enter(record)
        else:
            if record.person:
                self._refused.add(record.person)
            if answer.code not in {"R20", "R21"}:
                self._keep(record, "refused", answer.code)
        return answer

    def _judge(self, record: Record, business_date: str, faults: list[Fault]) -> Answer:
        known = self._store.notice(self._municipality, record.notice_id)
        if known and known["state"] in {"accepted", "cancelled"}:
            return Answer(record, "R20", first=(known["serial"], known["record"]))
        if known and record.attempt <= known["attempt"]:
            return Answer(record, "R21", ("attempt",))
        if record.person in self._refused:
            return Answer(record, "R40")
        for fault in faults:
            if _concerned(fault, record):
                return Answer(record, fault.code or "R10", fault.items)
        if found := self._rules.judge(record, business_date):
            return Answer(record, found[0], tuple(found[1]))
        return self._against_register(record)

    def _against_register(self, record: Record) -> Answer:
        person = self._person(record.person)
        if record.family != "resident_records":
            if record.person and person is None:
                return Answer(record, "R30", ("person_reference",))
            return self._cancelled(record) or Answer(record, ACCEPTED)
        if record.values["action"] == "cancellation":
            return self._cancellation(record, person)
        if person and int(record.values["history_number"]) < person.history_number:
            return self._kept(record) or Answer(record, ACCEPTED)
        if record.values["action"] == "entry":
            return Answer(record, "R31" if person and person.living else ACCEPTED)
        return self._living(record, person) or self._kept(record) or Answer(record, ACCEPTED)

    def _living(self, record: Record, person: Person | None) -> Answer | None:
        if person is None:
            return Answer(record, "R30", ("person_reference",))
        return None if person.living or self._told.ended(person) else Answer(record, "R32")

    def _kept(self, record: Record) -> Answer | None:
        reference = record.values["kept"]
        kept = self._person(reference)
        if reference and (reference == record.person or kept is None or not kept.living):
            return Answer(record, "R34", ("kept",))
        return None

    def _cancellation(self, record: Record, person: Person | None) -> Answer:
        """An original that this agency took in must be named rightly; an older one is believed by reason and date."""
        if wrong := self._cancelled(record):
            return wrong
        if record.values["event_reason"] == "cancellation_increase":
            if person and person.living:
                return Answer(record, "R31")
            # Deleted before the seeding: nobody here has heard of that person.
            unknown = person is None and bool(record.values["cancels"])
            return Answer(record, "R30", ("person_reference",)) if unknown else Answer(record, ACCEPTED)
        return self._living(record, person) or Answer(record, ACCEPTED)

    def _cancelled(self, record: Record) -> Answer | None:
        named = record.values.get("cancels", "")
        if not named:
            return None
        original = self._store.notice(self._municipality, named)
        same = original and (original["family"], original["person_reference"]) == (
            record.family,
            record.person,
        )
        if original is None or not same or original["state"] != "accepted":
            return Answer(record, "R33", ("cancels",))
        return None

    def _person(self, reference: str) -> Person | None:
        return self._store.person(self._municipality, reference) if reference else None

    def _keep(self, record: Record, state: str, code: str) -> None:
        number = record.values.get("history_number", "")
        self._store.insert(
            "notices",
            municipality=self._municipality,
            notice_id=record.notice_id,
            family=record.family,
            person_reference=record.person,
            history_number=int(number) if number.isdecimal() else None,
            state=state,
            attempt=record.attempt,
            serial=self._serial,
            record=record.number,
            code=code,
            content=json.dumps(record.values, ensure_ascii=False),
        )
        if state == "accepted" and record.values.get("cancels"):
            sql = "UPDATE notices SET state = 'cancelled' WHERE municipality = ? AND notice_id = ?"
            self._store.run(sql, self._municipality, record.values["cancels"])

    def _enter(self, record: Record) -> None:
        """Write an accepted record of family a into the register; an older one is kept but overwrites nothing.

        Yet an older deletion deletes whose day is not before the last record's: a planned move-out whose day came.
        What the agency told of the person stays where the record still carries the value before it.
        """
        known, number = self._person(record.person), int(record.values["history_number"])
        if known and number < known.history_number:
            if record.values["action"] == "deletion" and record.values["event_date"] >= self._last_day(known):
                gone = replace(known, record_state=record.values["record_state"])
                self._store.keep_person(self._municipality, gone)
            return
        items = {name: record.values[name] for name in self._items}
        person = Person(record.person, record.values["record_state"], number, items)
        revives = record.values["action"] == "entry" or record.values["event_reason"] == "cancellation_increase"
        self._store.keep_person(self._municipality, self._told.settle(known, person, revives=revives))

    def _last_day(self, person: Person) -> str:
        """Return the event date of the last record taken in for a person, empty for one known from the seeding."""
        sql = """SELECT content FROM notices WHERE municipality = ? AND person_reference = ? AND history_number = ?
                 AND family = 'resident_records' AND state = 'accepted'"""
        row = self._store.row(sql, self._municipality, person.reference, person.history_number)
        return str(json.loads(row["content"])["event_date"]) if row else ""


def _concerned(fault: Fault, record: Record) -> bool:
    if fault.event_reason and record.values.get("event_reason") != fault.event_reason:
        return False
    return not fault.records or record.number in fault.records
