"""The card numbers that persons bore, kept as they pass through extracts and agency notices (domain §7).

A number is new at every issue and no key of a person; the agency may still name an old one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import Final, TypeVar

from sqlalchemy import insert, select

from renkei.ledger import Tx
from renkei.ledger.tables import CardHistory
from renkei.registry import Comparison, Event, row_of
from renkei.registry.layout import Table

CARD: Final = "card_number"
_AT_ONCE: Final = 500
_T = TypeVar("_T")


def some(values: Iterable[_T]) -> Iterator[list[_T]]:
    """Yield the values in lists short enough for one statement."""
    rest = iter(values)
    while part := list(islice(rest, _AT_ONCE)):
        yield part


def remember_left(tx: Tx, comparison: Comparison, events: Sequence[Event], table: Table, day: date) -> None:
    """Keep every card number that left a person's row on a business date, or came and went within it.

    The rows of persons who are gone count as well: their numbers are all that is left to find them by.
    """
    now: dict[str, str] = {}
    bore: defaultdict[str, set[str]] = defaultdict(set)
    for each in comparison.differences:
        number = each.key.decode()
        now[number] = _card(each.after, table)
        bore[number].add(_card(each.before, table))
    for event in events:
        if event.registry_number in now:
            bore[event.registry_number].add(event.record[CARD])
    remember(tx, [(card, number) for number, cards in bore.items() for card in cards - {"", now[number]}], day)


def _card(line: bytes | None, table: Table) -> str:
    if line is None:
        return ""
    # Most lines hold no quoted value; a whole row is taken apart for the others alone.
    at = table.position(CARD)
    return row_of(table, line)[CARD] if b'"' in line else line.split(b",", at + 1)[at].decode()


def remember(tx: Tx, pairs: Iterable[tuple[str, str]], day: date) -> None:
    """Keep pairs of card number and registry number, last seen on a business date; a later one stays."""
    for part in some(sorted(set(pairs))):
        known = {
            (row.card_number, row.registry_number): row
            for row in tx.session.scalars(
                select(CardHistory).where(CardHistory.card_number.in_([card for card, _ in part]))
            )
        }
        new = [pair for pair in part if pair not in known]
        if new:
            values = [{"card_number": card, "registry_number": number, "last_seen": day} for card, number in new]
            tx.session.execute(insert(CardHistory), values)
        for pair in part:
            if pair in known and known[pair].last_seen < day:
                known[pair].last_seen = day


def bearers_of(tx: Tx, cards: Collection[str]) -> dict[str, frozenset[str]]:
    """Return who once bore each of these cards, by card. Personal."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for part in some(sorted(cards)):
        rows = tx.session.execute(
            select(CardHistory.card_number, CardHistory.registry_number).where(CardHistory.card_number.in_(part))
        )
        for card, number in rows:
            found[card].add(number)
    return {card: frozenset(numbers) for card, numbers in found.items()}
