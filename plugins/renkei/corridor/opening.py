"""A message of a peer's opened by the acceptance rule, and kept without its encryption as evidence (contract §10)."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from renkei import envelope
from renkei.corridor.house import House
from renkei.ledger.effects import Effect, performing


@dataclass(frozen=True, slots=True)
class Unsealed:
    """What came out of one sealed file: the plain bytes and the signed message, both in the caller's folder."""

    plain: Path
    sha256: str
    signed: Path
    signed_sha256: str
    signer_fingerprint: str


def unseal(
    house: House, signers: Collection[str], sealed: Path, work: Path, *, effect: Effect, subject: str, most: int
) -> Unsealed:
    """Open and unwrap a sealed file into `work`; neither result becomes larger than `most` bytes.

    `signers`: the primary fingerprints of which one must have signed.

    Raises `MessageRefused` and its kinds for the message, and what `envelope` raises for our own side.
    """
    caps, home = envelope.Caps(bytes=most), house.settings.gnupg_open_home
    plain, signed = work / f"{sealed.stem}.opened", work / f"{sealed.stem}.signed"
    with performing(house.ledger, effect, subject, house.actor):
        opened = envelope.open(sealed, plain, home=home, signers=signers, clock=house.clock, caps=caps)
        unwrapped = envelope.unwrap(sealed, signed, home=home, signers=signers, clock=house.clock, caps=caps)
    return Unsealed(plain, opened.sha256, signed, unwrapped.sha256, opened.signer_fingerprint)
