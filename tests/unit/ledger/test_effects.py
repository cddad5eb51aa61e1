"""Outside effects: intent before, outcome after, unknown in between (contract §5)."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from renkei.errors import LedgerCommitUnknown, LedgerMisuse, LedgerUnavailable, SerialTaken
from renkei.ledger import Ledger
from renkei.ledger.effects import OBSERVERS, Effect, performing, settle, unsettled
from renkei.ledger.observers import Moment
from renkei.ledger.states import EffectOutcome
from renkei.ledger.tables import EffectRow, Trail

NAME = "131041-00000001.zip.pgp"


def told(ledger: Ledger) -> list[tuple[str, dict[str, object]]]:
    with ledger.reading() as tx:
        rows = tx.session.scalars(select(Trail).order_by(Trail.number)).all()
    return [(row.action, json.loads(row.facts)) for row in rows if row.action.startswith("effect.")]


def outcomes(ledger: Ledger) -> list[EffectOutcome | None]:
    with ledger.reading() as tx:
        return list(tx.session.scalars(select(EffectRow.outcome).order_by(EffectRow.id)))


@pytest.fixture
def seen() -> Iterator[list[tuple[Effect, Moment, str]]]:
    found: list[tuple[Effect, Moment, str]] = []

    def observer(effect: Effect, moment: Moment, subject: str) -> None:
        if effect is not Effect.WRITE_HEAD:
            found.append((effect, moment, subject))

    OBSERVERS.append(observer)
    yield found
    OBSERVERS.remove(observer)


class TestPerforming:
    def test_the_intent_is_committed_before_the_effect(self, ledger: Ledger) -> None:
        with performing(ledger, Effect.PUBLISH, NAME):
            assert [(row.effect, row.subject) for row in unsettled(ledger)] == [("publish", NAME)]
        assert unsettled(ledger) == []

    def test_the_outcome_bears_what_the_effect_found(self, ledger: Ledger) -> None:
        with performing(ledger, Effect.PUT_TEMPORARY, NAME, "clerk", sealed="ab") as done:
            done(bytes=12)
        assert told(ledger) == [
            ("effect.intent", {"effect": "put_temporary", "effect_id": 1, "sealed": "ab"}),
            ("effect.done", {"effect": "put_temporary", "effect_id": 1, "bytes": 12}),
        ]
        with ledger.reading() as tx:
            assert tx.session.get_one(EffectRow, 1).facts == {"sealed": "ab", "bytes": 12}

    def test_a_failure_is_told_by_its_class_and_goes_on(self, ledger: Ledger) -> None:
        with pytest.raises(SerialTaken), performing(ledger, Effect.PUBLISH, NAME):
            raise SerialTaken(serial=1)
        assert told(ledger)[-1] == (
            "effect.failed",
            {"effect": "publish", "effect_id": 1, "error": "SerialTaken"},
        )

    @pytest.mark.parametrize("end", [LedgerCommitUnknown(), KeyboardInterrupt(), SystemExit()])
    def test_after_a_doubt_or_a_stopped_process_it_stays_unknown(self, ledger: Ledger, end: BaseException) -> None:
        with pytest.raises(type(end)), performing(ledger, Effect.PUBLISH, NAME):
            raise end
        assert outcomes(ledger) == [None]

    def test_observers_stand_between_intent_effect_and_outcome(
        self, ledger: Ledger, seen: list[tuple[Effect, Moment, str]]
    ) -> None:
        with performing(ledger, Effect.PUBLISH, NAME):
            assert seen == [(Effect.PUBLISH, "before", NAME)]
        assert seen == [(Effect.PUBLISH, "before", NAME), (Effect.PUBLISH, "after", NAME)]

    def test_a_kill_after_the_effect_leaves_it_unknown(self, ledger: Ledger) -> None:
        def kill(effect: Effect, moment: Moment, _: str) -> None:
            if (effect, moment) == (Effect.PUBLISH, "after"):
                raise SystemExit

        OBSERVERS.append(kill)
        try:
            with pytest.raises(SystemExit), performing(ledger, Effect.PUBLISH, NAME):
                pass
        finally:
            OBSERVERS.remove(kill)
        assert outcomes(ledger) == [None]

    def test_nothing_happens_where_the_intent_cannot_be_written(self, ledger: Ledger) -> None:
        assert ledger.mark is not None
        ledger.mark.path.unlink()
        ledger.mark.path.mkdir()
        done: list[str] = []
        with pytest.raises(LedgerUnavailable), performing(ledger, Effect.PUBLISH, NAME):
            done.append("sent")
        assert done == []


class TestSettling:
    def test_a_look_settles_an_unknown_effect_once(self, ledger: Ledger) -> None:
        with pytest.raises(SystemExit), performing(ledger, Effect.PUBLISH, NAME):
            raise SystemExit
        (row,) = unsettled(ledger)
        settle(ledger, row.id, EffectOutcome.DONE, by="look")
        assert outcomes(ledger) == [EffectOutcome.DONE]
        with pytest.raises(LedgerMisuse):
            settle(ledger, row.id, EffectOutcome.FAILED)


class TestTheHeadMarkIsAnEffect:
    def test_it_is_observed_before_and_after_every_commit(self, ledger: Ledger) -> None:
        marks: list[tuple[str, int]] = []

        def observer(effect: Effect, moment: Moment, _: str) -> None:
            assert ledger.mark is not None
            there = ledger.mark.read()
            if effect is Effect.WRITE_HEAD:
                marks.append((moment, there.number if there else 0))

        OBSERVERS.append(observer)
        try:
            with ledger.transaction() as tx:
                tx.trail("test.row", "subject")
        finally:
            OBSERVERS.remove(observer)
        assert marks == [("before", 1), ("after", 2)]
