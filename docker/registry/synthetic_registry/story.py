"""The particular cases of the exchange, each played by people of its own on the first five working days.

Days are counted as working days after the baseline; in the demo 1 and 2 are 28 and 29 March 2019, 3 to 5 are
1 to 3 April, and the weekend lies between 2 and 3. A build with fewer days reaches fewer cases.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from synthetic_registry.agenda import Agenda, Pool
from synthetic_registry.counter import Counter
from synthetic_registry.dice import Dice
from synthetic_registry.registry import Registry
from synthetic_registry.rows import Record

OUTSIDE = "\u9ad9"
"""The ladder form of U+9AD8, outside the agency's repertoire: the one planted character."""


@dataclass(slots=True)
class Story:
    """Puts every particular case on the agenda."""

    registry: Registry
    counter: Counter
    agenda: Agenda
    pool: Pool
    dice: Dice

    def tell(self) -> None:
        """All cases."""
        for case in (
            self._held_name,
            self._several_on_one_day,
            self._cancelled_on_the_same_day,
            self._cancelled_later,
            self._planned_move_outs,
            self._planned_and_changed,
            self._back_dated,
            self._deleted_otherwise,
            self._double_registration,
            self._cards_brought,
            self._older_than_our_days,
            self._unusual_newcomers,
            self._moves_of_the_rare,
        ):
            case()

    # -- held for its content

    def _held_name(self) -> None:
        """A name outside the repertoire is held, a later event waits, a correction releases both."""
        day = self.agenda.nth(1)
        someone = self.counter.people.mid_to_long_term(self.dice, "CHN")
        record = self.counter.from_elsewhere(self.dice, day, someone)._replace(
            name_roman="GAO MING", name_kanji=OUTSIDE + "明"
        )
        number = record.registry_number
        self.agenda.add(day, lambda: self.counter.move_in(record))
        self.agenda.add(self.agenda.nth(2), lambda: self._move(number))
        self.agenda.add(
            self.agenda.nth(4),
            lambda: self.registry.correct(number, "error_correction", self.registry.today, name_kanji="高明"),
        )

    # -- order within a day

    def _several_on_one_day(self) -> None:
        """In, within and out on one day; there and back on one day."""
        passing = self._newcomer(2)
        self.agenda.add(
            self.agenda.nth(2),
            lambda: self.counter.move_in(passing),
            lambda: self._move(passing.registry_number),
            lambda: self._leave(passing.registry_number, abroad=True),
        )
        number = self.pool.pick()
        self.agenda.add(self.agenda.nth(1), lambda: self._move(number), lambda: self._move_back(number))
        gone = self.pool.pick()
        self.agenda.add(self.agenda.nth(1), lambda: self._leave(gone))
        self.agenda.add(self.agenda.nth(4), lambda: self._come_back(gone))

    def _cancelled_on_the_same_day(self) -> None:
        """An entry, a deletion and a correction, each undone on its own day: both notices go, in order."""
        entering, leaving, moving = self._newcomer(1), self.pool.pick(), self.pool.pick()
        self.agenda.add(
            self.agenda.nth(1),
            lambda: self.counter.move_in(entering),
            lambda: self._cancel(entering.registry_number),
        )
        self.agenda.add(self.agenda.nth(3), lambda: self._leave(leaving), lambda: self._cancel(leaving))
        self.agenda.add(self.agenda.nth(2), lambda: self._move(moving), lambda: self._cancel(moving))

    def _cancelled_later(self) -> None:
        """The same, undone some days later; and an ex officio deletion of somebody who turns up."""
        entering, leaving, moving = self._newcomer(1), self.pool.pick(), self.pool.pick()
        self.agenda.add(self.agenda.nth(1), lambda: self.counter.move_in(entering))
        self.agenda.add(self.agenda.nth(3), lambda: self._cancel(entering.registry_number))
        self.agenda.add(self.agenda.nth(1), lambda: self._leave(leaving, days=2))
        self.agenda.add(self.agenda.nth(3), lambda: self._cancel(leaving))
        self.agenda.add(self.agenda.nth(1), lambda: self._move(moving))
        self.agenda.add(self.agenda.nth(4), lambda: self._cancel(moving))
        found = self.pool.pick()
        self.agenda.add(self.agenda.nth(1), lambda: self._delete(found, "ex_officio_deletion"))
        self.agenda.add(self.agenda.nth(4), lambda: self._cancel(found))

    # -- planned move-outs

    def _planned_move_outs(self) -> None:
        """Due on a working day, on a closed day, after the last day; arrival notice there at once."""
        first = self.agenda.nth(1)
        for due in (
            self.agenda.nth(3),
            self.agenda.nth(2) + timedelta(days=1),
            self.agenda.nth(5) + timedelta(days=7),
        ):
            for abroad in (False, True):
                number = self.pool.pick()
                self.agenda.add(first, partial(self._plan, number, due, abroad=abroad))
        known = self.pool.pick()
        arrived = self.agenda.nth(2) - timedelta(days=1)
        self.agenda.add(
            self.agenda.nth(2),
            lambda: self.counter.move_out(known, self.dice, self.agenda.nth(5), arrival=arrived),
        )

    def _planned_and_changed(self) -> None:
        """Arrived earlier than planned; date changed; cancelled before the day, and on it."""
        first = self.agenda.nth(1)
        early, changed, cancelled, late = (self.pool.pick() for _ in range(4))
        self.agenda.add(first, lambda: self._plan(early, self.agenda.nth(5)))
        arrived = self.agenda.nth(3) - timedelta(days=1)
        self.agenda.add(self.agenda.nth(3), lambda: self.registry.arrival_notice(early, arrived))
        self.agenda.add(first, lambda: self._plan(changed, self.agenda.nth(2) + timedelta(days=2)))
        self.agenda.add(
            self.agenda.nth(2),
            lambda: self.registry.change_move_out_date(changed, self.agenda.nth(4), self.counter.filing("24")),
        )
        self.agenda.add(first, lambda: self._plan(cancelled, self.agenda.nth(5) + timedelta(days=2)))
        self.agenda.add(self.agenda.nth(3), lambda: self._cancel(cancelled))
        self.agenda.add(first, lambda: self._plan(late, self.agenda.nth(4), abroad=True))
        self.agenda.add(self.agenda.nth(4), lambda: self._cancel(late))

    # -- dates

    def _back_dated(self) -> None:
        """Events told months or years late."""
        for nth, days in ((1, 200), (3, 1_100), (4, 1_400)):
            on = self.agenda.nth(nth) - timedelta(days=days)
            late = self.counter.from_elsewhere(self.dice, on, self._mid_to_long())
            arriving = self.counter.from_abroad(self.dice, on, self._mid_to_long())
            day = self.agenda.nth(nth)
            dead, left, moved = (self.pool.pick() for _ in range(3))
            self.agenda.add(day, partial(self.counter.move_in, late))
            self.agenda.add(day, partial(self.counter.arrive, arriving))
            self.agenda.add(day, partial(self.registry.delete, dead, "death", on))
            self.agenda.add(day, partial(self.counter.move_out, left, self.dice, on))
            self.agenda.add(day, partial(self.counter.move_within, moved, self.dice, on))

    def _deleted_otherwise(self) -> None:
        """Deaths and a disappearance with unknown dates, naturalisations."""
        wordings = ((2, "death", "平成31年3月下旬頃"), (4, "death", "推定平成31年3月20日"))
        for nth, reason, wording in (*wordings, (2, "ex_officio_deletion", "平成30年 月日不詳")):
            number = self.pool.pick()
            self.agenda.add(self.agenda.nth(nth), partial(self.registry.delete, number, reason, wording))
        for nth in (2, 3):
            number = self.pool.pick()
            self.agenda.add(self.agenda.nth(nth), partial(self._delete, number, "naturalisation"))

    # -- two records, cards, certificates

    def _double_registration(self) -> None:
        """Somebody registered twice, with old and new card; the second record is deleted."""
        kept = self.pool.pick()
        original = self.registry.record(kept)
        again = self._mid_to_long()._replace(
            name_roman=original.name_roman,
            name_kanji=original.name_kanji,
            birth_date=original.birth_date,
            sex=original.sex,
            nationality=original.nationality,
        )
        second = self.counter.from_abroad(self.dice, self.agenda.nth(1), again)
        self.agenda.add(self.agenda.nth(1), lambda: self.counter.arrive(second))
        self.agenda.add(
            self.agenda.nth(4),
            lambda: self.registry.delete(second.registry_number, "double_registration", self.registry.today, kept=kept),
        )

    def _cards_brought(self) -> None:
        """The card forgotten before the baseline, and the card that came by post: brought now."""
        for nth in (1, 2, 3):
            number = self.pool.pick("unreported")
            history = self.registry.record(number).history_number
            self.agenda.add(self.agenda.nth(nth), partial(self.counter.bring_card, number, history, "22"))
        number = self.pool.pick("card_later")
        self.agenda.add(self.agenda.nth(2), lambda: self._card_by_post(number))

    def _card_by_post(self, number: str) -> None:
        entered = self.registry.record(number).history_number
        card = self.counter.people.cards.next()
        self.registry.correct(number, "ex_officio_correction", self.registry.today, card_number=card)
        self.counter.bring_card(number, entered, "30-46", "landing")

    def _older_than_our_days(self) -> None:
        """An entry and a correction from before the baseline are undone: reason and date are named."""
        entry, correction = self.pool.pick("older_entry"), self.pool.pick("older_correction")
        born = self.registry.record(correction).birth_date
        restored = born[:8] + f"{int(born[8:]) % 28 + 1:02d}"
        self.agenda.add(self.agenda.nth(3), lambda: self._cancel(entry))
        self.agenda.add(
            self.agenda.nth(4),
            lambda: self.registry.cancel(correction, self.counter.filing(), birth_date=restored),
        )

    # -- who is rare

    def _unusual_newcomers(self) -> None:
        """Newcomers with unusual names, birth dates and sex; twins."""
        people, make = self.counter.people, self._mid_to_long
        twin = people.mid_to_long_term(self.dice, "CHN")
        unusual = (
            make()._replace(name_roman=people.names.single(self.dice), nationality="IDN"),
            make()._replace(name_roman=people.names.long(self.dice), nationality="LKA"),
            make()._replace(birth_date="", birth_date_wording="1979年 月日不詳"),
            make()._replace(birth_date="1981-02-29", nationality="XSL"),
            make()._replace(sex="3"),
            make()._replace(protected="1"),
            twin,
            people.twin_of(twin, self.dice),
            people.special_permanent(self.dice, "XCH"),
        )
        for turn, record in enumerate(unusual):
            day = self.agenda.nth(1 + turn % 5)
            newcomer = self.counter.from_elsewhere(self.dice, day, record)
            self.agenda.add(day, partial(self.counter.move_in, newcomer))

    def _moves_of_the_rare(self) -> None:
        """Events of residents without a card."""
        for nth, kind in (
            (1, "temporary_refuge"),
            (2, "provisional_stay"),
            (4, "newborn"),
            (3, "nationality_lost"),
        ):
            number = self.pool.pick(kind)
            self.agenda.add(self.agenda.nth(nth), partial(self._move, number))

    # -- what the cases are made of

    def _mid_to_long(self) -> Record:
        return self.counter.people.mid_to_long_term(self.dice, "VNM")

    def _newcomer(self, nth: int) -> Record:
        return self.counter.from_elsewhere(self.dice, self.agenda.nth(nth), self._mid_to_long())

    def _move(self, number: str) -> None:
        self.counter.move_within(number, self.dice, self.registry.today)

    def _move_back(self, number: str) -> None:
        """To where the person lived before the last move."""
        now = self.registry.record(number)
        before = self.registry.before(number)
        self.registry.correct(
            number,
            "move_within",
            self.registry.today,
            self.counter.filing("23", card=True),
            area_code=before.area_code,
            address=before.address,
            postal_code=before.postal_code,
            former_address=now.address,
        )

    def _leave(self, number: str, *, days: int = 0, abroad: bool = False) -> None:
        self.counter.move_out(number, self.dice, self.registry.today + timedelta(days=days), abroad=abroad)

    def _plan(self, number: str, due: date, *, abroad: bool = False) -> None:
        self.counter.move_out(number, self.dice, due, abroad=abroad)

    def _come_back(self, number: str) -> None:
        self.counter.move_in(self.counter.from_elsewhere(self.dice, self.registry.today, self.registry.record(number)))

    def _cancel(self, number: str) -> None:
        self.registry.cancel(number, self.counter.filing())

    def _delete(self, number: str, reason: str) -> None:
        self.registry.delete(number, reason, self.registry.today)
