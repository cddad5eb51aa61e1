"""What the office does by itself: every silent reason, corrections, batches, certificates, nationality."""

from dataclasses import dataclass
from datetime import timedelta

from synthetic_registry.agenda import Agenda, Pool
from synthetic_registry.counter import Counter
from synthetic_registry.dice import Dice
from synthetic_registry.registry import Registry
from synthetic_registry.traffic import SILENT_FILINGS, Traffic

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
        for turn, reason in enumerate((*SILENT_FILINGS, *EX_OFFICIO_SILENT, "common_name_deletion")):
            number = self.pool.pick("common_name" if reason == "common_name_deletion" else "ordinary")
            day = self.agenda.nth(1 + turn % 5)
            article = SILENT_FILINGS.get(reason, "")
            changes = {}
            if "common_name" in reason:
                name = self.counter.people.names.common(self.dice)
                changes = {"common_name": name if reason == "common_name_entry" else ""}

            def step(  # noqa: PLR0913 - a closure's own copies
                number: str = number,
                reason: str = reason,
                article: str = article,
                changes: dict[str, str] = changes,
            ) -> None:
                by_office = reason in EX_OFFICIO_SILENT
                filing = self.counter.filing(article)
                today = self.registry.today
                if by_office:
                    self.registry.correct(number, reason, today, **changes)
                else:
                    self.registry.correct(number, reason, today, filing, **changes)

            self.agenda.add(day, step)

    def _corrections(self) -> None:
        """Sex, nationality, birth date, and a correction that changes no item of a notice."""
        changes = (
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
            self.agenda.add(
                self.agenda.nth(nth),
                lambda n=number, r=reason, c=columns: self.registry.correct(n, r, self.registry.today, **c),  # type: ignore[misc]
            )

    def _batch_of_deletions(self) -> None:
        """A survey found people gone: deleted ex officio in a row; one of them turns up and is entered again."""
        gone = [self.pool.pick() for _ in range(max(3, round(BATCH * min(self.traffic.scale, 3))))]
        day = self.agenda.nth(2)
        steps = [lambda n=n: self.registry.delete(n, "ex_officio_deletion", day) for n in gone]  # type: ignore[misc]
        self.agenda.add(day, *steps)
        self.agenda.add(
            self.agenda.nth(4),
            lambda: self.registry.enter(
                self.registry.record(gone[0]), "ex_officio_entry", self.registry.today
            ),
        )

    def _renumbering(self) -> None:
        """A block gets another area code; the address keeps its words, so that no item of a notice changes."""
        numbers = [self.pool.pick() for _ in range(BLOCK)]
        self.agenda.add(
            self.agenda.nth(3),
            *(
                lambda n=n: self.registry.correct(  # type: ignore[misc]
                    n, "address_renumbering", self.registry.today, area_code="0099001"
                )
                for n in numbers
            ),
        )

    def _certificates(self) -> None:
        """One certificate of each article, a subject without a resident record among them."""
        for nth, article in ((1, "12-3"), (2, "11-2"), (3, "13-2"), (4, "14-4")):
            number = self.pool.pick("special_permanent")
            self.agenda.add(
                self.agenda.nth(nth),
                lambda n=number, a=article: self.counter.hand_over(n, a),  # type: ignore[misc]
            )
        child = self.pool.pick("newborn_special")
        self.agenda.add(self.agenda.nth(5), lambda: self.counter.permit_special(child))
        self.agenda.add(
            self.agenda.nth(3),
            lambda: self.registry.hand_over_certificate("12-3", self.counter.people.cards.next()),
        )
        self.agenda.add(self.agenda.nth(1), lambda: self.counter.report_without_record(self.dice))
        self.agenda.add(
            self.agenda.nth(4), lambda: self.counter.report_without_record(self.dice, "spr_permission")
        )

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
            self.agenda.add(
                self.agenda.nth(nth),
                lambda r=record, a=acquired_by: self.counter.arrive(r, acquired_by=a),  # type: ignore[misc]
            )
        changed = self.counter.from_abroad(self.dice, self.agenda.nth(2) - timedelta(days=3))
        self.agenda.add(self.agenda.nth(2), lambda: self.counter.become_resident(changed))

    def _births(self) -> None:
        """Twins are born; and another child."""
        parent, other = self.pool.pick(), self.pool.pick("special_permanent")
        day = self.agenda.nth(1)
        same = Dice(1, parent)
        self.agenda.add(
            day,
            lambda: self.counter.birth(parent, Dice(same.below(2**20), "born")),
            lambda: self.counter.birth(other, self.dice),
        )
