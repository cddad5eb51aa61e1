"""Business days in their order (design rule 2): a day is sealed only when the one before is sealed or was waived."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from renkei.corridor.house import House
from renkei.corridor.intake import take_in
from renkei.corridor.rereading import reread_lost_days
from renkei.corridor.sealing import seal_day, sealing_lock
from renkei.errors import DayNotRequested, DayWaits, ExtractMissing, NoBaseline, Refusal
from renkei.ledger import Tx
from renkei.ledger.states import DayState, ExtractState
from renkei.ledger.tables import Day, Extract


@dataclass(frozen=True, slots=True)
class Sealing:
    """What became of a request: whether the day is sealed, which serials were sealed for which days just now."""

    sealed: bool
    waits_for_extract: bool = False
    serials: tuple[int, ...] = ()
    days: tuple[date, ...] = ()

    def facts(self) -> dict[str, Any]:
        """Return references and counts, fit for an XCom."""
        return {
            "sealed": self.sealed,
            "waits_for_extract": self.waits_for_extract,
            "serials": list(self.serials),
            "days": [day.isoformat() for day in self.days],
        }


def request(house: House, day: date) -> DayState:
    """Record a day as requested; return the state it is in."""
    with house.ledger.reading() as tx:
        row = tx.session.get(Day, day)
        if row is not None and row.state is not DayState.OPEN:
            return row.state
    with house.ledger.transaction(actor=house.actor) as tx:
        row = tx.session.get(Day, day)
        if row is None:
            row = Day(business_date=day, state=DayState.OPEN)
            tx.session.add(row)
        if row.state is DayState.OPEN:
            row.state, row.requested_at = DayState.REQUESTED, tx.clock.now()
        tx.trail("day.requested", day.isoformat(), state=row.state)
        return row.state


def next_day(tx: Tx) -> date:
    """Return the first day that is neither sealed nor waived; raises `NoBaseline` before the first extract."""
    baseline = tx.session.scalar(select(func.min(Extract.business_date)).where(Extract.state == ExtractState.BASELINE))
    if baseline is None:
        raise NoBaseline
    settled = tx.session.scalar(
        select(func.max(Day.business_date)).where(Day.state.in_([DayState.SEALED, DayState.WAIVED]))
    )
    return max(baseline, settled or baseline) + timedelta(days=1)


def seal_requested_days(house: House, business_date: date) -> Sealing:
    """Record the day as requested, then seal in order every requested day that can be sealed.

    Never waits: where its own extract is missing it says so, where an earlier day stands in the way it raises
    `DayWaits` with that day and the reason. What hinders a later day is noted with that day. Raises `LostDayUnread`
    where a day lost by a restore comes first.
    """
    state = request(house, business_date)
    sealed: list[tuple[date, int]] = []
    reread_lost_days(house)
    with sealing_lock(house):
        while True:
            with house.ledger.reading() as tx:
                day = next_day(tx)
                row = tx.session.get(Day, day)
                state = _state(tx, business_date)
            if row is None or row.state is not DayState.REQUESTED:
                if state is DayState.REQUESTED:
                    raise DayWaits(day=business_date, earlier=day, why=DayNotRequested.__name__)
                break
            try:
                sealed.append((day, _seal(house.on(day), day)))
            except Refusal as refusal:
                _note(house, day, refusal)
                if day > business_date:
                    break
                if day < business_date:
                    raise DayWaits(day=business_date, earlier=day, why=str(refusal)) from None
                if isinstance(refusal, ExtractMissing):
                    return _result(sealed, sealed_now=False, waits=True)
                raise
    return _result(sealed, sealed_now=True, waits=False)


def seal_waiting_days(house: House) -> Sealing:
    """Seal, in order, the requested days that nothing hinders any more: whoever settles a day does this behind it.

    What hinders a day is noted with it. Raises `LostDayUnread`.
    """
    sealed: list[tuple[date, int]] = []
    reread_lost_days(house)
    with sealing_lock(house):
        while True:
            with house.ledger.reading() as tx:
                day = next_day(tx)
                row = tx.session.get(Day, day)
            if row is None or row.state is not DayState.REQUESTED:
                break
            try:
                sealed.append((day, _seal(house.on(day), day)))
            except Refusal as refusal:
                _note(house, day, refusal)
                break
    return _result(sealed, sealed_now=bool(sealed), waits=False)


def _seal(house: House, day: date) -> int:
    with _uncollected():
        take_in(house, day)
        return seal_day(house, day)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Let the collector of cycles rest: a day's objects stay to its end, and it would look at them again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _state(tx: Tx, day: date) -> DayState:
    row = tx.session.get(Day, day)
    return DayState.OPEN if row is None else row.state


def _note(house: House, day: date, refusal: Refusal) -> None:
    """Keep with the day why it cannot be sealed; the same reason again is no news."""
    why = type(refusal).__name__
    with house.ledger.reading() as tx:
        if tx.session.get_one(Day, day).blocked_by == why:
            return
    with house.ledger.transaction(actor=house.actor) as tx:
        tx.session.get_one(Day, day).blocked_by = why
        tx.trail("day.blocked", day.isoformat(), why=why)


def _result(sealed: list[tuple[date, int]], *, sealed_now: bool, waits: bool) -> Sealing:
    return Sealing(
        sealed=sealed_now,
        waits_for_extract=waits,
        serials=tuple(serial for _, serial in sealed),
        days=tuple(day for day, _ in sealed),
    )
