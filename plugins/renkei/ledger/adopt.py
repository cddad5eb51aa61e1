"""Takes back into a restored ledger what the sealed store and the receipts prove (contract §10).

A file that the ledger has forgotten comes back as *unknown*: the next look settles it, and its receipt is
taken in like any other, so that nothing goes out twice. Its day is *lost* until its extract was read again, which
brings its notices back; nothing is sealed before. The trail gets a `restored` row that bears both heads: the
verifier names that break for ever.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import select

from renkei.errors import AdoptRefused, LedgerRestored, LostDayUnread
from renkei.ledger import decisions, trail
from renkei.ledger.columns import canonical_digest
from renkei.ledger.durable import private_folder
from renkei.ledger.engine import Ledger, Tx
from renkei.ledger.mark import HeadMark, Mark, assert_reached, last_serial
from renkei.ledger.sealings import put_sealing, sealings
from renkei.ledger.states import DayState, DecisionKind, Direction, FileState, NoticeState
from renkei.ledger.store import StoredFile, stored_files
from renkei.ledger.tables import Day, File, Notice, NoticeAttempt
from renkei.settings import Settings

# A receipt does not tell the family of a notice.
_ANY_FAMILY: Final = "resident_records"


@dataclass(frozen=True, slots=True)
class ReceiptEcho:
    """What a verified receipt echoes of a file: that its serial was spent, on what, and which notices it told."""

    municipality: str
    serial: int
    counterparty: str
    sealed_sha256: str
    package_sha256: str
    accepted: tuple[tuple[int, str, int], ...] = ()
    """Record number, notice_id and attempt of each record that the agency accepted."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """What was taken back: serials proven by the store, by a receipt alone, and those declared void."""

    from_store: tuple[int, ...]
    from_receipts: tuple[int, ...]
    void: tuple[int, ...]
    notices: int


@dataclass(frozen=True, slots=True)
class Request:
    """Who adopts and why; `void`: serials of which nothing is left and which that person gives up."""

    asker: str
    reason: str
    approver: str | None = None
    void: frozenset[int] = frozenset()


def adopt(ledger: Ledger, settings: Settings, request: Request, receipts: Collection[ReceiptEcho] = ()) -> Adopted:
    """Take back every serial after the ledger's last, in order and without a gap, in one transaction.

    Raises `AdoptRefused` where store, receipts and ledger contradict one another or leave a serial open,
    `ReasonMissing`, `SecondPersonNeeded`; then nothing has changed.
    """
    proven = _Proof(settings, receipts)
    with ledger.transaction(adopting=True, actor=request.asker) as tx:
        mark, here = _both_heads(tx, ledger.mark)
        reached = last_serial(tx.session)
        proven.assert_same(tx, reached)
        last = max(reached, mark.last_serial, *proven.serials(), *request.void, 0)
        digest = canonical_digest([here.number, here.hash, mark.number, mark.hash, last])
        decision = _decided(tx, settings, request, digest)
        facts = {
            "ledger_head": {"number": here.number, "hash": here.hash, "last_serial": reached},
            "mark_head": {"number": mark.number, "hash": mark.hash, "last_serial": mark.last_serial},
            "decision": decision,
            "last_serial": last,
        }
        tx.tell(trail.RESTORED, f"{here.number}", facts)
        for serial in sorted(number for number in proven.stored if number <= reached):
            _seal_again(tx, settings, proven.stored[serial])
        return _take_back(tx, proven, request.void, range(reached + 1, last + 1))


class _Proof:
    """What the store and the receipts say of each serial."""

    def __init__(self, settings: Settings, receipts: Collection[ReceiptEcho]) -> None:
        self.settings = settings
        self.receipts = {each.serial: each for each in receipts}
        self.stored = self._chosen(stored_files(settings.sealed_dir))
        everything: list[StoredFile | ReceiptEcho] = [*self.stored.values(), *self.receipts.values()]
        for each in everything:
            if each.municipality != settings.municipality:
                raise AdoptRefused(name=f"{each.serial:08d}", rule="another municipality")

    def serials(self) -> Collection[int]:
        return self.stored.keys() | self.receipts.keys()

    def assert_same(self, tx: Tx, reached: int) -> None:
        """Refuse a store or a receipt that tells a serial of the ledger otherwise."""
        for serial in sorted(number for number in self.serials() if number <= reached):
            row = tx.session.get(File, (Direction.OUT, self.settings.municipality, serial))
            for each in (self.stored.get(serial), self.receipts.get(serial)):
                if each and (row is None or each.package_sha256 != row.package_sha256):
                    raise AdoptRefused(name=f"{serial:08d}", rule="the ledger holds another package")

    def _chosen(self, found: Sequence[StoredFile]) -> dict[int, StoredFile]:
        # A process killed before its claim leaves a second folder; only a receipt tells which one went.
        chosen: dict[int, StoredFile] = {}
        for serial in {each.serial for each in found}:
            several = [each for each in found if each.serial == serial]
            receipt = self.receipts.get(serial)
            if receipt is not None:
                several = [each for each in several if receipt.sealed_sha256 in each.digests()]
            if len(several) > 1:
                raise AdoptRefused(name=f"{serial:08d}", rule="two folders, no receipt tells which was sent")
            chosen.update((each.serial, each) for each in several)
        return chosen


def lost_days(tx: Tx) -> Sequence[Day]:
    """Return the sealed days whose extracts were not read again since the ledger was restored, in order."""
    lost = select(Day).where(Day.state == DayState.SEALED, Day.blocked_by == LostDayUnread.__name__)
    return tx.session.scalars(lost.order_by(Day.business_date)).all()


def _both_heads(tx: Tx, mark: HeadMark | None) -> tuple[Mark, trail.Head]:
    here = trail.head(tx.session)
    if mark is None:
        raise AdoptRefused(name="head.json", rule="this ledger has no head mark")
    there: Mark | None = None
    try:
        there = mark.read()
        assert_reached(tx.session, there)
    except LedgerRestored:
        return there or Mark(0, trail.GENESIS, 0), here
    raise AdoptRefused(name="head.json", rule="the ledger was not restored")


def _decided(tx: Tx, settings: Settings, request: Request, digest: str) -> int:
    kind, subject = DecisionKind.ADOPT, "ledger"
    asked = decisions.ask(tx, kind, subject, digest=digest, asker=request.asker, reason=request.reason)
    if request.approver is not None:
        decisions.approve(tx, asked.id, approver=request.approver, digest=digest)
    return decisions.use(tx, kind, subject, digest=digest, four_eyes=settings.four_eyes).id


def _take_back(tx: Tx, proven: _Proof, void: Collection[int], serials: Sequence[int]) -> Adopted:
    from_store: list[int] = []
    from_receipts: list[int] = []
    voided: list[int] = []
    notices = 0
    for serial in serials:
        if stored := proven.stored.get(serial):
            notices += _from_store(tx, proven.settings, stored)
            from_store.append(serial)
        elif receipt := proven.receipts.get(serial):
            _from_receipt(tx, proven.settings, receipt)
            from_receipts.append(serial)
        elif serial in void:
            _void(tx, proven.settings, serial)
            voided.append(serial)
        else:
            raise AdoptRefused(name=f"{serial:08d}", rule="no sealed file and no receipt; declare it void")
    _waive_between(tx)
    return Adopted(tuple(from_store), tuple(from_receipts), tuple(voided), notices)


def _waive_between(tx: Tx) -> None:
    """Waive the requested days before the last one that was sealed: days are sealed in order, so a person had."""
    last = max((each.business_date for each in lost_days(tx)), default=None)
    if last is None:
        return
    for row in tx.session.scalars(
        select(Day).where(Day.state.in_([DayState.OPEN, DayState.REQUESTED]), Day.business_date < last)
    ):
        row.state, row.blocked_by = DayState.WAIVED, None
        tx.trail("day.waived", row.business_date.isoformat(), rule="sealed behind it")


def _from_store(tx: Tx, settings: Settings, stored: StoredFile) -> int:
    before = tx.session.get(File, (Direction.OUT, settings.municipality, stored.serial - 1))
    if before is not None and before.package_sha256 not in {None, stored.previous}:
        raise AdoptRefused(name=f"{stored.serial:08d}", rule="names another predecessor")
    _add(
        tx,
        File(
            direction=Direction.OUT,
            municipality=stored.municipality,
            serial=stored.serial,
            counterparty=stored.counterparty,
            state=FileState.UNKNOWN,
            package_sha256=stored.package_sha256,
            sealed_sha256=stored.sealed_sha256,
            previous=stored.previous,
            records=stored.records,
            counts=dict(stored.counts),
            business_date=stored.business_date,
            sealed_at=stored.sealed_at,
            sealed_path=_relative(stored.path, settings),
            inputs_sha256=stored.inputs_sha256,
            signer_fingerprint=stored.signer,
            recipient_fingerprint=stored.recipient,
        ),
    )
    _seal_again(tx, settings, stored)
    day = tx.session.get(Day, stored.business_date) or Day(business_date=stored.business_date)
    day.state, day.serial, day.blocked_by = DayState.SEALED, stored.serial, LostDayUnread.__name__
    tx.session.add(day)
    tx.session.flush()
    return len(stored.notices)


def _seal_again(tx: Tx, settings: Settings, stored: StoredFile) -> None:
    """Take back the later sealings of a package that the ledger has forgotten; a receipt that it has stands."""
    file = tx.session.get_one(File, (Direction.OUT, settings.municipality, stored.serial))
    known = {each.sealed_sha256 for each in sealings(tx, file)}
    for each in stored.again:
        if each.sealed_sha256 not in known and file.state is not FileState.RECEIPTED:
            put_sealing(tx, file, each, _relative(each.path, settings), decision=None, look="adopted")
            file.state = FileState.UNKNOWN


def _from_receipt(tx: Tx, settings: Settings, echo: ReceiptEcho) -> None:
    # The bytes are gone; the folder is there for the receipt, and the verifier says what is missing. What the agency
    # accepted is not told again, though nobody knows its content; what it refused goes anew when its day is read.
    folder = private_folder(settings.sealed_dir / f"{echo.serial:08d}-{echo.sealed_sha256[:12]}")
    path = folder / f"{echo.municipality}-{echo.serial:08d}.zip.pgp"
    _add(
        tx,
        File(
            direction=Direction.OUT,
            municipality=echo.municipality,
            serial=echo.serial,
            counterparty=echo.counterparty,
            state=FileState.UNKNOWN,
            package_sha256=echo.package_sha256,
            sealed_sha256=echo.sealed_sha256,
            sealed_path=_relative(path, settings),
        ),
    )
    for number, notice_id, attempt in echo.accepted:
        if tx.session.get(Notice, notice_id) is None:
            tx.session.add(
                Notice(
                    notice_id=notice_id,
                    family=_ANY_FAMILY,
                    business_date=tx.clock.now().date(),
                    state=NoticeState.SEALED,
                    attempt=attempt,
                )
            )
            tx.session.flush()
        told = tx.session.get_one(Notice, notice_id)
        told.state, told.attempt = NoticeState.SEALED, attempt
        tx.session.add(
            NoticeAttempt(notice_id=notice_id, attempt=attempt, serial=echo.serial, record_number=number, content=None)
        )
    tx.session.flush()


def _void(tx: Tx, settings: Settings, serial: int) -> None:
    _add(
        tx,
        File(
            direction=Direction.OUT,
            municipality=settings.municipality,
            serial=serial,
            counterparty="-",
            state=FileState.VOID,
            stopped_reason="nothing left after a restore",
        ),
    )


def _relative(path: Path, settings: Settings) -> str:
    return path.relative_to(settings.home).as_posix()


def _add(tx: Tx, file: File) -> None:
    tx.session.add(file)
    tx.session.flush()
    tx.trail(
        "file.adopted",
        f"{file.municipality}-{file.serial:08d}.zip.pgp",
        serial=file.serial,
        counterparty=file.counterparty,
        state=file.state,
        package=file.package_sha256,
        sealed=file.sealed_sha256,
        previous=file.previous,
        inputs=file.inputs_sha256,
        records=file.records,
    )
