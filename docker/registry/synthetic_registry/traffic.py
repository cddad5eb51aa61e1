"""An ordinary day's traffic: how many of each event, by season, and who does what."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from synthetic_registry.agenda import Agenda, Pool, Step
from synthetic_registry.counter import Counter
from synthetic_registry.dice import Dice
from synthetic_registry.registry import Registry
from synthetic_registry.rows import Filing
from synthetic_registry.tables import office_open

SHINJUKU = 42_157
"""Residents for whom the volumes below are meant."""

ARRIVALS = {"domestic_move_in": 44.0, "move_in_from_abroad": 34.0, "status_acquired_while_resident": 1.5}
DEPARTURES = {"domestic_move_out": 40.0, "move_out_abroad": 22.0}
STEADY = {
    "move_within": 28.0,
    "birth": 1.0,
    "death": 0.35,
    "naturalisation": 0.5,
    "ex_officio_correction": 2.0,
    "error_correction": 2.0,
    "minor_correction": 3.0,
    "household_split": 3.0,
    "household_merge": 3.0,
    "household_change": 4.0,
    "head_of_household_change": 3.0,
    "common_name_entry": 1.0,
    "my_number_change": 3.0,
    "resident_code_change": 1.0,
    "sheet_renewal": 2.0,
    "returning": 4.0,
    "handover": 0.6,
    "report_without_record": 0.2,
}
FORGETS_CARD = 0.2


def season(day: date) -> tuple[float, float]:
    """How much more than usual people arrive and leave on a day: the turn of the school years."""
    at = (day.month, day.day)
    if at == (4, 1):
        return 2.8, 1.3
    if (4, 2) <= at <= (4, 5):
        return 2.3, 1.2
    if (4, 6) <= at <= (4, 19) or (10, 1) <= at <= (10, 10):
        return 1.6, 1.0
    if (3, 20) <= at <= (3, 31):
        return 1.5, 1.7
    return 1.0, 1.0


def expected_growth(day: date, scale: float) -> float:
    """Roughly how many more residents there are after a working day."""
    arriving, leaving = season(day)
    return scale * (arriving * sum(ARRIVALS.values()) - leaving * sum(DEPARTURES.values()) * 0.62)


@dataclass(slots=True)
class Traffic:
    """Plans a working day's ordinary events."""

    registry: Registry
    counter: Counter
    agenda: Agenda
    pool: Pool
    dice: Dice
    scale: float

    def plan(self, day: date) -> None:
        """Put the day's ordinary events on the agenda."""
        arriving, leaving = season(day)
        factors = [(ARRIVALS, arriving), (DEPARTURES, leaving), (STEADY, 1.0)]
        for volumes, factor in factors:
            for what, mean in volumes.items():
                for _ in range(self.dice.about(mean * factor * self.scale)):
                    self.agenda.add(day, self._step(what, day))

    def arrivals(self, day: date, count: int) -> None:
        """Put some more move-ins on the agenda, to reach a number of residents."""
        for _ in range(count):
            self.agenda.add(day, self._step("domestic_move_in", day))

    def departures(self, day: date, count: int) -> None:
        """Put some more move-outs of today on the agenda, to reach a number of residents."""
        for _ in range(count):
            number = self.pool.pick()
            self.agenda.add(day, partial(self.counter.move_out, number, self.dice, day))

    def agency_origin(self, day: date, count: int) -> None:
        """Events that claim an agency notice as their origin, without any such notice (off by default)."""
        for _ in range(count):
            filing = Filing("agency_notice", origin_notice_id=f"{self.dice.below(2**53):032x}")
            self.agenda.add(day, partial(self._renewed, self.pool.pick(), filing))

    def _renewed(self, number: str, filing: Filing) -> None:
        card = self.counter.people.cards.next()
        self.registry.correct(number, "ex_officio_correction", self.registry.today, filing, card_number=card)

    # -- one event each

    def _step(self, what: str, day: date) -> Step:
        special: dict[str, Callable[[date], Step]] = {
            "domestic_move_in": self._move_in,
            "returning": self._move_in_again,
            "move_in_from_abroad": self._arrive,
            "status_acquired_while_resident": self._become_resident,
            "domestic_move_out": lambda day: self._move_out(day, abroad=False),
            "move_out_abroad": lambda day: self._move_out(day, abroad=True),
            "move_within": self._move_within,
            "birth": self._birth,
            "death": lambda day: self._delete("death", day),
            "naturalisation": lambda day: self._delete("naturalisation", day),
            "ex_officio_correction": self._correct,
            "error_correction": self._correct_name,
            "minor_correction": self._minor,
            "handover": self._handover,
            "report_without_record": lambda _: lambda: self.counter.report_without_record(self.dice),
        }
        return special[what](day) if what in special else self._silent(what)

    def _bring_later(self, day: date, number: str, history: int, article: str, acquired_by: str) -> None:
        """Most who forgot the card bring it within a week."""
        if self.dice.chance(0.85):
            later = day + timedelta(days=self.dice.between(1, 7))
            while not office_open(later):
                later += timedelta(days=1)
            self.agenda.add(later, lambda: self._brought(number, history, article, acquired_by))

    def _brought(self, number: str, history: int, article: str, acquired_by: str) -> None:
        if self.registry.lives(number) and self.registry.record(number).history_number == history:
            self.counter.bring_card(number, history, article, acquired_by)

    def _move_in(self, day: date) -> Step:
        record = self.counter.from_elsewhere(self.dice, day - timedelta(days=self.dice.below(14)))
        return lambda: self._entered(record.registry_number, self.counter.move_in, record, "22", "")

    def _move_in_again(self, day: date) -> Step:
        if not self.counter.gaps:
            return self._move_in(day)
        someone = self.counter.returning(self.counter.people.ordinary(self.dice), self.dice)
        record = self.counter.from_elsewhere(self.dice, day - timedelta(days=self.dice.below(14)), someone)
        return lambda: self._entered(record.registry_number, self.counter.move_in, record, "22", "")

    def _arrive(self, day: date) -> Step:
        record = self.counter.from_abroad(self.dice, day - timedelta(days=self.dice.below(14)))
        if self.dice.chance(0.03):
            record = record._replace(card_number="", landing_permit_entry="1")
        return lambda: self._entered(record.registry_number, self.counter.arrive, record, "30-46", "landing")

    def _become_resident(self, day: date) -> Step:
        record = self.counter.from_abroad(self.dice, day - timedelta(days=self.dice.below(14)))
        return lambda: self._entered(
            record.registry_number, self.counter.become_resident, record, "30-47", "status_change"
        )

    def _entered(self, number: str, verb: Callable[..., int], record: object, article: str, acquired_by: str) -> None:
        card = not self.dice.chance(FORGETS_CARD)
        history = verb(record, card=card)
        if not card and self.registry.record(number).card_number:
            self._bring_later(self.registry.today, number, history, article, acquired_by)

    def _move_within(self, day: date) -> Step:
        number, on = self.pool.pick(), day - timedelta(days=self.dice.below(14))

        def step() -> None:
            card = not self.dice.chance(FORGETS_CARD)
            history = self.counter.move_within(number, self.dice, on, card=card)
            if not card:
                self._bring_later(day, number, history, "23", "")

        return step

    def _move_out(self, day: date, *, abroad: bool) -> Step:
        number = self.pool.pick()
        ahead = self.dice.between(1, 14) if self.dice.chance(0.6) else -self.dice.below(6)
        return lambda: self.counter.move_out(number, self.dice, day + timedelta(days=ahead), abroad=abroad)

    def _birth(self, day: date) -> Step:
        parent, on = self.pool.pick(), day - timedelta(days=self.dice.between(1, 13))
        return lambda: self.counter.birth(parent, self.dice, on)

    def _delete(self, reason: str, day: date) -> Step:
        number, on = self.pool.pick(), day - timedelta(days=self.dice.between(1, 9))
        return lambda: self.registry.delete(number, reason, on)

    def _correct(self, day: date) -> Step:
        number = self.pool.pick()
        born = self.registry.record(number).birth_date
        other = born[:8] + f"{int(born[8:]) % 28 + 1:02d}" if born else ""
        return lambda: self.registry.correct(number, "ex_officio_correction", day, birth_date=other)

    def _correct_name(self, day: date) -> Step:
        number = self.pool.pick()
        record = self.registry.record(number)
        roman, kanji = self.counter.people.names.full(record.nationality, record.sex, self.dice)
        return lambda: self.registry.correct(number, "error_correction", day, name_roman=roman, name_kanji=kanji)

    def _minor(self, day: date) -> Step:
        """A building's name, or only the postal code: the latter changes no item of a notice."""
        number = self.pool.pick()
        record = self.registry.record(number)
        if self.dice.chance(0.5):
            address = record.address.split(" ")[0] + " コーポ101号室"
            return lambda: self.registry.correct(number, "minor_correction", day, address=address)
        postal = record.postal_code[:-1] + str((int(record.postal_code[-1]) + 1) % 10)
        return lambda: self.registry.correct(number, "minor_correction", day, postal_code=postal)

    def _handover(self, _: date) -> Step:
        number = self.pool.pick("special_permanent")
        article = self.dice.one_of(("11-2", "12-3", "12-3", "13-2", "14-4"))
        return lambda: self.counter.hand_over(number, article)

    def _silent(self, reason: str) -> Step:
        number = self.pool.pick()
        common = self.counter.people.names.common(self.dice) if reason == "common_name_entry" else None
        return lambda: self.counter.silent(number, reason, common_name=common)
