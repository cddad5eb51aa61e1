"""What the office does by itself: every silent reason, corrections, batches, certificates, nationality."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from synthetic_registry.agenda import Agenda, Pool
from synthetic_registry.counter import SILENT_FILINGS, Counter
from synthetic_registry.dice import Dice
from synthetic_registry.registry import Registry
from synthetic_registry.rows import EX_OFFICIO
from synthetic_registry.traffic import Traffic

BATCH = 34
"""Ex officio deletions in one batch, for a ward of Shinjuku's size."""
BLOCK = 12
"""Residents of a block whose area code is renumbered."""
EX_OFFICIO_SILENT = ("my_number_change", "sheet_renewal", "sheet_recreation")


@dataclass(slots=True)
class Office:
    """Puts the office's own work on the agenda."""

    registry: Registry
    counter: Counter
    agenda: Agenda
    pool: Pool
    dice: Dice
    traffic: Traffic

    def work(self) -> None:
        """All of it."""
        self._silent_reasons()
        self._corrections()
        self._batch_of_deletions()
        self._renumbering()
        self._certificates()
        self._nationality()
        self._births()

    def _silent_reasons(self) -> None:
        """Each silent reason at least once."""
        for turn, reason in enumerate((*SILENT_FILINGS, *EX_OFFICIO_SILENT)):
            deleted = reason == "common_name_deletion"
            number = self.pool.pick("common_name" if deleted else "ordinary")
            name = self.counter.people.names.common(self.dice) if reason == "common_name_entry" else None
            self.agenda.add(
                self.agenda.nth(1 + turn % 5),
                partial(self.counter.silent, number, reason, "" if deleted else name),
            )

    def _corrections(self) -> None:
        """Sex, nationality, birth date, and a correction that changes no item of a notice."""
        changes: tuple[tuple[int, str, dict[str, str]], ...] = (
            (1, "ex_officio_correction", {"sex": "2"}),
            (2, "ex_officio_correction", {"nationality": "PSE", "name_kanji": ""}),
            (3, "error_correction", {"birth_date": "1990-11-30", "birth_date_wording": ""}),
            (4, "ex_officio_correction", {"birth_date": "", "birth_date_wording": "1968年頃"}),
            (2, "ex_officio_correction", {}),
            (3, "minor_correction", {"former_address": "未定"}),
            (1, "ex_officio_correction", {"became_foreign_resident_date": "2016-10-01"}),
        )
        for nth, reason, columns in changes:
            number = self.pool.pick("third_sex" if "sex" in columns else "ordinary")
            day = self.agenda.nth(nth)
            self.agenda.add(day, partial(self.registry.correct, number, reason, day, EX_OFFICIO, **columns))

    def _batch_of_deletions(self) -> None:
        """A survey found people gone: deleted ex officio in a row; one turns up and is entered again."""
        gone = [self.pool.pick() for _ in range(max(3, round(BATCH * min(self.traffic.scale, 3))))]
        day = self.agenda.nth(2)
        self.agenda.add(day, *(partial(self.registry.delete, n, "ex_officio_deletion", day) for n in gone))
        self.agenda.add(
            self.agenda.nth(4),
            lambda: self.registry.enter(self.registry.record(gone[0]), "ex_officio_entry", self.registry.today),
        )

    def _renumbering(self) -> None:
        """A block gets another area code; the address keeps its words: no item of a notice changes."""
        numbers = [self.pool.pick() for _ in range(BLOCK)]
        day = self.agenda.nth(3)
        step = partial(self.registry.correct, reason="address_renumbering", on=day, area_code="0099001")
        self.agenda.add(day, *(partial(step, number) for number in numbers))

    def _certificates(self) -> None:
        """One certificate of each article, a subject without a resident record among them."""
        for nth, article in ((1, "12-3"), (2, "11-2"), (3, "13-2"), (4, "14-4")):
            number = self.pool.pick("special_permanent")
            self.agenda.add(self.agenda.nth(nth), partial(self.counter.hand_over, number, article))
        child = self.pool.pick("newborn_special")
        self.agenda.add(self.agenda.nth(5), lambda: self.counter.permit_special(child))
        self.agenda.add(
            self.agenda.nth(3),
            lambda: self.registry.hand_over_certificate("12-3", self.counter.people.cards.next()),
        )
        self.agenda.add(self.agenda.nth(1), lambda: self.counter.report_without_record(self.dice))
        self.agenda.add(self.agenda.nth(4), lambda: self.counter.report_without_record(self.dice, "spr_permission"))

    def _nationality(self) -> None:
        """Loss of Japanese nationality; a mid- to long-term resident by change of status; by re-entry."""
        day = self.agenda.nth(3)
        born = self.counter.people.mid_to_long_term(self.dice, "USA")
        lost = self.counter.from_elsewhere(self.dice, day - timedelta(days=20), born)._replace(
            resident_category="nationality_loss_transitional",
            status_of_residence="",
            period_of_stay="",
            expiry_date="",
            card_number="",
            residence_reported="0",
        )
        self.agenda.add(
            day,
            lambda: self.registry.enter(lost, "loss_of_japanese_nationality", day - timedelta(days=20)),
        )
        for nth, acquired_by in ((1, ""), (4, "status_change")):
            on = self.agenda.nth(nth) - timedelta(days=2)
            record = self.counter.from_abroad(self.dice, on)
            step = partial(self.counter.arrive, record, acquired_by=acquired_by)
            self.agenda.add(self.agenda.nth(nth), step)
        changed = self.counter.from_abroad(self.dice, self.agenda.nth(2) - timedelta(days=3))
        self.agenda.add(self.agenda.nth(2), lambda: self.counter.become_resident(changed))

    def _births(self) -> None:
        """Twins are born; and the child of a special permanent resident."""
        parent, other = self.pool.pick(), self.pool.pick("special_permanent")
        day = self.agenda.nth(1)
        on = day - timedelta(days=4)
        twin = partial(self.counter.birth, parent, self.dice, on)
        self.agenda.add(day, twin, twin)
        self.agenda.add(day, partial(self.counter.birth, other, self.dice, on))
