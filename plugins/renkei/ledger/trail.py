"""The audit trail: append-only, numbered without gaps, each row hashed with the hash before it.

Source: contract §10. A row is hashed as canonical JSON of [number, previous hash, at, actor, action, subject,
facts]. Facts are references, digests and counts; the names of personal items are refused.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from renkei.errors import LedgerMisuse
from renkei.ledger.columns import canonical, instant_text
from renkei.ledger.tables import Trail

GENESIS: Final = "0" * 64
RESTORED: Final = "restored"
_PERSONAL: Final = frozenset(
    {
        "registry_number",
        "name",
        "kana",
        "address",
        "birth_date",
        "card_number",
        "content",
        "row",
        "common_name",
    }
)


@dataclass(frozen=True, slots=True)
class Head:
    """The last row of the chain: its number and hash. An empty trail has number 0 and 64 zeros."""

    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the chain does not hold: the row's number and the rule that it breaks."""

    number: int
    rule: str


def head(session: Session) -> Head:
    """Return the head of the chain. Under the chain's lock nobody else moves it."""
    row = session.execute(select(Trail.number, Trail.hash).order_by(Trail.number.desc()).limit(1)).one_or_none()
    return Head(0, GENESIS) if row is None else Head(row.number, row.hash)


def hash_at(session: Session, number: int) -> str | None:
    """Return the hash of one row, None if the chain does not reach it."""
    if number == 0:
        return GENESIS
    return session.execute(select(Trail.hash).where(Trail.number == number)).scalar_one_or_none()


def append(
    session: Session, *, at: datetime, actor: str, action: str, subject: str, facts: Mapping[str, object]
) -> Head:
    """Append one row and return the new head; the caller holds the chain's lock.

    Raises `LedgerMisuse` if the facts name a personal item.
    """
    personal = _PERSONAL.intersection(facts)
    if personal:
        raise LedgerMisuse(kind=f"personal fact in the trail: {min(personal)}")
    last = head(session)
    row = Trail(
        number=last.number + 1,
        previous_hash=last.hash,
        at=at,
        actor=actor,
        action=action,
        subject=subject,
        facts=canonical(facts),
    )
    row.hash = row_hash(row)
    session.add(row)
    session.flush()
    return Head(row.number, row.hash)


def row_hash(row: Trail) -> str:
    """Return the SHA-256, in hex, that a row of the trail must bear."""
    told = [
        row.number,
        row.previous_hash,
        instant_text(row.at),
        row.actor,
        row.action,
        row.subject,
        row.facts,
    ]
    return hashlib.sha256(canonical(told).encode()).hexdigest()


def rows(session: Session) -> Iterator[Trail]:
    """Yield the trail from its first row, without holding it in memory."""
    yield from session.scalars(select(Trail).order_by(Trail.number).execution_options(yield_per=1000))


def breaks_in(chain: Iterator[Trail]) -> Iterator[Break]:
    """Recompute the chain and yield each row that does not follow from the one before it."""
    last = Head(0, GENESIS)
    for row in chain:
        if row.number != last.number + 1:
            yield Break(row.number, "number is not head + 1")
        if row.previous_hash != last.hash:
            yield Break(row.number, "previous hash is not the hash before")
        if row.hash != row_hash(row):
            yield Break(row.number, "hash does not fit the row")
        last = Head(row.number, row.hash)
