"""Takes a restored ledger back to what was sent: the sealed store and the peers' receipts are its witnesses."""

from datetime import date, datetime
from pathlib import Path
from typing import Final

from renkei import envelope
from renkei.corridor.answers import ACCEPTED
from renkei.corridor.house import House
from renkei.corridor.receipt_form import form_fault, largest_receipt, read_receipt
from renkei.corridor.work import private_folder
from renkei.errors import PeerNotInForce, ReceiptMismatch
from renkei.ledger import adopt
from renkei.ledger.adopt import Adopted, ReceiptEcho, Request
from renkei.peers import Peer
from renkei.transfer import connect

# The ledger that knew how many records a file has is the one that is lost.
_LARGEST: Final = largest_receipt(10_000)


def adopt_restored(house: House, request: Request, *, offline: bool = False) -> Adopted:
    """Adopt what the sealed store proves and, unless `offline`, what verified receipts at the peers prove.

    A restored ledger takes no rows until it is adopted, so these looks leave none. Raises `AdoptRefused`,
    `ReceiptMismatch` and what `transfer` and `envelope` raise; then nothing has changed.
    """
    echoes = [] if offline else [echo for peer in house.peers.peers for echo in _echoes(house, peer)]
    return adopt(house.ledger, house.settings, request, echoes)


def _echoes(house: House, peer: Peer) -> list[ReceiptEcho]:
    now = house.clock.now()
    try:
        peer.signers(now)
    except PeerNotInForce:
        return []
    found: list[ReceiptEcho] = []
    with (
        private_folder(house.settings.work_dir) as work,
        connect(peer, house.credentials(peer), at=now) as line,
    ):
        for name in line.list_receipts():
            line.fetch_receipt(name, work / name, _LARGEST)
            found.extend(_echo(house, peer, work / name))
    return found


def _signers(peer: Peer, at: Peer, now: datetime) -> frozenset[str]:
    """Return whose signature counts for a receipt that names `peer` and stands at `at`: its own, a predecessor's."""
    if peer is at:
        return peer.signers(now)
    before = (peer.period.valid_from or date.min) < (at.period.valid_from or date.min)
    return frozenset(key.fingerprint for key in peer.openpgp) if before else frozenset()


def _echo(house: House, peer: Peer, receipt: Path) -> list[ReceiptEcho]:
    plain = receipt.with_suffix(".opened")
    now, caps = house.clock.now(), envelope.Caps(bytes=_LARGEST)
    # What arrived at a predecessor is answered by its successor with the predecessor's own receipt (contract §8).
    own = {each.id: _signers(each, peer, now) for each in house.peers.peers}
    opened = envelope.open(
        receipt,
        plain,
        home=house.settings.gnupg_open_home,
        signers=frozenset().union(*own.values()),
        clock=house.clock,
        caps=caps,
    )
    told = read_receipt(plain)
    municipality, serial = receipt.name.removesuffix(".receipt.json.pgp").split("-")
    rule = form_fault(told, house.schemas)
    if rule:
        raise ReceiptMismatch(serial=serial, rule=rule)
    if told["serial"] is None or told["package_sha256"] is None:
        return []
    # An old receipt under another name proves nothing of that other file.
    signed = opened.signer_fingerprint in own.get(told["counterparty"], ())
    if (told["municipality"], told["serial"], signed) != (municipality, int(serial), True):
        raise ReceiptMismatch(serial=serial, rule="serial")
    return [
        ReceiptEcho(
            municipality=told["municipality"],
            serial=told["serial"],
            counterparty=told["counterparty"],
            sealed_sha256=told["sealed_sha256"],
            package_sha256=told["package_sha256"],
            accepted=tuple(
                (each["record"], each["notice_id"], each["attempt"])
                for each in told["records"]
                if each["code"] == ACCEPTED
            ),
        )
    ]
