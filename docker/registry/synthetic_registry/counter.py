"""What happens at the ward's counters: people come, move, leave; each visit becomes one event."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from synthetic_registry.addresses import Place
from synthetic_registry.dice import Dice
from synthetic_registry.people import EXCHANGE_BEGAN, People
from synthetic_registry.registry import Registry
from synthetic_registry.rows import EX_OFFICIO, Departure, Filing, Record

CARRY_CARDS = ("mid_to_long_term", "special_permanent")
ON_TIME = 14
"""Days within which a move has to be filed; a move-out filed later is ex officio (standard 4.1.3)."""
SILENT_FILINGS = {
    "household_split": "25",
    "household_merge": "25",
    "household_change": "25",
    "head_of_household_change": "25",
    "common_name_entry": "",
    "common_name_deletion": "",
    "resident_code_change": "",
}


@dataclass(slots=True)
class Counter:
    """The verbs of the counter. New people get the next registry numbers."""

    registry: Registry
    people: People
    next_number: int
    gaps: list[str] = field(repr=False)

    # -- filings

    def filing(self, article: str = "", *, card: bool = False, acquired_by: str = "") -> Filing:
        """A filing of today."""
        return Filing("filing", self.registry.today, article, acquired_by, card)

    # -- people who are not here yet

    def number(self) -> str:
        """The registry number of someone new."""
        self.next_number += 1 + self.next_number % 3
        return f"{self.next_number:010d}"

    def returning(self, record: Record, dice: Dice) -> Record:
        """The same person with a registry number given long ago, and a history from then."""
        return record._replace(registry_number=self.gaps.pop(), history_number=dice.between(3, 9))

    def from_elsewhere(self, dice: Dice, on: date, record: Record | None = None) -> Record:
        """Someone who comes from another municipality."""
        record = record or self.people.ordinary(dice)
        former = self.people.addresses.elsewhere(dice)
        since = on - timedelta(days=dice.between(20, 2_000))
        day = on.isoformat()
        return self._numbered(record)._replace(
            became_foreign_resident_date=max(since, EXCHANGE_BEGAN).isoformat(),
            old_registration_date="",
            became_resident_date=day,
            address_fixed_date=day,
            former_municipality_code=former.code,
            former_address=former.address,
        )

    def from_abroad(self, dice: Dice, on: date, record: Record | None = None) -> Record:
        """Someone who comes from abroad, with the card that was made at the airport."""
        record = record or self.people.mid_to_long_term(dice)
        former = self.people.addresses.abroad(record.nationality, dice)
        day = on.isoformat()
        return self._numbered(record)._replace(
            became_foreign_resident_date=day,
            old_registration_date="",
            became_resident_date=day,
            address_fixed_date=day,
            former_municipality_code="",
            former_address=former.address,
        )

    def _numbered(self, record: Record) -> Record:
        return record if record.registry_number else record._replace(registry_number=self.number())

    # -- entries

    def move_in(self, record: Record, *, card: bool = True) -> int:
        """A domestic move-in (22条); the event date is the day on which the address was fixed."""
        card = card and record.resident_category in CARRY_CARDS and bool(record.card_number)
        record = record._replace(residence_reported="1" if card else "0")
        on = date.fromisoformat(record.address_fixed_date)
        return self.registry.enter(record, "domestic_move_in", on, self.filing("22", card=card))

    def arrive(self, record: Record, *, card: bool = True, acquired_by: str = "landing") -> int:
        """A move-in from abroad or without a former record (30条の46)."""
        card = card and bool(record.card_number)
        record = record._replace(residence_reported="1" if card else "0")
        on = date.fromisoformat(record.address_fixed_date)
        filing = self.filing("30-46", card=card, acquired_by=acquired_by)
        return self.registry.enter(record, "move_in_from_abroad", on, filing)

    def become_resident(self, record: Record, *, card: bool = True) -> int:
        """Someone living here became a mid- to long-term resident (30条の47)."""
        record = record._replace(
            residence_reported="1" if card else "0", former_municipality_code="", former_address=""
        )
        on = date.fromisoformat(record.address_fixed_date)
        filing = self.filing("30-47", card=card, acquired_by="status_change")
        return self.registry.enter(record, "status_acquired_while_resident", on, filing)

    def birth(self, parent: str, dice: Dice, on: date) -> str:
        """A birth, entered ex officio; returns the child's registry number."""
        child = self._numbered(self.people.child_of(self.registry.record(parent), on, dice))
        self.registry.enter(child, "birth", on)
        return child.registry_number

    # -- moves

    def move_within(self, number: str, dice: Dice, on: date, *, card: bool = True, to: Place | None = None) -> int:
        """A move inside the ward (23条)."""
        old = self.registry.record(number)
        card = card and old.resident_category in CARRY_CARDS and bool(old.card_number)
        to = to or self.people.addresses.here(dice)
        return self.registry.correct(
            number,
            "move_within",
            on,
            self.filing("23", card=card),
            **to._asdict(),
            address_fixed_date=on.isoformat(),
            former_municipality_code=self.registry.municipality,
            former_address=old.address,
            residence_reported="1" if card else "0",
        )

    def move_out(self, number: str, dice: Dice, on: date, *, abroad: bool = False, arrival: date | None = None) -> int:
        """A move-out (24条) on any day; one filed too late is ex officio."""
        late = (self.registry.today - on).days > ON_TIME
        filing = EX_OFFICIO if late else self.filing("24", card=dice.chance(0.4))
        return self.registry.move_out(
            number,
            "move_out_abroad" if abroad else "domestic_move_out",
            on,
            filing,
            self._departure(number, dice, abroad=abroad, arrival=arrival),
        )

    def _departure(self, number: str, dice: Dice, *, abroad: bool, arrival: date | None) -> Departure:
        if dice.chance(0.04):
            return Departure("", "未定", arrival)
        addresses = self.people.addresses
        nationality = self.registry.record(number).nationality
        to = addresses.abroad(nationality, dice) if abroad else addresses.elsewhere(dice)
        return Departure(to.code, to.address, arrival)

    # -- what makes no notice

    def silent(self, number: str, reason: str, common_name: str | None = None) -> int:
        """An event of the household, the sheet, a common name or a number that is not in the extract."""
        filing = self.filing(SILENT_FILINGS[reason]) if reason in SILENT_FILINGS else EX_OFFICIO
        changes = {} if common_name is None else {"common_name": common_name}
        return self.registry.correct(number, reason, self.registry.today, filing, **changes)

    # -- special permanent residents

    def hand_over(self, number: str, article: str) -> None:
        """Hand over a new certificate: the record gets its number, and the handing over is noted."""
        certificate = self.people.cards.next()
        self.registry.correct(number, "ex_officio_correction", self.registry.today, card_number=certificate)
        self.registry.hand_over_certificate(article, certificate, number)

    def permit_special(self, child: str) -> None:
        """A newborn was permitted special permanent residence: category, certificate and the first report."""
        certificate = self.people.cards.next()
        history = self.registry.correct(
            child,
            "ex_officio_correction",
            self.registry.today,
            resident_category="special_permanent",
            card_number=certificate,
        )
        self.registry.hand_over_certificate("7-2", certificate, child)
        self.registry.report_residence(
            self.registry.record(child), article="", acquired_by="spr_permission", history_number=history
        )

    def bring_card(self, number: str, history_number: int, article: str, acquired_by: str = "") -> None:
        """The person brings the card that was forgotten at the counter."""
        self.registry.report_residence(
            self.registry.record(number),
            article=article,
            acquired_by=acquired_by,
            history_number=history_number,
        )

    def report_without_record(self, dice: Dice, acquired_by: str = "") -> None:
        """A special permanent resident who has no resident record here reports a place of residence."""
        about = self.people.special_permanent(dice)
        self.registry.report_residence(about, article="", acquired_by=acquired_by, history_number=None)
