"""What a person decides about the agency's files: one read again, a lost one declared void, a stopped peer resumed."""

from dataclasses import dataclass
from typing import ClassVar, Final

from sqlalchemy import select

from renkei.corridor.house import House
from renkei.corridor.matters import PlainMatter
from renkei.errors import NothingToDecide
from renkei.ledger import Tx
from renkei.ledger.columns import canonical_digest
from renkei.ledger.inbound import next_agency_serial
from renkei.ledger.states import DecisionKind, Direction, FileState
from renkei.ledger.tables import Acknowledgement, Decision, File

INBOUND: Final = "in-"
"""Begins the subject of a decision about an agency file: its serials are a series of their own."""


@dataclass(frozen=True, slots=True)
class _OfAgencyFile(PlainMatter):
    """A matter about an inbound file."""

    serial: int
    kind: ClassVar[DecisionKind]

    @property
    def subject(self) -> str:
        """Return the serial, marked as the agency's."""
        return f"{INBOUND}{self.serial:08d}"

    def digest(self, tx: Tx) -> str:
        """Return the digest of the file as it stands; raises `NothingToDecide`."""
        file = self.waiting(tx)
        return canonical_digest([self.serial, *([file.state, file.sealed_sha256, file.layer] if file else [])])

    def waiting(self, tx: Tx) -> File | None:
        """Return the file, None for one that was never seen; raises `NothingToDecide` unless it waits for this."""
        file = tx.session.scalars(
            select(File).where(File.direction == Direction.IN, File.serial == self.serial)
        ).one_or_none()
        if not self._fits(tx, file):
            raise NothingToDecide(kind=self.kind, subject=self.subject)
        return file

    def _fits(self, tx: Tx, file: File | None) -> bool:
        raise NotImplementedError

    def carry_out(self, house: House, tx: Tx, decision: Decision) -> None:
        """Change the ledger."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Replay(_OfAgencyFile):
    """A file that failed is taken from the start: fetched if the agency shows it, else opened from the bytes we have.

    Safe because nothing of it was taken in and nothing was answered: after a pin, a key or a layout was put right.
    """

    kind: ClassVar[DecisionKind] = DecisionKind.REPLAY

    def _fits(self, tx: Tx, file: File | None) -> bool:
        answered = select(Acknowledgement.id).where(Acknowledgement.serial == self.serial)
        failed = file is not None and file.state is FileState.QUARANTINED
        return failed and tx.session.scalar(answered) is None

    def carry_out(self, house: House, tx: Tx, decision: Decision) -> None:
        """Forget how it failed and how it looked at the agency; the bytes in quarantine stay."""
        del house
        file = self.waiting(tx)
        if file is not None:
            layer, file.layer, file.reason, file.package_sha256 = file.layer, None, None, None
            file.state, file.listed = FileState.SEEN, {**(file.listed or {}), "at": {}}
            tx.trail("agency_file.replay", self.subject, decision=decision.id, sealed=file.sealed_sha256, layer=layer)


@dataclass(frozen=True, slots=True)
class VoidAgencySerial(_OfAgencyFile):
    """The serial that holds up the ones after it is declared lost: the agency cannot bring it any more."""

    kind: ClassVar[DecisionKind] = DecisionKind.VOID

    def _fits(self, tx: Tx, file: File | None) -> bool:
        known = tx.session.scalars(select(File).where(File.direction == Direction.IN)).all()
        seen = any(each.serial >= self.serial for each in known)
        held = file is not None and file.state is FileState.SEEN
        return seen and not held and self.serial == next_agency_serial(tx, known[0].municipality)

    def carry_out(self, house: House, tx: Tx, decision: Decision) -> None:
        """Make the serial void."""
        file = self.waiting(tx)
        if file is None:
            file = File(
                direction=Direction.IN,
                municipality=house.settings.municipality,
                serial=self.serial,
                counterparty=house.peers.in_force(house.clock.now()).id,
                seen_at=tx.clock.now(),
            )
            tx.session.add(file)
        file.state = FileState.VOID
        tx.trail("agency_file.void", self.subject, decision=decision.id, sealed=file.sealed_sha256)


@dataclass(frozen=True, slots=True)
class ResumeAgency(_OfAgencyFile):
    """Traffic with a counterparty goes on after it put another package under a serial: the first one stands."""

    kind: ClassVar[DecisionKind] = DecisionKind.RESUME

    def _fits(self, tx: Tx, file: File | None) -> bool:
        del tx
        return file is not None and file.stopped_reason is not None

    def carry_out(self, house: House, tx: Tx, decision: Decision) -> None:
        """Take the stop away; what stopped it stays in the trail, the other bytes in quarantine."""
        del house
        file = self.waiting(tx)
        if file is not None:
            reason, file.stopped_reason = file.stopped_reason, None
            facts = {"decision": decision.id, "peer": file.counterparty, "stopped": reason}
            tx.tell("peer.resumed", self.subject, facts)


def agency_matter(kind: str, subject: str) -> _OfAgencyFile:
    """Return the matter that a decision about an agency file is about; raises `NothingToDecide`."""
    serial = int(subject.removeprefix(INBOUND))
    made: tuple[_OfAgencyFile, ...] = (Replay(serial), VoidAgencySerial(serial), ResumeAgency(serial))
    for matter in made:
        if matter.kind == kind:
            return matter
    raise NothingToDecide(kind=kind, subject=subject)
