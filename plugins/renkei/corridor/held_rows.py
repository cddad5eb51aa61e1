"""Rows of residents.csv whose content does not fit and of which no held notice tells: each waits for a person.

An item bears the rule and the column's name. It closes when an extract shows the row fit or gone, or by a person.
"""

from collections import defaultdict

from sqlalchemy import select

from renkei.corridor.shelf import in_parts
from renkei.ledger import Tx
from renkei.ledger.states import OpenItemKind, OpenState
from renkei.ledger.tables import OpenItem
from renkei.registry import Comparison, Manifest


def settle_rows(tx: Tx, comparison: Comparison, manifest: Manifest) -> int:
    """Open an item for each row held that is told nowhere else, close what is fit now; return how many were opened.

    Called after the day's notices were entered. On a baseline every row counts, else those that differ.
    """
    held: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for hold in comparison.holds:
        held[hold.registry_number].add((hold.rule, hold.column))
    looked_at = {each.key.decode() for each in comparison.differences} | held.keys()
    opened = 0
    for some in in_parts(sorted(looked_at)):
        items: defaultdict[str, list[OpenItem]] = defaultdict(list)
        for item in tx.session.scalars(
            select(OpenItem).where(
                OpenItem.registry_number.in_(some),
                OpenItem.kind == OpenItemKind.HOLD,
                OpenItem.state == OpenState.OPEN,
            )
        ):
            items[item.registry_number or ""].append(item)
        for number in some:
            opened += _settle(tx, number, held[number], items[number], manifest)
    return opened


def _settle(tx: Tx, number: str, held: set[tuple[str, str]], items: list[OpenItem], manifest: Manifest) -> int:
    told = {str(name) for item in items if item.notice_id for name in item.fields or ()}
    stands = set[tuple[str, str]]()
    for item in items:
        if item.notice_id is None:
            found = (item.rule, str((item.fields or [""])[0]))
            if found in held:
                stands.add(found)
            else:
                item.state, item.closed_at = OpenState.CLOSED, tx.clock.now()
                item.evidence = f"fit or gone in {manifest.sha256[:12]}"
    fresh = [each for each in sorted(held - stands) if each[1] not in told]
    for rule, column in fresh:
        tx.session.add(
            OpenItem(
                kind=OpenItemKind.HOLD,
                registry_number=number,
                business_date=manifest.business_date,
                rule=rule,
                fields=[column],
                since=tx.clock.now(),
                state=OpenState.OPEN,
            )
        )
    return len(fresh)
