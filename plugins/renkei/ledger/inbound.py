"""The agency's serials as the ledger knows them: from 1 without gaps, across counterparties (contract §2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select

from renkei.ledger.columns import canonical_digest
from renkei.ledger.engine import Tx
from renkei.ledger.states import Direction, FileState
from renkei.ledger.tables import File

UNAUTHENTIC: Final = frozenset({"transport", "openpgp"})
"""Layers below which nothing proves that a file is the agency's: it does not spend its serial."""
_SETTLED: Final = frozenset({FileState.INGESTED, FileState.ACKNOWLEDGED, FileState.VOID})
_NUMBERS: Final = frozenset({"record_number", "notice_id", "attempt"})


@dataclass(frozen=True, slots=True)
class Gap:
    """The first serial of the agency's that is missing, and since when that is known."""

    serial: int
    since: datetime


def settled(file: File) -> bool:
    """Tell whether an inbound file's serial is spent: taken in, void, or the agency's own though refused."""
    refused = file.state is FileState.QUARANTINED and file.layer not in UNAUTHENTIC
    return file.state in _SETTLED or refused


def next_agency_serial(tx: Tx, municipality: str) -> int:
    """Return the serial that is to be taken in next."""
    spent = {file.serial for file in agency_files(tx, municipality) if settled(file)}
    return next(serial for serial in range(1, len(spent) + 2) if serial not in spent)


def missing_serial(tx: Tx, municipality: str) -> Gap | None:
    """Return the serial that holds up the ones after it, or that came in a form nobody can verify."""
    waited = next_agency_serial(tx, municipality)
    later = {file.serial: file for file in agency_files(tx, municipality) if file.serial >= waited}
    here = later.get(waited)
    if not later or (here is not None and here.state is not FileState.QUARANTINED):
        return None
    seen = [file.seen_at for file in ([here] if here else later.values()) if file.seen_at is not None]
    return Gap(waited, min(seen)) if seen else None


def agency_files(tx: Tx, municipality: str) -> list[File]:
    """Return the inbound files that the ledger knows, in the order of serials."""
    query = select(File).where(File.direction == Direction.IN, File.municipality == municipality)
    return list(tx.session.scalars(query.order_by(File.serial)))


def content_digest(row: Mapping[str, str]) -> str:
    """Return the digest of what a notice says, without its numbers: the same content under another id is found."""
    return canonical_digest({name: value for name, value in row.items() if name not in _NUMBERS})
