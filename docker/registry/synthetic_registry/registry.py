"""The registry itself: living and deleted records, one history per person, one business day at a time.

Nothing is overwritten: every verb adds one event with the person's next history number (standard 1.2.1), a
cancellation too. A planned move-out is an event like any other; the record goes on living until its day.
"""

from collections.abc import Iterable
from datetime import date

from synthetic_registry.histories import (
    NOWHERE,
    Before,
    Day,
    Person,
    RegistryRuleError,
    When,
    changed,
)
from synthetic_registry.rows import (
    EX_OFFICIO,
    Cancelled,
    Departure,
    EventRow,
    Filing,
    HandoverRow,
    Record,
    ReportRow,
    State,
    line,
)


class Registry:
    """Residents and events of one municipality. Open a day, use the verbs, close it."""

    def __init__(self, municipality: str) -> None:
        self.municipality = municipality
        self.today: date = date.min
        self._people: dict[str, Person] = {}
        self._lines: dict[str, str] = {}
        self._leaving: dict[str, date] = {}
        self._events: list[str] = []
        self._handovers: list[str] = []
        self._reports: list[str] = []
        self._reported: set[str] = set()
        self._own_number = 0

    # -- looking

    def __len__(self) -> int:
        """How many records live now."""
        return len(self._lines)

    def lives(self, number: str) -> bool:
        """Whether the person has a living record now."""
        return number in self._lines

    def record(self, number: str) -> Record:
        """The person's record after the last event."""
        return self._people[number].record

    def before(self, number: str) -> Record:
        """The person's record before the last event of this registry's own days."""
        before = self._people[number].undo[-1].record
        if before is None:
            raise RegistryRuleError("there was no record before")
        return before

    # -- a day

    def found(self, residents: Iterable[tuple[Record, str, str]]) -> None:
        """Begin with residents who live here already: record, reason and date of each one's last event."""
        for record, reason, event_date in residents:
            self._people[record.registry_number] = Person(record, reason, event_date, living=True)
            self._lines[record.registry_number] = line((*record, reason))

    def open_day(self, today: date) -> None:
        """Begin a business day. Days follow one another without a gap in the caller's calendar."""
        if today <= self.today:
            raise RegistryRuleError(f"{today} does not follow {self.today}")
        self.today = today
        self._events, self._handovers, self._reports = [], [], []

    def close_day(self) -> Day:
        """End the business day: planned move-outs whose day has come take effect, and the files are made."""
        for number in [number for number, leaves in self._leaving.items() if leaves <= self.today]:
            self._end(number)
        residents = [self._lines[number] for number in sorted(self._lines)]
        return Day(self.today, residents, self._events, self._handovers, self._reports)

    # -- verbs

    def enter(self, record: Record, reason: str, on: When, filing: Filing = EX_OFFICIO) -> int:
        """Enter a record (記載), new or after a deletion; returns the history number."""
        known = self._people.get(record.registry_number)
        if known and known.living:
            raise RegistryRuleError("the record lives already")
        if known:
            record = record._replace(history_number=known.record.history_number + 1)
        return self._process(record, reason, on, filing, state="living")

    def correct(self, number: str, reason: str, on: When, filing: Filing = EX_OFFICIO, **changes: str) -> int:
        """Correct a living record (修正); `changes` are record columns, none for a silent event."""
        record = changed(self._next(number), changes)
        leaves_on = self._people[number].leaves_on
        return self._process(record, reason, on, filing, state="living", leaves_on=leaves_on)

    def delete(self, number: str, reason: str, on: When, filing: Filing = EX_OFFICIO, *, kept: str = "") -> int:
        """Delete a living record (消除); `kept` is the other record of a double registration."""
        return self._process(self._next(number), reason, on, filing, state="deleted", kept=kept)

    def move_out(self, number: str, reason: str, on: date, filing: Filing, to: Departure) -> int:
        """Process a move-out (転出). With a day to come it is planned, and the record lives until then.

        Also for a changed date and for an arrival notice that comes later: the latest event counts.
        """
        return self._process(self._next(number), reason, on, filing, state="deleted", departure=to)

    def arrival_notice(self, number: str, arrived_on: date) -> int:
        """Take in the other municipality's arrival notice for a planned move-out."""
        person = self._people[number]
        if person.leaves_on is None:
            raise RegistryRuleError("no move-out is planned")
        to = Departure(person.departure.municipality, person.departure.address, arrived_on)
        return self.move_out(number, person.reason, date.fromisoformat(person.event_date), EX_OFFICIO, to)

    def change_move_out_date(self, number: str, on: date, filing: Filing) -> int:
        """Change the date of a planned move-out."""
        person = self._people[number]
        if person.leaves_on is None:
            raise RegistryRuleError("no move-out is planned")
        return self.move_out(number, person.reason, on, filing, person.departure)

    def cancel(self, number: str, filing: Filing, **restored: str) -> int:
        """Undo the person's last event (異動の取消し) by one more event.

        For an event older than this registry's own days, `restored` says which columns it had changed;
        without any the event was an entry.
        """
        person = self._people[number]
        before = person.undo[-1] if person.undo else self._older(person, restored)
        record = (before.record or person.record)._replace(history_number=person.record.history_number + 1)
        undone_living = person.living and person.leaves_on is None
        if before.living and undone_living:
            reason = "cancellation_correction"
        else:
            reason = "cancellation_increase" if before.living else "cancellation_decrease"
        state: State = "living" if before.living else "deleted"
        return self._process(
            record, reason, self.today, filing, state=state, cancels=before.event, leaves_on=before.leaves_on
        )

    def hand_over_certificate(self, article: str, certificate_number: str, number: str = "") -> str:
        """Hand over a certificate; without `number` to a subject without a resident record."""
        own = self._own()
        row = HandoverRow(own, number, article, self.today.isoformat(), certificate_number, self.today.isoformat())
        self._handovers.append(line(row))
        return own

    def report_residence(
        self,
        about: Record,
        *,
        article: str,
        acquired_by: str,
        history_number: int | None,
        card_number: str = "",
    ) -> str:
        """Take in a residence report without an event of today: the card came later, or no record is here.

        The record itself changes by events alone: its `residence_reported` turns with the person's next one.
        """
        own, today = self._own(), self.today.isoformat()
        if history_number:
            self._reported.add(about.registry_number)
        row = ReportRow(
            own,
            about.registry_number if history_number else "",
            str(history_number or ""),
            today,
            today,
            article,
            acquired_by,
            about.resident_category,
            about.name_roman,
            about.name_kanji,
            about.birth_date,
            about.birth_date_wording,
            about.sex,
            about.nationality,
            card_number or about.card_number,
            about.address,
            about.former_address,
        )
        self._reports.append(line(row))
        return own

    # -- inside

    def _own(self) -> str:
        self._own_number += 1
        return f"{self.today:%Y}{self._own_number:06d}"

    def _next(self, number: str) -> Record:
        person = self._people[number]
        if not person.living:
            raise RegistryRuleError("the record does not live")
        record = person.record._replace(history_number=person.record.history_number + 1)
        if number in self._reported:
            self._reported.discard(number)
            record = record._replace(residence_reported="1")
        return record

    def _older(self, person: Person, restored: dict[str, str]) -> Before:
        event = Cancelled(person.record.history_number, person.reason, person.event_date)
        record = changed(person.record, restored)
        return Before(event, NOWHERE, record, living=bool(restored), leaves_on=None)

    def _process(  # noqa: PLR0913 - the one place where an event is made; every verb names what it needs
        self,
        record: Record,
        reason: str,
        on: When,
        filing: Filing,
        *,
        state: State,
        departure: Departure = NOWHERE,
        cancels: Cancelled | None = None,
        leaves_on: date | None = None,
        kept: str = "",
    ) -> int:
        event_date, wording = (on.isoformat(), "") if isinstance(on, date) else ("", on)
        row = EventRow(
            reason,
            state,
            event_date,
            wording,
            self.today.isoformat(),
            filing.filed_on.isoformat() if filing.filed_on else "",
            filing.article,
            filing.acquired_by,
            filing.origin,
            filing.origin_notice_id,
            "1" if filing.card_presented else "0",
            departure.arrival.isoformat() if departure.arrival else "",
            departure.municipality,
            departure.address,
            str(cancels.history_number) if cancels else "",
            cancels.reason if cancels else "",
            cancels.event_date if cancels else "",
            kept,
        )
        self._events.append(line((len(self._events) + 1, *record, *row)))
        if state == "deleted" and isinstance(on, date):
            leaves_on = min(on, departure.arrival or on)
        self._settle(record, reason, event_date, state, departure, leaves_on)
        return record.history_number

    def _settle(
        self,
        record: Record,
        reason: str,
        event_date: str,
        state: State,
        departure: Departure,
        leaves_on: date | None,
    ) -> None:
        """Let an event take effect on the records."""
        number = record.registry_number
        person = self._people.get(number)
        event = Cancelled(record.history_number, reason, event_date)
        if person is None:
            person = Person(record, reason, event_date, living=False)
            person.undo.append(Before(event, NOWHERE, None, living=False, leaves_on=None))
            self._people[number] = person
        else:
            person.undo.append(Before(event, person.departure, person.record, person.living, person.leaves_on))
        person.record, person.reason, person.event_date = record, reason, event_date
        person.departure = departure
        planned = leaves_on is not None and leaves_on > self.today
        self._leaving.pop(number, None)
        person.leaves_on = leaves_on if planned else None
        if state == "living" or planned:
            person.living = True
            self._lines[number] = line((*record, reason))
            if leaves_on is not None and planned:
                self._leaving[number] = leaves_on
        else:
            self._end(number)

    def _end(self, number: str) -> None:
        person = self._people[number]
        person.living, person.leaves_on = False, None
        self._leaving.pop(number, None)
        self._lines.pop(number, None)
