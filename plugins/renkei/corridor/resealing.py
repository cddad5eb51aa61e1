"""The same package sealed again: for the successor of a counterparty that is gone, or to its new key (contract §2, §8).

Serial, package and `inputs.json` stay; the new sealed file lies beside the old one. A file that may have arrived is
never sealed again: the old counterparty is looked at first, and only a person can say that it is gone for good. Should
it have arrived there after all, the successor answers the package with the original receipt, and that one counts.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from sqlalchemy import select

from renkei import envelope
from renkei.corridor.delivery import look_at
from renkei.corridor.house import House
from renkei.corridor.locks import RECEIPTS, one_at_a_time
from renkei.corridor.matters import OfFile
from renkei.corridor.media import ANSWERS
from renkei.corridor.rebuild import rebuilt_package
from renkei.corridor.sealing import sealing_lock
from renkei.corridor.sending import settle_doubts
from renkei.corridor.work import private_folder
from renkei.errors import ArrivedAlready, LookUnanswered, NothingToDecide, RenkeiError, ResealNeedless
from renkei.ledger import Tx, decisions
from renkei.ledger.columns import canonical_digest
from renkei.ledger.durable import copy_durably, write_durably
from renkei.ledger.effects import Effect, performing
from renkei.ledger.sealings import put_sealing, sealings
from renkei.ledger.states import DecisionKind, Direction, FileState
from renkei.ledger.store import StoredSealing, file_name, resealed_stem
from renkei.ledger.tables import Decision, File
from renkei.strict_json import exchange_form

GONE: Final = " gone"
"""Ends the subject of a decision by which a person also says that the old counterparty is gone for good."""
_OPEN: Final = frozenset({FileState.SEALED, FileState.SENDING, FileState.UNKNOWN, FileState.PUBLISHED})


@dataclass(frozen=True, slots=True)
class Reseal(OfFile):
    """A sealed file without a receipt is sealed again for the counterparty now in force, to its key now in force.

    `target` and `recipient` are that counterparty and key; `gone`: the old one cannot be asked any more.
    """

    target: str
    recipient: str
    gone: bool = False
    kind: ClassVar[DecisionKind] = DecisionKind.RESEAL
    spent_here: ClassVar[bool] = False

    @property
    def subject(self) -> str:
        """Return the serial, and whether the old counterparty is said to be gone."""
        return f"{self.serial:08d}{GONE if self.gone else ''}"

    def digest(self, tx: Tx) -> str:
        """Return the digest of the file as it stands and of what it is to become; raises `NothingToDecide`."""
        file = self.waiting(tx)
        told = [file.serial, file.package_sha256, file.sealed_sha256, file.counterparty]
        return canonical_digest([*told, self.target, self.recipient, self.gone])

    def _fits(self, file: File) -> bool:
        return file.state in _OPEN and file.stopped_reason is None

    def before(self, house: House) -> None:
        """Look at the old counterparty; raises `ArrivedAlready`, `LookUnanswered`."""
        with house.ledger.reading() as tx:
            file = self.waiting(tx)
        self.look(house, file)

    def look(self, house: House, file: File) -> str:
        """Look for the file and its receipt where it was sealed for; return what the look told.

        `nothing`: neither is there. `unanswered`: no answer, and a person said that nobody is left to give one.
        Raises `ArrivedAlready`, `LookUnanswered`, and what tells of our own settings.
        """
        try:
            look = look_at(house, file)
        except ANSWERS:
            raise
        except RenkeiError as trouble:
            if self.gone:
                return "unanswered"
            reason = type(trouble).__name__
            raise LookUnanswered(serial=f"{file.serial:08d}", peer=file.counterparty, reason=reason) from None
        if look.inbox == "ours" or look.receipt:
            where = "inbox" if look.inbox == "ours" else "receipts"
            raise ArrivedAlready(serial=f"{file.serial:08d}", where=where)
        return "nothing"

    def carry_out(self, house: House, tx: Tx, decision: Decision) -> None:
        """Nothing: sealing again spends the decision."""

    def after(self, house: House) -> tuple[int, ...]:
        """Seal it again; the decision is spent with it."""
        reseal(house, self)
        return (self.serial,)


def reseal_of(house: House, serial: int, *, gone: bool = False) -> Reseal:
    """Return the matter about a file; raises `NothingToDecide`, `ResealNeedless` where nothing has been replaced."""
    with house.ledger.reading() as tx:
        query = select(File).where(File.direction == Direction.OUT, File.serial == serial)
        file = tx.session.scalars(query).first()
    if file is None:
        raise NothingToDecide(kind=DecisionKind.RESEAL, subject=f"{serial:08d}")
    now = house.clock.now()
    peer = house.peers.in_force(now)
    matter = Reseal(serial, peer.id, peer.recipient(now), gone)
    if not outlived(house, file):
        raise ResealNeedless(serial=f"{serial:08d}", peer=peer.id)
    return matter


def outlived(house: House, file: File) -> bool:
    """Tell whether the counterparty or the key for which a file was sealed is not the one in force now."""
    now = house.clock.now()
    peer = house.peers.in_force(now)
    return (file.counterparty, file.recipient_fingerprint) != (peer.id, peer.recipient(now))


def reseal(house: House, matter: Reseal) -> None:
    """Seal a file's package again and let the new sealing count, spending the approved decision.

    Nobody sends, takes in or seals meanwhile. Killed anywhere, it has changed nothing or everything, and the approval
    stands until it is spent. Raises `RebuildDiffers` where the package cannot be made again byte for byte,
    `DecisionRefused` and its kinds, and what the look and `envelope.seal` raise.
    """
    with one_at_a_time(house, "peers", RECEIPTS), sealing_lock(house):
        with house.ledger.reading() as tx:
            file = matter.waiting(tx)
            known = {each.sealed_sha256 for each in sealings(tx, file)}
        stored = house.path(file.sealed_path or "")
        _sweep(stored.parent, known)
        looked = matter.look(house, file)
        settle_doubts(house, file_name(file.municipality, file.serial), arrived=False, by=f"look: {looked}")
        made, path = _seal(house, matter, file, stored.parent)
        try:
            _claim(house, matter, made, path, looked)
        except RenkeiError:
            _sweep(stored.parent, known)
            raise


def _seal(house: House, matter: Reseal, file: File, folder: Path) -> tuple[StoredSealing, Path]:
    package, told = rebuilt_package(house, file.serial)
    sealed_at = house.clock.now().replace(microsecond=0)
    name = file_name(file.municipality, file.serial)
    with private_folder(house.settings.work_dir) as work:
        write_durably(work / "package.zip", package)
        facts = {"package": told.package_sha256, "peer": matter.target}
        with performing(house.ledger, Effect.RESEAL_PACKAGE, name, house.actor, **facts) as done:
            sealed = envelope.seal(
                work / "package.zip",
                work / name,
                home=house.settings.gnupg_seal_home,
                signer=house.settings.ward_fingerprint,
                recipient=matter.recipient,
                clock=house.clock,
            )
            done(sealed=sealed.sha256, bytes=sealed.bytes)
        made = StoredSealing(
            path=folder / f"{resealed_stem(sealed.sha256)}.zip.pgp",
            counterparty=matter.target,
            sealed_at=sealed_at,
            sealed_sha256=sealed.sha256,
            sealed_bytes=sealed.bytes,
            signer=sealed.signer_fingerprint,
            recipient=sealed.recipient_fingerprint,
            algorithms=sealed.algorithms,
        )
        with performing(house.ledger, Effect.STORE_RESEALED, name, house.actor, sealed=sealed.sha256):
            copy_durably(sealed.path, made.path)
            about = {"serial": file.serial, "package_sha256": told.package_sha256, **made.told()}
            # Last: without it the bytes beside it are nobody's.
            write_durably(folder / f"{resealed_stem(sealed.sha256)}.json", exchange_form(about))
    return made, made.path


def _claim(house: House, matter: Reseal, made: StoredSealing, path: Path, looked: str) -> None:
    with house.ledger.transaction(actor=house.actor) as tx:
        digest, four_eyes = matter.digest(tx), house.settings.four_eyes
        used = decisions.use(tx, matter.kind, matter.subject, digest=digest, four_eyes=four_eyes)
        put_sealing(tx, matter.waiting(tx), made, house.relative(path), decision=used.id, look=looked)


def _sweep(folder: Path, known: set[str]) -> None:
    """Throw away sealings that a killed process prepared and never claimed."""
    kept = {resealed_stem(each) for each in known}
    for path in folder.glob("resealed-*"):
        if path.name.partition(".")[0] not in kept:
            path.unlink()
