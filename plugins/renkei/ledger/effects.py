"""Every effect outside the ledger is told before and after (contract §5).

An intent row is committed before the effect and an outcome row after it; intent without outcome is
*unknown* and is settled by looking.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select

from renkei.errors import Doubt, LedgerMisuse
from renkei.ledger.engine import Ledger
from renkei.ledger.observers import OBSERVERS, Effect, observe
from renkei.ledger.states import EffectOutcome
from renkei.ledger.tables import EffectRow

__all__ = ["OBSERVERS", "Done", "Effect", "performing", "settle", "unsettled"]


class Done:
    """Collects what is known after the effect: `done(sha256=…)`."""

    def __init__(self) -> None:
        self.facts: dict[str, object] = {}

    def __call__(self, **facts: object) -> None:
        """Add facts to the outcome: references, digests and counts."""
        self.facts.update(facts)


@contextmanager
def performing(
    ledger: Ledger, effect: Effect, subject: str, actor: str | None = None, **facts: object
) -> Iterator[Done]:
    """Commit the intent, run the block (the one effect), commit the outcome.

    An exception ends the effect as *failed* with the exception's class name and goes on; but after a `Doubt`,
    or when the process is being stopped, nobody knows: no outcome is written, the effect stays *unknown*.
    """
    number = _intend(ledger, effect, subject, actor, facts)
    done = Done()
    try:
        observe(effect, "before", subject)
        yield done
        observe(effect, "after", subject)
    except Doubt:
        raise
    except Exception as error:
        settle(ledger, number, EffectOutcome.FAILED, actor=actor, error=type(error).__name__)
        raise
    settle(ledger, number, EffectOutcome.DONE, actor=actor, **done.facts)


def settle(
    ledger: Ledger, effect_id: int, outcome: EffectOutcome, *, actor: str | None = None, **facts: object
) -> None:
    """Write the outcome of an effect: at its end, or after a look found how it ended.

    Raises `LedgerMisuse` if it has one already.
    """
    with ledger.transaction(actor=actor) as tx:
        row = tx.session.get(EffectRow, effect_id)
        if row is None or row.outcome is not None:
            raise LedgerMisuse(kind="outcome without an open intent")
        row.outcome = outcome
        row.outcome_at = tx.clock.now()
        row.facts = {**row.facts, **facts}
        tx.tell(f"effect.{outcome}", row.subject, {**facts, "effect": row.effect, "effect_id": row.id})


def unsettled(ledger: Ledger) -> list[EffectRow]:
    """Return the effects without an outcome, oldest first: the *unknown* ones."""
    with ledger.reading() as tx:
        query = select(EffectRow).where(EffectRow.outcome.is_(None)).order_by(EffectRow.id)
        return list(tx.session.scalars(query))


def _intend(ledger: Ledger, effect: Effect, subject: str, actor: str | None, facts: dict[str, object]) -> int:
    with ledger.transaction(actor=actor) as tx:
        row = EffectRow(effect=effect, subject=subject, intent_at=tx.clock.now(), facts=facts)
        tx.session.add(row)
        tx.session.flush()
        tx.tell("effect.intent", subject, {**facts, "effect": effect, "effect_id": row.id})
        return row.id
