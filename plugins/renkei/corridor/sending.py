"""One sealed file brought to the peer exactly once: look, temporary name, read back, plain rename (contract §1)."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import select

from renkei.corridor.house import House
from renkei.errors import PeerStopped, RenkeiError
from renkei.ledger import effects
from renkei.ledger.effects import Effect, performing
from renkei.ledger.states import EffectOutcome, FileState
from renkei.ledger.tables import File, Server
from renkei.peers import Peer
from renkei.transfer import Line

_ON_THE_WAY: Final = frozenset({Effect.PUT_TEMPORARY, Effect.PUBLISH})


@dataclass(frozen=True, slots=True)
class Parcel:
    """Stored bytes, the name that they get at the peer, the digest that the ledger knows."""

    stored: Path
    name: str
    sha256: str

    @property
    def size(self) -> int:
        """Return the bytes of what is stored."""
        return self.stored.stat().st_size


def deliver(
    house: House, line: Line, parcel: Parcel, *, arrived: str, mark: Callable[[FileState, dict[str, object]], None]
) -> bool:
    """Send a parcel unless the look just made found it; return whether it was sent now.

    `arrived` names the folder in which the look found it or its answer, or is empty. `mark` writes each new state.
    """
    settle_doubts(house, parcel.name, arrived=bool(arrived))
    if arrived:
        mark(FileState.PUBLISHED, {"found": arrived})
        return False
    mark(FileState.SENDING, {})
    try:
        with performing(house.ledger, Effect.PUT_TEMPORARY, parcel.name, house.actor, sealed=parcel.sha256):
            line.put_temporary(parcel.stored, parcel.name, parcel.sha256)
        with performing(house.ledger, Effect.PUBLISH, parcel.name, house.actor, sealed=parcel.sha256):
            line.publish(parcel.name)
    except RenkeiError as error:
        mark(FileState.UNKNOWN, {"error": type(error).__name__})
        raise
    mark(FileState.PUBLISHED, {})
    return True


def refuse_stopped(house: House, peer_id: str) -> None:
    """Raise `PeerStopped` while a file to or from the counterparty waits for a person, whatever its own state is."""
    stopped = select(File).where(
        File.counterparty == peer_id, File.stopped_reason.is_not(None), File.state != FileState.VOID
    )
    with house.ledger.reading() as tx:
        file = tx.session.scalars(stopped.order_by(File.direction.desc(), File.serial)).first()
    if file is not None:
        raise PeerStopped(peer=peer_id, serial=file.serial, reason=file.stopped_reason)


def probe(house: House, peer: Peer, line: Line) -> None:
    """See once per server that its plain rename refuses to replace; nothing is published where it does not."""
    key = (peer.host, peer.port, line.host_key_sha256)
    with house.ledger.reading() as tx:
        if tx.session.get(Server, key) is not None:
            return
    subject = f"{peer.id}:{line.host_key_sha256[:16]}"
    with performing(house.ledger, Effect.PROBE_SERVER, subject, house.actor):
        line.probe()
    with house.ledger.transaction(actor=house.actor) as tx:
        if tx.session.get(Server, key) is None:
            host, port, digest = key
            tx.session.add(Server(host=host, port=port, host_key_sha256=digest, probed_at=tx.clock.now()))
        tx.trail("server.probed", subject, peer=peer.id)


def settle_doubts(house: House, name: str, *, arrived: bool, by: str = "look") -> None:
    """Give every effect on this name that had no outcome the one that the look found; `by` tells what it was."""
    for row in effects.unsettled(house.ledger):
        if row.subject == name and row.effect in _ON_THE_WAY:
            outcome = EffectOutcome.DONE if arrived else EffectOutcome.FAILED
            effects.settle(house.ledger, row.id, outcome, actor=house.actor, by=by)
