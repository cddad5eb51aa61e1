"""What the agency answered about each record, given to the notices of a file (contract §3, §4)."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select

from renkei.corridor import queue
from renkei.corridor.equation import count_since_intake
from renkei.ledger import Tx
from renkei.ledger.states import NoticeState, OpenItemKind
from renkei.ledger.tables import Notice, NoticeAttempt

ACCEPTED: Final = "R00"
ACCEPTED_BEFORE: Final = "R20"
FOLLOWS: Final = "R40"


def give_answers(tx: Tx, serial: int, told: Mapping[str, Any]) -> dict[str, int]:
    """Give each notice of the file what the agency answered; refused ones become open items (contract §4)."""
    answers = {each["record"]: each for each in told["records"]}
    attempts = tx.session.scalars(select(NoticeAttempt).where(NoticeAttempt.serial == serial)).all()
    counts = {"accepted": 0, "refused": 0, "again": 0}
    persons: set[str | None] = set()
    for attempt in attempts:
        notice = tx.session.get_one(Notice, attempt.notice_id)
        answer = answers.get(attempt.record_number)
        attempt.answered_at = tx.clock.now()
        if notice.attempt != attempt.attempt or notice.state is not NoticeState.SEALED:
            # Sent again since: this answer is of the past, and moves nothing any more.
            attempt.code = told["code"] if answer is None else answer["code"]
            continue
        if answer is None:
            attempt.code = told["code"]
            notice.state, notice.attempt = NoticeState.DUE, notice.attempt + 1
            counts["again"] += 1
        else:
            attempt.code, attempt.items = answer["code"], list(answer["items"])
            counts[_answered(tx, notice, answer)] += 1
        persons.add(notice.registry_number)
    tx.session.flush()
    queue.settle_all(tx, persons)
    # A day taken in before these came back counts them among what waited.
    count_since_intake(tx, waiting=counts["refused"] + counts["again"])
    return counts


def _answered(tx: Tx, notice: Notice, answer: Mapping[str, Any]) -> str:
    code = answer["code"]
    if code == ACCEPTED or (code == ACCEPTED_BEFORE and _told_before(tx, notice, answer.get("first"))):
        notice.state = NoticeState.ACCEPTED
        return "accepted"
    if code == FOLLOWS:
        notice.state, notice.attempt = NoticeState.BEHIND, notice.attempt + 1
        return "refused"
    queue.hold(tx, notice, code, answer["items"], kind=OpenItemKind.REFUSED)
    return "refused"


def _told_before(tx: Tx, notice: Notice, first: Mapping[str, Any] | None) -> bool:
    """Tell whether the serial and record that the agency names as the first are this notice's own."""
    if not first:
        return False
    found = tx.session.scalars(
        select(NoticeAttempt).where(
            NoticeAttempt.notice_id == notice.notice_id,
            NoticeAttempt.serial == first.get("serial"),
            NoticeAttempt.record_number == first.get("record"),
        )
    ).first()
    return found is not None
