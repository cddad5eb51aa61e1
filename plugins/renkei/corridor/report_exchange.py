"""The part of a report that tells what was sent, what the agency answered, and how long it took."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import date
from statistics import median

from sqlalchemy import select

from renkei.corridor.answers import ACCEPTED
from renkei.corridor.house import House
from renkei.corridor.report_labels import Labels
from renkei.ledger import Tx
from renkei.ledger.states import OpenState
from renkei.ledger.store import file_name, sealing_told
from renkei.ledger.tables import EffectRow, File, Notice, NoticeAttempt, OpenItem, Receipt
from renkei.reports import model

_PROMPT_DAYS = 1


def sent(house: House, files: Sequence[File], labels: Labels) -> tuple[model.SentFile, ...]:
    """Return the files sealed for the day."""
    return tuple(_sent(house, file, labels) for file in files)


def _sent(house: House, file: File, labels: Labels) -> model.SentFile:
    peer = house.peers.by_id(file.counterparty)
    stored = house.path(file.sealed_path or "")
    told = sealing_told(stored)
    counts = []
    for family, by_code in (file.counts or {}).items():
        for code, number in by_code.items():
            label = model.Label(code, _ACTIONS[code], code) if code in _ACTIONS else labels.article(code)
            counts.append(model.ReasonCount(model.Family(family), label, number))
    return model.SentFile(
        serial=file.serial,
        counterparty=model.Label(peer.id, peer.official_name, peer.english),
        state=model.FileState(file.state),
        package_sha256=file.package_sha256 or "",
        previous_sha256=file.previous,
        sealed_sha256=file.sealed_sha256 or "",
        size=int(told["sealed_bytes"]),
        signer_fingerprint=file.signer_fingerprint or "",
        recipient_fingerprint=file.recipient_fingerprint or "",
        algorithms=tuple(re.split(r",\s*", told["algorithms"])),
        records=file.records or 0,
        counts=tuple(counts),
        sealed_at=file.sealed_at or house.clock.now(),
        published_at=file.published_at,
    )


_ACTIONS = {"entry": "記載", "deletion": "消除", "correction": "修正", "cancellation": "取消"}


def answers(tx: Tx, files: Sequence[File], labels: Labels) -> tuple[model.Answer, ...]:
    """Return the final receipt of each file."""
    serials = [file.serial for file in files]
    receipts = tx.session.scalars(
        select(Receipt).where(Receipt.serial.in_(serials), Receipt.final).order_by(Receipt.serial)
    ).all()
    return tuple(_answer(tx, receipt, labels) for receipt in receipts)


def _answer(tx: Tx, receipt: Receipt, labels: Labels) -> model.Answer:
    attempts = tx.session.scalars(
        select(NoticeAttempt).where(NoticeAttempt.serial == receipt.serial).order_by(NoticeAttempt.record_number)
    ).all()
    codes = Counter(each.code for each in attempts if each.code)
    return model.Answer(
        serial=receipt.serial or 0,
        outcome=model.Outcome(receipt.outcome),
        code=labels.receipt(receipt.code),
        receipt_sha256=receipt.receipt_sha256,
        received_at=receipt.received_at,
        verified_at=receipt.verified_at,
        codes=tuple(model.CodeCount(labels.receipt(code), codes[code]) for code in sorted(codes)),
        refused=tuple(
            model.RefusedRecord(
                record=each.record_number,
                code=labels.receipt(each.code),
                items=tuple(str(item) for item in each.items or () if re.fullmatch("[a-z][a-z0-9_]*", str(item))),
                open_item=tx.session.scalar(
                    select(OpenItem.id).where(OpenItem.notice_id == each.notice_id, OpenItem.state == OpenState.OPEN)
                ),
            )
            for each in attempts
            if each.code and each.code != ACCEPTED
        ),
    )


def ages(tx: Tx, files: Sequence[File], labels: Labels, today: date) -> model.Ages:
    """Return the ages of the notices in the files: processing date, or the day a planned one fell due, to receipt."""
    measured: list[int] = []
    late: list[model.LateNotice] = []
    total = 0
    for file in files:
        rows = tx.session.execute(
            select(NoticeAttempt, Notice)
            .join(Notice, Notice.notice_id == NoticeAttempt.notice_id)
            .where(NoticeAttempt.serial == file.serial)
        ).all()
        for attempt, notice in rows:
            total += 1
            began = _began(notice)
            end = file.receipted_at.date() if file.receipted_at else None
            age = max(((end or today) - began).days, 0)
            if end:
                measured.append(age)
            if age > _PROMPT_DAYS:
                why = labels.late(_why(tx, file, attempt, notice))
                late.append(
                    model.LateNotice(
                        model.Family(notice.family), file.serial, attempt.record_number, began, end, age, why
                    )
                )
    return model.Ages(
        notices=total,
        median_tenths=round(median(measured) * 10) if measured else None,
        worst_days=max(measured) if measured else None,
        late=tuple(sorted(late, key=lambda each: (-each.age_days, each.serial, each.record))),
    )


def _began(notice: Notice) -> date:
    try:
        processed = date.fromisoformat(notice.processing_date or "")
    except ValueError:
        return notice.business_date
    due = notice.due_date or processed
    return max(processed, due) if due > notice.business_date else processed


def _why(tx: Tx, file: File, attempt: NoticeAttempt, notice: Notice) -> str:
    if attempt.attempt > 1:
        return "refused_before"
    was_open = select(OpenItem.id).where(OpenItem.registry_number == notice.registry_number)
    if notice.registry_number and tx.session.scalar(was_open.limit(1)) is not None:
        return "held"
    failed = select(EffectRow.id).where(
        EffectRow.subject == file_name(file.municipality, file.serial), EffectRow.outcome == "failed"
    )
    if tx.session.scalar(failed.limit(1)) is not None:
        return "line_down"
    return "sealed_late" if file.business_date and file.business_date > notice.business_date else "answered_late"
