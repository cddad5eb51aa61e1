"""The matters of the ledger's own: an open item released or closed, a day waived, a file sent again, a peer resumed."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import ClassVar

from sqlalchemy import func, or_, select

from renkei.change_file import Descriptor, Record
from renkei.change_file.writer import package_bytes
from renkei.corridor import queue
from renkei.corridor.days import next_day, seal_waiting_days
from renkei.corridor.delivery import look_at, send_again
from renkei.corridor.entering import fits
from renkei.corridor.equation import count_since_intake
from renkei.corridor.house import House
from renkei.errors import ArrivedAlready, DayWaits, NothingToDecide
from renkei.ledger import Tx
from renkei.ledger.columns import canonical_digest
from renkei.ledger.states import DayState, DecisionKind, Direction, FileState, NoticeState, OpenItemKind, OpenState
from renkei.ledger.tables import Day, Decision, EventRead, File, Notice, OpenItem, Person, Trail

Target = Path | None


@dataclass(frozen=True, slots=True)
class PlainMatter:
    """What the matters share: nothing before and nothing after."""

    spent_here: ClassVar[bool] = True

    def before(self, house: House) -> None:
        """Nothing to look at."""

    def after(self, house: House) -> tuple[int, ...]:
        """Nothing outside the ledger."""
        del house
        return ()


@dataclass(frozen=True, slots=True)
class _OfItem(PlainMatter):
    """A matter about an open item."""

    item: int

    @property
    def subject(self) -> str:
        """Return the item's number."""
        return str(self.item)

    def digest(self, tx: Tx) -> str:
        """Return the digest of the item and of the notice as it stands; raises `NothingToDecide`."""
        item, notice = self._waiting(tx)
        told = [notice.notice_id, notice.attempt, notice.content_sha256, notice.state] if notice else []
        return canonical_digest([item.id, item.kind, item.rule, item.fields, *told])

    def _waiting(self, tx: Tx) -> tuple[OpenItem, Notice | None]:
        item = tx.session.get(OpenItem, self.item)
        notice = tx.session.get(Notice, item.notice_id) if item and item.notice_id else None
        if item is None or item.state is not OpenState.OPEN or not self._fits(item, notice):
            raise NothingToDecide(kind=self.kind, subject=self.subject)
        return item, notice

    kind: ClassVar[DecisionKind]

    def _fits(self, item: OpenItem, notice: Notice | None) -> bool:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Release(_OfItem):
    """A held or refused notice goes into the next file sealed, before newer ones of that person (contract §3)."""

    kind: ClassVar[DecisionKind] = DecisionKind.RELEASE

    def _fits(self, item: OpenItem, notice: Notice | None) -> bool:
        del item
        return notice is not None and notice.state in queue.STOPS

    def carry_out(self, house: House, tx: Tx, decision: Decision) -> None:
        """Make the notice due, or planned again if its day is still to come.

        Raises `PackageRecordRefused` for a record that no file can hold: it would stop everybody's.
        """
        _, notice = self._waiting(tx)
        if notice is None:
            raise NothingToDecide(kind=self.kind, subject=self.subject)
        fits(notice, house.schemas)
        _assert_writable(house, notice)
        queue.release(tx, notice, f"decision {decision.id}", decision.id)
        reached = tx.session.scalar(
            select(func.max(Day.business_date)).where(
                or_(Day.state.in_([DayState.SEALED, DayState.WAIVED]), Day.extract_id.is_not(None))
            )
        )
        if notice.due_date and reached and notice.due_date > reached:
            notice.state = NoticeState.PLANNED
            count_since_intake(tx, waiting=-1)
        queue.settle_all(tx, [notice.registry_number])
        facts = {"notice": notice.notice_id, "attempt": notice.attempt, "state": notice.state}
        tx.tell("notice.released", self.subject, {"decision": decision.id, **facts})


@dataclass(frozen=True, slots=True)
class Close(_OfItem):
    """An open item is closed by a person with a reason: its notice is never told, its difference needs no event."""

    kind: ClassVar[DecisionKind] = DecisionKind.CLOSE

    def _fits(self, item: OpenItem, notice: Notice | None) -> bool:
        del notice
        return item.kind != OpenItemKind.DAY

    def carry_out(self, house: House, tx: Tx, decision: Decision) -> None:
        """Close the item and let what waited behind it go on."""
        del house
        item, notice = self._waiting(tx)
        evidence = f"decision {decision.id}"
        if notice is not None and notice.state in queue.WAITS:
            queue.never_tell(tx, notice, "closed_by_person", evidence, decision.id)
            count_since_intake(tx, never_told=1)
        item.state, item.closed_at = OpenState.CLOSED, tx.clock.now()
        item.evidence, item.decision_id = evidence, decision.id
        if item.kind == OpenItemKind.DIFFERENCE and item.registry_number:
            _accept_as_seen(tx, item.registry_number)
        tx.session.flush()
        queue.settle_all(tx, [item.registry_number, notice.registry_number if notice else None])
        facts = {"item": item.kind, "notice": notice.notice_id if notice else None}
        tx.tell("item.closed", self.subject, {"decision": decision.id, **facts})


@dataclass(frozen=True, slots=True)
class ReleaseDay(PlainMatter):
    """A day that was held for its volume may go on with the very extract that was seen; its intake spends this."""

    day: date
    kind: ClassVar[DecisionKind] = DecisionKind.RELEASE_DAY
    spent_here: ClassVar[bool] = False

    @property
    def subject(self) -> str:
        """Return the day."""
        return self.day.isoformat()

    def digest(self, tx: Tx) -> str:
        """Return the digest of the extract for which the day was held."""
        held = tx.session.scalars(
            select(Trail)
            .where(Trail.action == "day.held", Trail.subject == self.subject)
            .order_by(Trail.number.desc())
            .limit(1)
        ).first()
        row = tx.session.get(Day, self.day)
        if held is None or row is None or row.state is not DayState.REQUESTED:
            raise NothingToDecide(kind=self.kind, subject=self.subject)
        return str(json.loads(held.facts)["manifest"])

    def carry_out(self, house: House, tx: Tx, decision: Decision) -> None:
        """Nothing: the day's intake spends the decision."""

    def after(self, house: House) -> tuple[int, ...]:
        """Seal the day, and the requested ones behind it."""
        return seal_waiting_days(house).serials


@dataclass(frozen=True, slots=True)
class Waive(PlainMatter):
    """A day that will have no file: it takes no serial, the next extract reaches back behind it (contract §6)."""

    day: date
    kind: ClassVar[DecisionKind] = DecisionKind.WAIVE

    @property
    def subject(self) -> str:
        """Return the day."""
        return self.day.isoformat()

    def digest(self, tx: Tx) -> str:
        """Return the digest of how the day stands; raises `DayWaits` where an earlier day comes first."""
        first = next_day(tx)
        row = tx.session.get(Day, self.day)
        if row is not None and row.state in {DayState.SEALED, DayState.WAIVED}:
            raise NothingToDecide(kind=self.kind, subject=self.subject)
        if self.day != first:
            raise DayWaits(day=self.day, earlier=first, why=DayState.OPEN)
        return canonical_digest([self.subject, row.blocked_by if row else None, row.extract_id if row else None])

    def carry_out(self, house: House, tx: Tx, decision: Decision) -> None:
        """Waive the day."""
        del house
        row = tx.session.get(Day, self.day)
        if row is None:
            row = Day(business_date=self.day, state=DayState.OPEN)
            tx.session.add(row)
        row.state, row.blocked_by = DayState.WAIVED, None
        for item in tx.session.scalars(
            select(OpenItem).where(
                OpenItem.kind == OpenItemKind.DAY,
                OpenItem.business_date == self.day,
                OpenItem.state == OpenState.OPEN,
            )
        ):
            item.state, item.closed_at = OpenState.CLOSED, tx.clock.now()
            item.evidence, item.decision_id = f"decision {decision.id}", decision.id
        tx.trail("day.waived", self.subject, decision=decision.id)

    def after(self, house: House) -> tuple[int, ...]:
        """Seal the requested days behind it."""
        return seal_waiting_days(house).serials


@dataclass(frozen=True, slots=True)
class OfFile(PlainMatter):
    """A matter about an outbound file."""

    serial: int

    @property
    def subject(self) -> str:
        """Return the serial as its name bears it."""
        return f"{self.serial:08d}"

    kind: ClassVar[DecisionKind]

    def digest(self, tx: Tx) -> str:
        """Return the digest of the file as it stands; raises `NothingToDecide`."""
        file = self.waiting(tx)
        return canonical_digest([file.serial, file.sealed_sha256, file.stopped_reason])

    def waiting(self, tx: Tx) -> File:
        """Return the file, if it waits for this decision."""
        file = tx.session.scalars(
            select(File).where(File.direction == Direction.OUT, File.serial == self.serial)
        ).first()
        if file is None or not self._fits(file):
            raise NothingToDecide(kind=self.kind, subject=self.subject)
        return file

    def _fits(self, file: File) -> bool:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Resend(OfFile):
    """The stored bytes of a file that was published go out once more, if a look finds neither them nor a receipt."""

    kind: ClassVar[DecisionKind] = DecisionKind.RESEND

    def _fits(self, file: File) -> bool:
        # What is not published yet goes by the ordinary retry and needs nobody.
        return file.state in {FileState.PUBLISHED, FileState.RECEIPTED}

    def before(self, house: House) -> None:
        """Look first; raises `ArrivedAlready`."""
        with house.ledger.reading() as tx:
            file = self.waiting(tx)
        look = look_at(house, file)
        if look.inbox == "ours" or look.receipt:
            raise ArrivedAlready(serial=self.subject, where="inbox" if look.inbox == "ours" else "receipts")

    def carry_out(self, house: House, tx: Tx, decision: Decision) -> None:
        """Tell that it goes out again."""
        del house
        file = self.waiting(tx)
        tx.trail("file.resend", self.subject, decision=decision.id, sealed=file.sealed_sha256)

    def after(self, house: House) -> tuple[int, ...]:
        """Send it."""
        with house.ledger.reading() as tx:
            file = self.waiting(tx)
        return (self.serial,) if send_again(house, file) else ()


@dataclass(frozen=True, slots=True)
class Resume(OfFile):
    """Traffic with a counterparty goes on after a stop."""

    kind: ClassVar[DecisionKind] = DecisionKind.RESUME

    def _fits(self, file: File) -> bool:
        return file.stopped_reason is not None and file.state is not FileState.VOID

    def carry_out(self, house: House, tx: Tx, decision: Decision) -> None:
        """Take the stop away; what stopped it stays in the trail."""
        del house
        file = self.waiting(tx)
        reason, file.stopped_reason = file.stopped_reason, None
        tx.trail("peer.resumed", self.subject, decision=decision.id, peer=file.counterparty, stopped=reason)


def _assert_writable(house: House, notice: Notice) -> None:
    about = Descriptor(
        municipality=house.settings.municipality,
        counterparty="-",
        business_date=notice.business_date,
        serial=1,
        sealed_at=house.clock.now(),
        previous=None,
        register_totals={"residents": 0, "by_category": {}, "by_status": {}},
        trail_head_number=1,
        trail_head_hash="0" * 64,
    )
    package_bytes(
        [Record(notice.family, notice.attempt, notice.supplement, notice.content or {})], about, house.schemas
    )


def _accept_as_seen(tx: Tx, registry_number: str) -> None:
    """Let a person's numbers go on from the last event read, as if it had been proven."""
    person = tx.session.get(Person, registry_number)
    if person is None:
        return
    read = tx.session.scalars(
        select(EventRead).where(EventRead.registry_number == registry_number, EventRead.row.is_not(None))
    ).all()
    numbers = [each.history_number for each in read]
    person.last_history_number = max([*numbers, person.last_history_number or 0]) or None
    person.state = OpenState.CLOSED
    for each in read:
        each.row = None
