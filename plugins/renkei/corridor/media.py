"""The lawful way while the line is down: a sealed file on media, its receipt entered by hand (contract §7)."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from renkei.corridor.delivery import look_at, sealed_bytes
from renkei.corridor.house import House
from renkei.corridor.locks import RECEIPTS, one_at_a_time
from renkei.corridor.matters import OfFile
from renkei.corridor.receipts import enter_receipt, receipt_name, refuse_unread
from renkei.corridor.work import private_folder
from renkei.errors import (
    ConnectionMismatch,
    DifferentBytesAtPeer,
    FileNotExportable,
    InputMissing,
    LoginKeyUnusable,
    OutputExists,
    RenkeiError,
    TransferStorageError,
)
from renkei.ledger import Tx, decisions
from renkei.ledger.effects import Effect, performing
from renkei.ledger.states import DecisionKind, FileState
from renkei.ledger.store import file_name, file_sha256
from renkei.ledger.tables import Decision, File

_OPEN: Final = frozenset({FileState.SEALED, FileState.SENDING, FileState.UNKNOWN, FileState.EXPORTED})
# These tell something of us, or of the file itself: they are answers, and the line is not down.
ANSWERS: Final = (ConnectionMismatch, DifferentBytesAtPeer, LoginKeyUnusable)


@dataclass(frozen=True, slots=True)
class Export(OfFile):
    """The stored bytes are copied onto media; the line leaves the file alone until its receipt or a give-back.

    Only a file that is sealed and whose look fails: as long as the line answers, the line is the way.
    """

    target: Path | None = None
    kind: ClassVar[DecisionKind] = DecisionKind.EXPORT

    def _fits(self, file: File) -> bool:
        return file.state is not FileState.VOID

    def before(self, house: House) -> None:
        """See that the medium takes it and that a look fails now; raises `FileNotExportable`."""
        with house.ledger.reading() as tx:
            file = self.waiting(tx)
        if file.state not in _OPEN:
            raise FileNotExportable(serial=self.subject, state=file.state)
        out = self._out(file)
        if out.exists():
            raise OutputExists(name=out.name)
        if file.state is not FileState.EXPORTED and not _look_fails(house, file):
            raise FileNotExportable(serial=self.subject, state=file.state)

    def carry_out(self, house: House, tx: Tx, decision: Decision) -> None:
        """Take the file off the line before it stands on media: never both."""
        del house
        file = self.waiting(tx)
        if file.state not in _OPEN:
            raise FileNotExportable(serial=self.subject, state=file.state)
        file.state = FileState.EXPORTED
        tx.trail("file.exported", self.subject, decision=decision.id, sealed=file.sealed_sha256)

    def after(self, house: House) -> tuple[int, ...]:
        """Copy the bytes and read them back."""
        with house.ledger.reading() as tx:
            file = self.waiting(tx)
        stored, out = sealed_bytes(house, file), self._out(file)
        with performing(house.ledger, Effect.EXPORT_MEDIA, out.name, house.actor, sealed=file.sealed_sha256):
            _copy(stored, out, file.sealed_sha256 or "")
        return (self.serial,)

    def _out(self, file: File) -> Path:
        if self.target is None or not self.target.is_dir():
            raise InputMissing(name=self.target.name if self.target else "DIR")
        return self.target / file_name(file.municipality, file.serial)


@dataclass(frozen=True, slots=True)
class GiveBack(OfFile):
    """An exported file goes back to the line: what became of it is unknown until the next look."""

    kind: ClassVar[DecisionKind] = DecisionKind.GIVE_BACK

    def _fits(self, file: File) -> bool:
        return file.state is FileState.EXPORTED

    def carry_out(self, house: House, tx: Tx, decision: Decision) -> None:
        """Make the file unknown."""
        del house
        file = self.waiting(tx)
        file.state = FileState.UNKNOWN
        tx.trail("file.given_back", self.subject, decision=decision.id, sealed=file.sealed_sha256)


@dataclass(frozen=True, slots=True)
class Answered(OfFile):
    """A file that a receipt from media can answer."""

    kind: ClassVar[DecisionKind] = DecisionKind.ENTER_RECEIPT

    def _fits(self, file: File) -> bool:
        return file.state is not FileState.VOID


def receipt_from_media(house: House, serial: int, found: Path, *, asker: str, reason: str) -> None:
    """Take in a receipt that came on media, by the same verification as one from the line.

    Raises `InputMissing`, `LostDayUnread`, and what `receipts.enter_receipt` raises.
    """
    refuse_unread(house)
    matter = Answered(serial)
    if not found.is_file():
        raise InputMissing(name=found.name)
    digest = file_sha256(found)
    with house.ledger.transaction(actor=house.actor) as tx:
        file = matter.waiting(tx)
        kind, subject = matter.kind, matter.subject
        decisions.ask(tx, kind, subject, digest=digest, asker=asker, reason=reason)
        decisions.use(tx, kind, subject, digest=digest)
        tx.trail("receipt.entered", subject, receipt=digest)
    with one_at_a_time(house, "peers", RECEIPTS), private_folder(house.settings.work_dir) as work:
        copy = work / receipt_name(file)
        shutil.copyfile(found, copy)
        enter_receipt(house.on(file.business_date) if file.business_date else house, file, copy)


def _look_fails(house: House, file: File) -> bool:
    try:
        look_at(house, file)
    except ANSWERS:
        raise
    except RenkeiError:
        return True
    return False


def _copy(stored: Path, out: Path, expected: str) -> None:
    with _storage(out.name):
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with stored.open("rb") as source, os.fdopen(descriptor, "wb") as sink:
            shutil.copyfileobj(source, sink, 1 << 20)
            sink.flush()
            os.fsync(sink.fileno())
        same = file_sha256(out) == expected
    if not same:
        raise TransferStorageError(name=out.name, reason="read back differs")


@contextmanager
def _storage(name: str) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise OutputExists(name=name) from None
    except OSError as trouble:
        raise TransferStorageError(name=name, reason=os.strerror(trouble.errno or 0)) from None
