"""Reconciliations of invented periods, made by hand: a good one, one full of trouble, an empty one."""

from dataclasses import replace
from datetime import timedelta

from renkei.reports.model import (
    AgencyEquation,
    ClassCount,
    Gap,
    InboundDay,
    InboundFile,
    InboundState,
    Label,
    Movement,
    OpenClass,
    Period,
    Reconciliation,
    Scope,
    SentTotals,
    StatusTotal,
    WorklistFile,
)
from tests.support.reports import DAY, MOJ, at, digest, good_day, head, history


def reconciliation(scope: Scope = Scope.RUN) -> Reconciliation:
    """Return a day on which the agency told something and all is well, or a month of it."""
    to_apply = Label("to_apply", "反映待ち", "to apply")
    first = DAY.replace(day=1) if scope is Scope.MONTH else DAY
    return Reconciliation(
        head=head(),
        period=Period(scope, first, DAY),
        files=(InboundFile(3, MOJ, InboundState.ACKNOWLEDGED, None, 15, digest("b"), digest("c"), at(22), 1),),
        classes=(ClassCount(to_apply, 12), ClassCount(Label("already_so", "登録済み(一致)", "already so"), 3)),
        movement=Movement(taken_in=15, opened=12, applied=9, by_person=1, own_same_person=2),
        open=(OpenClass(to_apply, 12, 1, "確認票で確かめる", "check the sheet"),),
        worklists=(WorklistFile(DAY, 0, 12, digest("d")),),
        agreement=good_day().equations.agency,
        statuses=(StatusTotal("留学", 13200, 13200),),
        sent=(SentTotals(1, DAY, 227, 225, 2, 0, 1, None),),
        history=history(),
        inbound=tuple(InboundDay(DAY - timedelta(days=back), 9, back % 3, 2) for back in range(29, -1, -1)),
    )


def troubled_reconciliation() -> Reconciliation:
    """Return a day with a gap, a file in quarantine, an unanswered file and registers that differ."""
    states = tuple(
        InboundFile(number, MOJ, state, None, None, None, None, None, 0)
        for number, state in enumerate(InboundState, 5)
        if state is not InboundState.QUARANTINED
    )
    held = InboundFile(4, MOJ, InboundState.QUARANTINED, "openpgp", None, None, digest("e"), at(22), 0)
    return replace(
        reconciliation(),
        files=(held, *states),
        gap=Gap(4, DAY - timedelta(days=2), 2),
        agreement=AgencyEquation(42123, 42119, 1),
        sent=(SentTotals(2, DAY, 10, 4, 0, 5, 0, 2),),
    )


def reconciliations() -> dict[str, Reconciliation]:
    """Return one reconciliation for every state that the report has words for."""
    bare = Reconciliation(head=head(), period=Period(Scope.RUN, DAY, DAY))
    return {
        "run": reconciliation(),
        "month": reconciliation(Scope.MONTH),
        "troubled": troubled_reconciliation(),
        "nothing came": bare,
    }
