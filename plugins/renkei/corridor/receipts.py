"""Takes in the agency's receipts: done means its signed word that echoes our digest (design rule 4).

A receipt is fetched into quarantine, opened by the acceptance rule, checked against the ledger, kept (as it came, and
as the signed message that an auditor can verify) and taken in, in one transaction. The first verified one is final.
"""

import contextlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from renkei.clock import instant_of
from renkei.corridor.answers import ACCEPTED, give_answers
from renkei.corridor.house import House
from renkei.corridor.locks import RECEIPTS, one_at_a_time
from renkei.corridor.opening import unseal
from renkei.corridor.quarantine import put_in_quarantine
from renkei.corridor.receipt_form import form_fault, largest_receipt, read_receipt
from renkei.corridor.sending import refuse_stopped
from renkei.corridor.work import private_folder
from renkei.errors import (
    LedgerRestored,
    LostDayUnread,
    MessageRefused,
    PeerNotInForce,
    ReceiptMismatch,
    SecondReceipt,
)
from renkei.ledger.adopt import lost_days
from renkei.ledger.durable import write_durably
from renkei.ledger.effects import Effect, performing
from renkei.ledger.mark import last_serial
from renkei.ledger.sealings import sealings
from renkei.ledger.states import Direction, FileState, Outcome
from renkei.ledger.store import file_sha256
from renkei.ledger.tables import File, NoticeAttempt, Receipt
from renkei.transfer import Line, connect

ALL_ACCEPTED: Final = "F00"
WATCHED: Final = 3
"""How many of the receipts last taken in each look compares with what now stands at the peer."""
_ASKED: Final = (
    FileState.SEALED,
    FileState.SENDING,
    FileState.PUBLISHED,
    FileState.UNKNOWN,
    FileState.EXPORTED,
)


@dataclass(frozen=True, slots=True)
class Receipts:
    """Whether every file of the days has its receipt, which serials got one just now, and which wait."""

    complete: bool
    taken_in: tuple[int, ...] = ()
    waiting: tuple[int, ...] = ()

    def facts(self) -> dict[str, Any]:
        """Return references, fit for an XCom."""
        return {"complete": self.complete, "taken_in": list(self.taken_in), "waiting": list(self.waiting)}

    def shown(self) -> str:
        """Return the serials that wait, as a sentence names them."""
        return ", ".join(f"{serial:08d}" for serial in self.waiting)


@dataclass(frozen=True, slots=True)
class _Verified:
    """A receipt that passed the acceptance rule: what it says, and where its two forms lie."""

    told: Mapping[str, Any] = field(repr=False)
    sealed: Path
    signed: Path
    sha256: str
    signed_sha256: str
    signer: str


@dataclass(frozen=True, slots=True)
class _Answerable:
    """One sealing of a file: who was to answer it, its digest, the primary fingerprints that count for it."""

    counterparty: str
    sealed_sha256: str
    signers: frozenset[str]


def take_in_receipts(house: House, days: Collection[date]) -> Receipts:
    """Look once for the receipt of every file that has none; complete when those of the given days have theirs.

    Raises what `transfer` and `envelope` raise, `ReceiptMismatch`, `SecondReceipt`, `PeerStopped`, `LostDayUnread`.
    """
    with one_at_a_time(house, "peers", RECEIPTS):
        return _look(house, days)


def _look(house: House, days: Collection[date]) -> Receipts:
    refuse_unread(house)
    taken_in: list[int] = []
    waiting: dict[str, list[File]] = {}
    for file in _unanswered(house):
        waiting.setdefault(file.counterparty, []).append(file)
    # A day whose files are all answered is not done while its counterparty is stopped: a person decides first.
    for peer_id in sorted({*waiting, *_counterparties(house, days)}):
        refuse_stopped(house, peer_id)
    for peer_id, files in waiting.items():
        peer = house.peers.by_id(peer_id)
        with (
            private_folder(house.settings.work_dir) as work,
            connect(peer, house.credentials(peer), at=house.clock.now()) as line,
        ):
            there = set(line.list_receipts())
            _refuse_unallotted(house, there)
            for file in files:
                name = receipt_name(file)
                if name in there:
                    with performing(house.ledger, Effect.FETCH_RECEIPT, name, house.actor):
                        line.fetch_receipt(name, work / name, largest_receipt(file.records or 0))
                    enter_receipt(house, file, work / name)
                    taken_in.append(file.serial)
            _watch(house, peer_id, line, there, work)
    still = _unanswered(house)
    return Receipts(
        complete=not any(file.business_date in days for file in still),
        taken_in=tuple(taken_in),
        waiting=tuple(file.serial for file in still),
    )


def refuse_unread(house: House) -> None:
    """Raise `LostDayUnread` while a restored ledger does not know what a lost day's file told."""
    with house.ledger.reading() as tx:
        lost = next(iter(lost_days(tx)), None)
    if lost is not None:
        raise LostDayUnread(day=lost.business_date, why="renkei seal")


def _watch(house: House, peer_id: str, line: Line, there: Collection[str], work: Path) -> None:
    """See that the receipts last taken in still stand as they were: another one stops the peer (contract §1)."""
    lately = (
        select(File)
        .where(File.direction == Direction.OUT, File.counterparty == peer_id, File.state == FileState.RECEIPTED)
        .order_by(File.serial.desc())
        .limit(WATCHED)
    )
    with house.ledger.reading() as tx:
        files = tx.session.scalars(lately).all()
        known = set(tx.session.scalars(select(Receipt.receipt_sha256)))
    for file in files:
        name = receipt_name(file)
        if name in there and not (work / name).exists():
            sha256 = line.fetch_receipt(name, work / name, largest_receipt(file.records or 0))
            if sha256 not in known:
                enter_receipt(house, file, work / name)


def _refuse_unallotted(house: House, names: Collection[str]) -> None:
    """Stop where the agency answers a serial that we never allotted: the ledger was restored (contract §10)."""
    with house.ledger.reading() as tx:
        last = last_serial(tx.session)
    beyond = max((int(name.split("-")[1][:8]) for name in names), default=0)
    if beyond > last and house.ledger.mark is not None:
        house.ledger.mark.suspect(beyond)
        raise LedgerRestored(ledger_number=last, mark_number=beyond)


def receipt_name(file: File) -> str:
    """Return the name under which the receipt of a file stands in `receipts/`."""
    return f"{file.municipality}-{file.serial:08d}.receipt.json.pgp"


def enter_receipt(house: House, file: File, found: Path) -> None:
    """Verify a receipt that lies in our own hands, from the line or from media, and take it in."""
    sealed = _sealings(house, file)
    try:
        receipt = _opened(house, sealed, found, largest_receipt(file.records or 0))
    except MessageRefused:
        put_in_quarantine(house, found)
        raise
    rule = form_fault(receipt.told, house.schemas) or _mismatch(file, sealed, receipt, _attempts(house, file.serial))
    if rule:
        put_in_quarantine(house, found)
        raise ReceiptMismatch(serial=file.serial, rule=rule)
    kept, signed = _store(house, file, receipt)
    _take_in(house, file, receipt, kept, signed)


def _unanswered(house: House) -> Sequence[File]:
    with house.ledger.reading() as tx:
        return tx.session.scalars(
            select(File).where(File.direction == Direction.OUT, File.state.in_(_ASKED)).order_by(File.serial)
        ).all()


def _counterparties(house: House, days: Collection[date]) -> Sequence[str]:
    of_days = select(File.counterparty).where(File.direction == Direction.OUT, File.business_date.in_(days))
    with house.ledger.reading() as tx:
        return tx.session.scalars(of_days.distinct()).all()


def _attempts(house: House, serial: int) -> list[NoticeAttempt]:
    with house.ledger.reading() as tx:
        found = tx.session.scalars(
            select(NoticeAttempt).where(NoticeAttempt.serial == serial).order_by(NoticeAttempt.record_number)
        )
        return list(found)


def _sealings(house: House, file: File) -> list[_Answerable]:
    """Return the sealings of a file, the one that counts now last, each with the keys that may answer it."""
    with house.ledger.reading() as tx:
        *past, present = sealings(tx, file)
    found = []
    for each in past:
        # Who was replaced answered, if at all, with the keys of that time.
        with contextlib.suppress(PeerNotInForce):
            signers = house.peers.by_id(each.counterparty).signers(each.sealed_at or house.clock.now())
            found.append(_Answerable(each.counterparty, each.sealed_sha256, signers))
    signers = house.peers.by_id(present.counterparty).signers(house.clock.now())
    return [*found, _Answerable(present.counterparty, present.sealed_sha256, signers)]


def _opened(house: House, sealed: Sequence[_Answerable], found: Path, largest: int) -> _Verified:
    subject, signers = found.name, frozenset().union(*(each.signers for each in sealed))
    out = unseal(house, signers, found, found.parent, effect=Effect.OPEN_RECEIPT, subject=subject, most=largest)
    try:
        told = read_receipt(out.plain)
    finally:
        out.plain.unlink()
    return _Verified(
        told=told,
        sealed=found,
        signed=out.signed,
        sha256=file_sha256(found),
        signed_sha256=out.signed_sha256,
        signer=out.signer_fingerprint,
    )


def _mismatch(file: File, sealed: Sequence[_Answerable], receipt: _Verified, attempts: Sequence[NoticeAttempt]) -> str:
    """Return the first rule by which a receipt of good form does not answer this file, or an empty text.

    Any sealing of the package may be the one that arrived; but that an older one could not be read says nothing of
    the one that counts now.
    """
    told = receipt.told
    if told["municipality"] != file.municipality:
        return "municipality"
    by_signer = [each for each in sealed if receipt.signer in each.signers]
    if told["counterparty"] not in {each.counterparty for each in by_signer}:
        return "counterparty"
    asked = by_signer if told["serial"] is not None else [each for each in by_signer if each is sealed[-1]]
    if (told["counterparty"], told["sealed_sha256"]) not in {(each.counterparty, each.sealed_sha256) for each in asked}:
        return "sealed_sha256"
    if (told["outcome"] == Outcome.ACCEPTED) != (told["code"] == ALL_ACCEPTED):
        return "code"
    if told["serial"] is None and told["package_sha256"] is None:
        return "" if told["outcome"] == Outcome.REFUSED and not told["records"] else "outcome"
    if told["serial"] != file.serial:
        return "serial"
    if told["package_sha256"] != file.package_sha256:
        return "package_sha256"
    if file.inputs_sha256 is None:
        # Taken back by adopt from this very receipt: nothing of ours is left to compare its records with.
        return ""
    return _record_mismatch(told["records"], told["outcome"], attempts)


def _record_mismatch(records: Sequence[Mapping[str, Any]], outcome: str, attempts: Sequence[NoticeAttempt]) -> str:
    if not records and outcome == Outcome.REFUSED:
        return ""
    said = [(each["record"], each["notice_id"], each["attempt"]) for each in records]
    if said != [(each.record_number, each.notice_id, each.attempt) for each in attempts]:
        return "records"
    refused = sum(each["code"] != ACCEPTED for each in records)
    expected = Outcome.ACCEPTED if not refused else Outcome.REFUSED if refused == len(records) else Outcome.PARTLY
    return "" if outcome == expected else "outcome"


def _store(house: House, file: File, receipt: _Verified) -> tuple[Path, Path]:
    """Keep both forms of a receipt beside the sealed bytes that it answers."""
    folder = house.path(file.sealed_path or "").parent
    short = receipt.sha256[:12]
    kept = folder / f"receipt-{short}.json.pgp"
    signed = folder / f"receipt-{short}.json.signed"
    with performing(house.ledger, Effect.STORE_RECEIPT, kept.name, house.actor, receipt=receipt.sha256):
        for source, target in ((receipt.sealed, kept), (receipt.signed, signed)):
            write_durably(target, source.read_bytes())
    return kept, signed


def _take_in(house: House, file: File, receipt: _Verified, kept: Path, signed: Path) -> None:
    told = receipt.told
    with house.ledger.transaction(actor=house.actor) as tx:
        row = tx.session.get_one(File, (file.direction, file.municipality, file.serial))
        before = tx.session.scalars(select(Receipt).where(Receipt.serial == file.serial)).all()
        if any(each.receipt_sha256 == receipt.sha256 for each in before):
            tx.trail("receipt.again", f"{file.serial:08d}", receipt=receipt.sha256)
            return
        received_at = instant_of(told["received_at"]) or tx.clock.now()
        tx.session.add(
            Receipt(
                serial=file.serial,
                sealed_sha256=told["sealed_sha256"],
                receipt_sha256=receipt.sha256,
                signed_sha256=receipt.signed_sha256,
                outcome=Outcome(told["outcome"]),
                code=told["code"],
                totals=told["register_totals"],
                received_at=received_at,
                verified_at=tx.clock.now(),
                path=house.relative(kept),
                signed_path=house.relative(signed),
                final=not before,
            )
        )
        if before:
            row.stopped_reason = SecondReceipt.__name__
            tx.trail("receipt.second", f"{file.serial:08d}", receipt=receipt.sha256)
        else:
            row.state, row.outcome, row.receipted_at = (
                FileState.RECEIPTED,
                Outcome(told["outcome"]),
                received_at,
            )
            if row.published_at is None:
                row.published_at = received_at
            counts = give_answers(tx, file.serial, told)
            tx.trail(
                "receipt.taken_in",
                f"{file.serial:08d}",
                receipt=receipt.sha256,
                sealed=told["sealed_sha256"],
                package=file.package_sha256,
                outcome=told["outcome"],
                code=told["code"],
                counts=counts,
            )
    if before:
        raise SecondReceipt(serial=file.serial)
