"""Reads the days again that a restored ledger has lost, after `adopt` (contract §10).

Each lost day goes through the ordinary intake with the very extract that its sealed file names. Then its serial takes
back the notices that `inputs.json` names, whatever decision let them go, and the receipts that were kept beside the
sealed bytes answer them before the next day is read: so what the ledger knows becomes again what it was.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from renkei.corridor import queue
from renkei.corridor.house import House
from renkei.corridor.intake import take_in
from renkei.corridor.locks import RECEIPTS, one_at_a_time
from renkei.corridor.receipts import enter_receipt, receipt_name
from renkei.corridor.sealing import sealing_lock, still_waiting
from renkei.corridor.work import private_folder
from renkei.errors import (
    ExtractMissing,
    LostDayUnread,
    MessageRefused,
    PeerNotInForce,
    ReceiptMismatch,
    Refusal,
    SecondReceipt,
)
from renkei.ledger import Tx
from renkei.ledger.adopt import lost_days
from renkei.ledger.states import Direction, NoticeState
from renkei.ledger.store import StoredFile, stored_file
from renkei.ledger.tables import Day, File, Notice, NoticeAttempt
from renkei.registry import find_read_extract

# A notice that was told though the ledger has it elsewhere: by what member the equation gets it back.
_COUNTED: Final[Mapping[NoticeState, str]] = {NoticeState.PLANNED: "planned_now_due", NoticeState.SILENT: "derived"}
# The line's next look tells what is wrong with them, or that another one stops the peer.
_LEFT_TO_THE_LINE: Final = (MessageRefused, PeerNotInForce, ReceiptMismatch, SecondReceipt)


@dataclass(frozen=True, slots=True)
class Reread:
    """A lost day as it was read again: notices of its file, and how many of them came out otherwise than sealed."""

    day: date
    serial: int
    notices: int
    differing: int


def reread_lost_days(house: House) -> list[Reread]:
    """Read every lost day again, in order; nobody seals, sends or takes in meanwhile. Read before, it does nothing.

    Raises `LostDayUnread` with the first day that cannot be read and why; the days before it are read.
    """
    if not _lost(house):
        return []
    found = []
    with one_at_a_time(house, "peers", RECEIPTS), sealing_lock(house):
        for day in _lost(house):
            try:
                found.append(_reread(house.on(day), day))
            except Refusal as refusal:
                raise LostDayUnread(day=day, why=str(refusal)) from None
    return found


def _lost(house: House) -> list[date]:
    with house.ledger.reading() as tx:
        return [row.business_date for row in lost_days(tx)]


def _reread(house: House, day: date) -> Reread:
    with house.ledger.reading() as tx:
        serial = tx.session.get_one(Day, day).serial or 0
        file = tx.session.get_one(File, (Direction.OUT, house.settings.municipality, serial))
    folder = house.path(file.sealed_path or "").parent
    told = stored_file(folder)
    extract = find_read_extract(house.settings.extracts, day, told.manifest_sha256)
    if extract is None:
        raise ExtractMissing(business_date=day.isoformat())
    take_in(house, day, sealed=extract)
    with house.ledger.transaction(actor=house.actor) as tx:
        if not _told(tx, serial):
            _claim_again(tx, told)
    _enter_kept_receipts(house, file, folder)
    with house.ledger.transaction(actor=house.actor) as tx:
        tx.session.get_one(Day, day).blocked_by = None
        differing = sum(each.content is None for each in _told(tx, serial))
        tx.trail("day.reread", day.isoformat(), serial=serial, notices=len(told.notices), differing=differing)
    return Reread(day, serial, len(told.notices), differing)


def _told(tx: Tx, serial: int) -> Sequence[NoticeAttempt]:
    return tx.session.scalars(select(NoticeAttempt).where(NoticeAttempt.serial == serial)).all()


def _claim_again(tx: Tx, told: StoredFile) -> None:
    """Give a serial the notices that its file tells, as its sealing did, and close the day's equation."""
    counts = {"planned_now_due": 0, "derived": 0, "waiting": 0}
    persons: set[str | None] = set()
    for number, each in enumerate(told.notices, 1):
        notice = tx.session.get(Notice, each.notice_id)
        if notice is None:
            # Nothing derives it any more: what is proven of it is that it was told.
            notice = Notice(
                notice_id=each.notice_id,
                family=each.family,
                business_date=each.business_date,
                due_date=each.due_date,
                state=NoticeState.SILENT,
                supplement=each.supplement,
                content_sha256=each.content_sha256,
            )
            tx.session.add(notice)
            tx.session.flush()
        if notice.state not in {*queue.WAITS, NoticeState.DUE}:
            counts[_COUNTED.get(notice.state, "waiting")] += 1
        same = notice.content is not None and notice.content_sha256 == each.content_sha256
        queue.close_items(tx, notice, f"sealed as {told.serial:08d}")
        notice.state, notice.attempt, notice.reason = NoticeState.SEALED, each.attempt, None
        tx.session.add(
            NoticeAttempt(
                notice_id=each.notice_id,
                attempt=each.attempt,
                serial=told.serial,
                record_number=number,
                content=notice.content if same else None,
                content_sha256=each.content_sha256,
            )
        )
        persons.add(notice.registry_number)
    tx.session.flush()
    queue.settle_all(tx, persons)
    tx.session.flush()
    _close_equation(tx, told, counts)
    tx.trail("file.claimed_again", f"{told.serial:08d}", serial=told.serial, notices=len(told.notices))


def _close_equation(tx: Tx, told: StoredFile, counts: Mapping[str, int]) -> None:
    row = tx.session.get_one(Day, told.business_date)
    balance = dict(row.balance or {})
    balance |= {name: balance.get(name, 0) + number for name, number in counts.items()}
    waits = still_waiting(tx)
    # What falls due now though the file does not tell it waits for the next one.
    due = tx.session.scalar(select(func.count()).select_from(Notice).where(Notice.state == NoticeState.DUE)) or 0
    row.balance = balance | {"sealed": len(told.notices), **waits, "behind": waits["behind"] + due}


def _enter_kept_receipts(house: House, file: File, folder: Path) -> None:
    """Take in again the receipts that were taken in before the loss, in the order in which they were kept."""
    kept = sorted(folder.glob("receipt-*.json.pgp"), key=lambda path: (path.stat().st_mtime_ns, path.name))
    for path in kept:
        with private_folder(house.settings.work_dir) as work:
            copy = work / receipt_name(file)
            shutil.copyfile(path, copy)
            try:
                enter_receipt(house, file, copy)
            except _LEFT_TO_THE_LINE:
                return
