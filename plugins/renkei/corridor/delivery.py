"""Brings sealed files to the peer exactly once, in the order of their serials (contract §1, §5).

Before anything is sent the peer is looked at: our name in `inbox/`, then `receipts/`. The stored bytes go out only
after a look that found neither.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from renkei.corridor.house import House
from renkei.corridor.locks import RECEIPTS, one_at_a_time
from renkei.corridor.sending import Parcel, deliver, probe, refuse_stopped
from renkei.ledger.states import Direction, FileState
from renkei.ledger.store import file_name
from renkei.ledger.tables import File
from renkei.transfer import Line, Look, connect

_UNDELIVERED: Final = (FileState.SEALED, FileState.SENDING, FileState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Publishing:
    """Which serials were published just now, and which were found to have arrived before."""

    published: tuple[int, ...] = ()
    already: tuple[int, ...] = ()

    def facts(self) -> dict[str, Any]:
        """Return references, fit for an XCom."""
        return {"published": list(self.published), "already": list(self.already)}


def publish_sealed_files(house: House) -> Publishing:
    """Publish every sealed file that has not arrived yet, in the order of serials.

    A file goes to the counterparty for which it was sealed. Raises `PeerStopped` where a person has to decide
    first, and what `transfer` raises; the files before the failing one are done, the ones after it wait.
    """
    with one_at_a_time(house, "peers", RECEIPTS):
        return _publish(house)


def _publish(house: House) -> Publishing:
    published: list[int] = []
    already: list[int] = []
    for file in undelivered(house):
        refuse_stopped(house, file.counterparty)
        if file.state is FileState.EXPORTED:
            continue
        peer = house.peers.by_id(file.counterparty)
        with connect(peer, house.credentials(peer), at=house.clock.now()) as line:
            probe(house, peer, line)
            (published if _deliver(house, line, file) else already).append(file.serial)
    return Publishing(tuple(published), tuple(already))


def send_again(house: House, file: File) -> bool:
    """Look, and send the stored bytes again if neither they nor a receipt are there; return whether they were sent."""
    peer = house.peers.by_id(file.counterparty)
    with (
        one_at_a_time(house, "peers", RECEIPTS),
        connect(peer, house.credentials(peer), at=house.clock.now()) as line,
    ):
        probe(house, peer, line)
        return _deliver(house, line, file)


def look_at(house: House, file: File) -> Look:
    """Look for a file at its counterparty, in the order of contract §1; a look that raises has answered nothing."""
    peer = house.peers.by_id(file.counterparty)
    stored = sealed_bytes(house, file)
    with connect(peer, house.credentials(peer), at=house.clock.now()) as line:
        return line.look(file_name(file.municipality, file.serial), stored.stat().st_size, file.sealed_sha256 or "")


def undelivered(house: House) -> Sequence[File]:
    """Return outbound files that are sealed and not known to have arrived, in the order of serials."""
    with house.ledger.reading() as tx:
        return tx.session.scalars(
            select(File)
            .where(File.direction == Direction.OUT, File.state.in_([*_UNDELIVERED, FileState.EXPORTED]))
            .order_by(File.serial)
        ).all()


def sealed_bytes(house: House, file: File) -> Path:
    """Return where the stored bytes of a sealed file lie."""
    return house.path(file.sealed_path or "")


def _deliver(house: House, line: Line, file: File) -> bool:
    """Look, then send if the look found nothing; return whether the file was sent now."""
    stored = sealed_bytes(house, file)
    parcel = Parcel(stored, file_name(file.municipality, file.serial), file.sealed_sha256 or "")
    look = line.look(parcel.name, parcel.size, parcel.sha256)
    arrived = "inbox" if look.inbox == "ours" else "receipts" if look.receipt else ""
    return deliver(house, line, parcel, arrived=arrived, mark=lambda state, facts: _mark(house, file, state, facts))


def _mark(house: House, file: File, state: FileState, facts: dict[str, object]) -> None:
    """Write a file's new state; a receipt that came meanwhile stands."""
    with house.ledger.transaction(actor=house.actor) as tx:
        row = tx.session.get_one(File, (file.direction, file.municipality, file.serial))
        if row.state is FileState.RECEIPTED:
            return
        row.state = state
        if state is FileState.PUBLISHED and row.published_at is None:
            row.published_at = tx.clock.now()
        tx.trail(f"file.{state}", f"{row.serial:08d}", sealed=row.sealed_sha256, facts=facts)
