"""The proof of a day: yesterday's row and the events in effect end in today's row, or the person is opened."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from renkei.registry import (
    Extract,
)
from renkei.schemas import Schemas
from tests.support.extracts import ExtractBuilder
from tests.unit.registry.known import NEW, ONE, TWO, Known, Prover, opened_by


class TestCloses:
    @pytest.mark.parametrize(
        ("number", "reason"),
        [
            (ONE, "move_within"),
            (ONE, "household_change"),
            (ONE, "domestic_move_out"),
            (ONE, "death"),
            (ONE, "naturalisation"),
            (NEW, "birth"),
            (NEW, "domestic_move_in"),
        ],
    )
    def test_one_event_and_its_row(self, yesterday: ExtractBuilder, proven: Prover, number: str, reason: str) -> None:
        proof = proven(yesterday, yesterday.next_day().event(number, reason))

        assert (proof.closed, proof.opened) == ({number}, ())

    def test_entries_and_deletions_are_counted(self, yesterday: ExtractBuilder, proven: Prover) -> None:
        proof = proven(yesterday, yesterday.next_day().event(NEW, "birth").event(ONE, "death").event(TWO, "death"))

        assert (proof.entries, proof.deletions) == (1, 2)

    def test_several_events_of_one_person_in_order(self, yesterday: ExtractBuilder, proven: Prover) -> None:
        today = (
            yesterday.next_day()
            .event(NEW, "domestic_move_in")
            .event(NEW, "move_within", address="東京都新宿区戸塚町1-2")
            .event(NEW, "domestic_move_out")
        )

        proof = proven(yesterday, today)

        assert (proof.closed, proof.opened) == ({NEW}, ())

    def test_there_and_back_on_one_day_is_proven_by_numbers(self, yesterday: ExtractBuilder, proven: Prover) -> None:
        today = yesterday.next_day().event(ONE, "move_within", address="東京都新宿区戸塚町1-2")
        home = yesterday.residents[ONE]["address"]
        today.event(ONE, "move_within", address=home)

        assert proven(yesterday, today).opened == ()

    def test_someone_never_seen_may_begin_at_any_number(self, yesterday: ExtractBuilder, proven: Prover) -> None:
        today = yesterday.next_day().event(NEW, "domestic_move_in", history_number=17)

        assert proven(yesterday, today).opened == ()

    def test_someone_who_comes_back_continues_her_numbers(self, yesterday: ExtractBuilder, proven: Prover) -> None:
        today = yesterday.next_day().event(NEW, "domestic_move_in", history_number=6)

        assert proven(yesterday, today, Known(histories={NEW: 5})).opened == ()


class TestPlannedMoveOut:
    def test_until_its_day_the_row_lives_with_the_events_number(
        self, yesterday: ExtractBuilder, proven: Prover
    ) -> None:
        today = yesterday.next_day().event(ONE, "domestic_move_out", event_date="2019-03-31")

        proof = proven(yesterday, today)

        assert (proof.closed, proof.deletions, proof.explained_by_planned) == ({ONE}, 0, frozenset())

    def test_on_its_day_the_deletion_is_explained_without_a_second_event(
        self, yesterday: ExtractBuilder, proven: Prover
    ) -> None:
        planned = yesterday.next_day().event(ONE, "domestic_move_out", event_date="2019-03-30")

        proof = proven(planned, planned.next_day(), Known({ONE: 2}, {ONE: date(2019, 3, 30)}))

        assert (proof.explained_by_planned, proof.deletions, proof.opened) == ({ONE}, 1, ())

    def test_a_row_that_stays_after_its_day_is_opened(self, yesterday: ExtractBuilder, proven: Prover) -> None:
        planned = yesterday.next_day().event(ONE, "domestic_move_out", event_date="2019-03-30")
        after = planned.next_day()
        after.residents[ONE] = planned.residents[ONE]

        proof = proven(planned, after, Known({ONE: 2}, {ONE: date(2019, 3, 30)}))

        assert opened_by(proof) == [(ONE, "row_left_after_deletion", ("registry_number",))]

    def test_an_earlier_arrival_notice_deletes_at_once(self, yesterday: ExtractBuilder, proven: Prover) -> None:
        planned = yesterday.next_day().event(ONE, "domestic_move_out", event_date="2019-04-05")
        arrived = planned.next_day().event(
            ONE, "domestic_move_out", event_date="2019-04-05", arrival_notice_date="2019-03-30"
        )

        proof = proven(planned, arrived, Known({ONE: 2}, {ONE: date(2019, 4, 5)}))

        assert (proof.closed, proof.deletions, proof.opened) == ({ONE}, 1, ())

    def test_cancelled_before_its_day_the_record_lives_on(self, yesterday: ExtractBuilder, proven: Prover) -> None:
        planned = yesterday.next_day().event(ONE, "domestic_move_out", event_date="2019-03-30")
        cancelled = planned.next_day().event(ONE, "cancellation_increase", cancels_history_number=2)

        proof = proven(planned, cancelled, Known({ONE: 2}, {ONE: date(2019, 3, 30)}))

        assert (proof.closed, proof.deletions, proof.opened) == ({ONE}, 0, ())

    def test_a_changed_date_counts_from_the_latest_event(self, yesterday: ExtractBuilder, proven: Prover) -> None:
        planned = yesterday.next_day().event(ONE, "domestic_move_out", event_date="2019-03-30")
        later = planned.next_day().event(ONE, "domestic_move_out", event_date="2019-04-02")

        proof = proven(planned, later, Known({ONE: 2}, {ONE: date(2019, 3, 30)}))

        assert (proof.closed, proof.deletions, proof.opened) == ({ONE}, 0, ())

    def test_another_event_leaves_the_plan_as_it_is(self, yesterday: ExtractBuilder, proven: Prover) -> None:
        planned = yesterday.next_day().event(ONE, "domestic_move_out", event_date="2019-03-30")
        after = planned.next_day().event(ONE, "head_of_household_change", register=False)

        proof = proven(planned, after, Known({ONE: 2}, {ONE: date(2019, 3, 30)}))

        assert (proof.explained_by_planned, proof.opened) == ({ONE}, ())


class TestOpens:
    def test_a_resident_who_appears_without_an_event(self, yesterday: ExtractBuilder, proven: Prover) -> None:
        proof = proven(yesterday, yesterday.next_day().resident(NEW))

        assert opened_by(proof) == [(NEW, "entry_without_event", ("registry_number",))]

    def test_a_resident_who_is_gone_without_an_event(self, yesterday: ExtractBuilder, proven: Prover) -> None:
        proof = proven(yesterday, yesterday.next_day().drop(ONE))

        assert opened_by(proof) == [(ONE, "deletion_without_event", ("registry_number",))]

    def test_a_change_without_an_event_names_its_columns(self, yesterday: ExtractBuilder, proven: Prover) -> None:
        today = yesterday.next_day().change(ONE, address="MARKED", postal_code="1600022")

        proof = proven(yesterday, today)

        assert opened_by(proof) == [(ONE, "change_without_event", ("address", "postal_code"))]
        assert "MARKED" not in repr(proof)
        assert ONE not in repr(proof)

    def test_a_row_that_is_not_as_its_event_says(self, yesterday: ExtractBuilder, proven: Prover) -> None:
        today = yesterday.next_day().event(ONE, "move_within").change(ONE, sex="3")

        assert opened_by(proven(yesterday, today)) == [(ONE, "row_not_as_event", ("sex",))]

    def test_an_event_that_the_row_does_not_show(self, yesterday: ExtractBuilder, proven: Prover) -> None:
        today = yesterday.next_day().event(ONE, "move_within", register=False)

        assert opened_by(proven(yesterday, today)) == [
            (ONE, "row_not_as_event", ("history_number", "last_event_reason"))
        ]

    def test_a_deletion_whose_row_is_left_unchanged(self, yesterday: ExtractBuilder, proven: Prover) -> None:
        today = yesterday.next_day().event(ONE, "death", register=False)

        assert opened_by(proven(yesterday, today)) == [(ONE, "row_left_after_deletion", ("registry_number",))]

    def test_an_entry_whose_row_is_missing(self, yesterday: ExtractBuilder, proven: Prover) -> None:
        today = yesterday.next_day().event(NEW, "birth", register=False)

        assert opened_by(proven(yesterday, today)) == [(NEW, "row_missing_after_event", ("registry_number",))]

    def test_a_gap_in_the_history_numbers(self, yesterday: ExtractBuilder, proven: Prover) -> None:
        today = yesterday.next_day().event(ONE, "move_within", history_number=3)

        assert opened_by(proven(yesterday, today)) == [(ONE, "history_gap", ("history_number",))]

    def test_a_gap_between_two_events_of_one_day(self, yesterday: ExtractBuilder, proven: Prover) -> None:
        today = yesterday.next_day().event(ONE, "move_within").event(ONE, "move_within", history_number=4)

        assert opened_by(proven(yesterday, today)) == [(ONE, "history_gap", ("history_number",))]

    def test_a_history_number_that_was_read_before(self, yesterday: ExtractBuilder, proven: Prover) -> None:
        today = yesterday.next_day().event(ONE, "move_within", history_number=1)

        assert opened_by(proven(yesterday, today)) == [(ONE, "history_repeated", ("history_number",))]

    def test_others_close_meanwhile(self, yesterday: ExtractBuilder, proven: Prover) -> None:
        proof = proven(yesterday, yesterday.next_day().drop(ONE).event(TWO, "move_within"))

        assert (proof.closed, len(proof.opened)) == ({TWO}, 1)


class TestClosesLater:
    def test_an_event_that_comes_a_day_late_closes_what_was_open(
        self, yesterday: ExtractBuilder, proven: Prover
    ) -> None:
        open_day = yesterday.next_day().change(ONE, history_number=2, last_event_reason="minor_correction")
        late = open_day.next_day()
        late.residents[ONE] = yesterday.residents[ONE]
        late.event(ONE, "minor_correction")

        proof = proven(open_day, late, Known(histories={ONE: 1}))

        assert (proof.closed, proof.opened) == ({ONE}, ())

    def test_events_that_waited_for_the_missing_one_are_taken_after_it(
        self, tmp_path: Path, yesterday: ExtractBuilder, proven: Prover, opened: Callable[[Path], Extract]
    ) -> None:
        gap = yesterday.next_day().event(ONE, "move_within", history_number=3)
        [waits] = opened(gap.write(tmp_path / "gap")).events
        filled = gap.next_day().event(ONE, "minor_correction", history_number=2, register=False)
        [missing] = opened(filled.write(tmp_path / "filled")).events

        proof = proven(gap, filled, Known({ONE: 1}, waiting={ONE: [waits]}))

        assert missing.history_number < waits.history_number
        assert (proof.closed, proof.opened) == ({ONE}, ())


class TestWords:
    @pytest.mark.parametrize(
        "rule",
        [
            "history_gap",
            "history_repeated",
            "entry_without_event",
            "deletion_without_event",
            "change_without_event",
            "row_not_as_event",
            "row_missing_after_event",
            "row_left_after_deletion",
        ],
    )
    def test_every_rule_has_its_sentence_and_its_next_step(self, schemas: Schemas, rule: str) -> None:
        told = schemas.hold_rule(rule)

        assert told.ja != rule
        assert told.next_step_ja
        assert told.next_step_en
