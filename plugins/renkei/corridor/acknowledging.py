"""Answers the agency's files: signed, sealed, stored, published exactly once (contract §1; schemas/README.md).

The sealed bytes are stored and their digest is in the ledger before the first network byte; what a crash left is
sealed again only if it never got there.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select, update

from renkei import envelope
from renkei.corridor.agency_answers import Answer, answer_name, next_answer
from renkei.corridor.agency_intake import inbound_folder
from renkei.corridor.groups import in_groups
from renkei.corridor.house import House
from renkei.corridor.locks import ACKNOWLEDGEMENTS, RECEIPTS, one_at_a_time
from renkei.corridor.sending import Parcel, deliver, probe, refuse_stopped
from renkei.corridor.work import private_folder
from renkei.errors import RenkeiError, SerialTaken
from renkei.ledger import durable
from renkei.ledger.effects import Effect, performing
from renkei.ledger.states import Direction, FileState
from renkei.ledger.store import file_sha256
from renkei.ledger.tables import Acknowledgement, AgencyNotice, File
from renkei.transfer import connect

_UNSENT: Final = (FileState.SEALED, FileState.SENDING, FileState.UNKNOWN)
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Answers sealed and published just now, and those found to have arrived before, as `serial.number`."""

    sealed: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    already: tuple[str, ...] = ()

    def facts(self) -> dict[str, Any]:
        """Return references, fit for an XCom."""
        return {"sealed": list(self.sealed), "published": list(self.published), "already": list(self.already)}


def acknowledge_agency_files(house: House) -> Acknowledged:
    """Seal every answer that is due, then publish what has not arrived yet, in the order of serials.

    What one counterparty refuses stops the answers to it alone, and is raised in the end: what `transfer` raises,
    `PeerStopped`. Raises what `envelope` raises, and `SerialTaken` where the ledger changed meanwhile.
    """
    with one_at_a_time(house, "acknowledgements", ACKNOWLEDGEMENTS):
        sealed = []
        while (answer := _due(house)) is not None:
            _seal(house, answer)
            sealed.append(answer.label)
    with one_at_a_time(house, "peers", RECEIPTS):
        published, already = _publish(house)
    return Acknowledged(tuple(sealed), tuple(published), tuple(already))


def _due(house: House) -> Answer | None:
    with house.ledger.reading() as tx:
        return next_answer(house, tx)


def _seal(house: House, answer: Answer) -> None:
    """Seal, store and claim an answer; what was stored before under the same words goes out instead."""
    stored = _stored_before(house, answer)
    fresh = stored is None
    if stored is None:
        stored = _seal_anew(house, answer)
    row = Acknowledgement(
        serial=answer.file.serial,
        answer=answer.number,
        counterparty=answer.file.counterparty,
        outcome=answer.outcome,
        code=answer.code,
        state=FileState.SEALED,
        text_sha256=file_sha256(_plain_beside(stored)),
        sealed_sha256=file_sha256(stored),
        sealed_path=house.relative(stored),
        counts=dict(answer.counts),
        sealed_at=house.clock.now().replace(microsecond=0),
    )
    try:
        _claim(house, answer, row)
    except SerialTaken:
        for path in (stored, _plain_beside(stored)) if fresh else ():
            path.unlink()
        raise


def _stored_before(house: House, answer: Answer) -> Path | None:
    """Return an answer that says the same and was stored before a crash, or before the ledger was restored.

    It may have reached the agency, where no other bytes can take its name.
    """
    now = _words(answer.text)
    for plain in sorted(inbound_folder(house, answer.file).glob(f"ack-{answer.number}-*.json")):
        if _words(plain.read_bytes()) == now:
            return plain.with_name(f"{plain.name}.pgp")
    return None


def _words(text: bytes) -> dict[str, Any]:
    # A restored ledger has seen the file for the first time a second time.
    return {**json.loads(text), "received_at": None, "first_seen": None}


def _seal_anew(house: House, answer: Answer) -> Path:
    file, name = answer.file, answer_name(answer.file.municipality, answer.file.serial, answer.number)
    peer = house.peers.by_id(file.counterparty)
    with private_folder(house.settings.work_dir) as work:
        plain = work / "answer.json"
        durable.write_durably(plain, answer.text)
        with performing(house.ledger, Effect.SEAL_ACKNOWLEDGEMENT, name, house.actor) as done:
            sealed = envelope.seal(
                plain,
                work / name,
                home=house.settings.gnupg_seal_home,
                signer=house.settings.ward_fingerprint,
                recipient=peer.recipient(house.clock.now()),
                clock=house.clock,
            )
            done(sealed=sealed.sha256, bytes=sealed.bytes)
        # Each sealing has a name of its own: a second machine never writes over the bytes that the first one claimed.
        stored = inbound_folder(house, file) / f"ack-{answer.number}-{sealed.sha256[:12]}.json.pgp"
        with performing(house.ledger, Effect.STORE_ACKNOWLEDGEMENT, name, house.actor, sealed=sealed.sha256):
            durable.private_folder(stored.parent)
            durable.copy_durably(sealed.path, stored)
            durable.write_durably(_plain_beside(stored), answer.text)
    return stored


def _plain_beside(stored: Path) -> Path:
    return stored.with_suffix("")


def _claim(house: House, answer: Answer, row: Acknowledgement) -> None:
    """Enter the answer, or raise `SerialTaken` where another was faster or the classes have changed."""
    with house.ledger.transaction(actor=house.actor) as tx:
        now = next_answer(house, tx)
        if now is None or now.text != answer.text:
            raise SerialTaken(serial=answer.file.serial)
        tx.session.add(row)
        for some in in_groups(answer.tells, _AT_ONCE):
            tx.session.execute(update(AgencyNotice).where(AgencyNotice.id.in_(some)).values(answer=answer.number))
        tx.trail(
            "acknowledgement.sealed",
            answer.label,
            peer=row.counterparty,
            code=row.code,
            text=row.text_sha256,
            sealed=row.sealed_sha256,
            counts=row.counts,
        )


def _publish(house: House) -> tuple[list[str], list[str]]:
    waiting: dict[str, list[Acknowledgement]] = {}
    for row in _unsent(house):
        waiting.setdefault(row.counterparty, []).append(row)
    published: list[str] = []
    already: list[str] = []
    troubles: list[RenkeiError] = []
    for peer_id, rows in waiting.items():
        try:
            _publish_to(house, peer_id, rows, published, already)
        except RenkeiError as trouble:
            troubles.append(trouble)
    if troubles:
        raise troubles[0]
    return published, already


def _publish_to(
    house: House, peer_id: str, rows: Sequence[Acknowledgement], published: list[str], already: list[str]
) -> None:
    refuse_stopped(house, peer_id)
    peer = house.peers.by_id(peer_id)
    with connect(peer, house.credentials(peer), at=house.clock.now()) as line:
        probe(house, peer, line)
        for row in rows:
            name = answer_name(house.settings.municipality, row.serial, row.answer)
            parcel = Parcel(house.path(row.sealed_path), name, row.sealed_sha256)
            arrived = "acks" if line.look_acks(name, parcel.size, parcel.sha256) else ""

            def mark(state: FileState, facts: dict[str, object], row: Acknowledgement = row) -> None:
                _mark(house, row, state, facts)

            sent = deliver(house, line, parcel, arrived=arrived, mark=mark)
            (published if sent else already).append(f"{row.serial:08d}.{row.answer}")


def _unsent(house: House) -> Sequence[Acknowledgement]:
    query = select(Acknowledgement).where(Acknowledgement.state.in_(_UNSENT))
    with house.ledger.reading() as tx:
        return tx.session.scalars(query.order_by(Acknowledgement.serial, Acknowledgement.answer)).all()


def _mark(house: House, row: Acknowledgement, state: FileState, facts: dict[str, object]) -> None:
    """Write an answer's new state; with the first one published its file is acknowledged."""
    with house.ledger.transaction(actor=house.actor) as tx:
        answer = tx.session.get_one(Acknowledgement, row.id)
        answer.state = state
        if state is FileState.PUBLISHED:
            answer.published_at = tx.clock.now()
            file = tx.session.get_one(File, (Direction.IN, house.settings.municipality, row.serial))
            file.state = FileState.ACKNOWLEDGED
        label = f"{row.serial:08d}.{row.answer}"
        tx.trail(f"acknowledgement.{state}", label, sealed=row.sealed_sha256, facts=facts)
