"""The notices' equation of a day that was taken in and waits to be sealed (contract §11).

Its left side was counted at the intake. What receipts, persons and supplements change in the queue before the day is
sealed is added here, so that the equation of that day still tells of every notice.
"""

from sqlalchemy import select

from renkei.ledger import Tx
from renkei.ledger.states import DayState
from renkei.ledger.tables import Day


def count_since_intake(tx: Tx, **counts: int) -> None:
    """Add to the equation of the day that was taken in and is not sealed yet; without such a day nothing is done.

    `waiting`: notices that came back into the queue, or left it for a day to come (negative); the other members are
    those of `Tally.as_balance`.
    """
    if not any(counts.values()):
        return
    for row in tx.session.scalars(select(Day).where(Day.state == DayState.REQUESTED, Day.extract_id.is_not(None))):
        balance = dict(row.balance or {})
        row.balance = balance | {name: balance.get(name, 0) + number for name, number in counts.items()}
