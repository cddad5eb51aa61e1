"""Takes a restored ledger back to what was sent: the sealed store and the peers' receipts are its witnesses."""

import json
from pathlib import Path

from renkei import envelope
from renkei.corridor.house import House
from renkei.corridor.receipts import RECEIPT_BYTES
from renkei.corridor.work import private_folder
from renkei.errors import PeerNotInForce
from renkei.ledger import adopt
from renkei.ledger.adopt import Adopted, ReceiptEcho, Request
from renkei.peers import Peer
from renkei.transfer import connect


def adopt_restored(house: House, request: Request, *, offline: bool = False) -> Adopted:
    """Adopt what the sealed store proves and, unless `offline`, what verified receipts at the peers prove.

    A restored ledger takes no rows until it is adopted, so these looks leave none. Raises `AdoptRefused` and what
    `transfer` and `envelope` raise; then nothing has changed.
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
            line.fetch_receipt(name, work / name, RECEIPT_BYTES)
            found.extend(_echo(house, peer, work / name))
    return found


def _echo(house: House, peer: Peer, receipt: Path) -> list[ReceiptEcho]:
    plain = receipt.with_suffix(".opened")
    now = house.clock.now()
    envelope.open(receipt, plain, home=house.settings.gnupg_home, signers=peer.signers(now), clock=house.clock)
    told = json.loads(plain.read_bytes())
    if told.get("serial") is None or told.get("package_sha256") is None:
        return []
    return [
        ReceiptEcho(
            municipality=str(told["municipality"]),
            serial=int(told["serial"]),
            counterparty=str(told["counterparty"]),
            sealed_sha256=str(told["sealed_sha256"]),
            package_sha256=str(told["package_sha256"]),
        )
    ]
