"""Serials: one series per direction and municipality, from 1 without gaps, claimed once (contract §2)."""

from sqlalchemy import func, select

from renkei.errors import LedgerConflict, LedgerMisuse, SerialTaken
from renkei.ledger.engine import Tx
from renkei.ledger.states import Direction
from renkei.ledger.tables import File


def next_serial(tx: Tx, municipality: str, direction: Direction = Direction.OUT) -> int:
    """Return the serial after the last one claimed; it is ours once `claim_serial` is committed."""
    query = select(func.max(File.serial)).where(File.direction == direction, File.municipality == municipality)
    return (tx.session.scalar(query) or 0) + 1


def package_before(tx: Tx, municipality: str, serial: int) -> str | None:
    """Return the package digest of serial - 1, whatever became of it; None before the first."""
    before = tx.session.get(File, (Direction.OUT, municipality, serial - 1))
    return before.package_sha256 if before else None


def claim_serial(tx: Tx, file: File) -> File:
    """Put an outbound file into the ledger under its serial.

    Raises `SerialTaken` if the serial is not the next one any more (what was prepared is thrown away),
    `LedgerConflict` if its package bears another serial, `LedgerMisuse` if it names another predecessor.
    """
    if file.serial != next_serial(tx, file.municipality):
        raise SerialTaken(serial=file.serial)
    if file.previous != package_before(tx, file.municipality, file.serial):
        raise LedgerMisuse(kind="a file names another predecessor")
    query = select(File.serial).where(File.direction == Direction.OUT, File.package_sha256 == file.package_sha256)
    if tx.session.scalar(query) is not None:
        raise LedgerConflict(table="files")
    tx.session.add(file)
    tx.session.flush()
    return file
