"""Enters what a day's extract gave rise to into the ledger: each notice in its state (contract §3, §4, §7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import func, select

from renkei.corridor import queue
from renkei.corridor.shelf import shelf_of
from renkei.ledger import Tx
from renkei.ledger.columns import CanonicalText, canonical, canonical_digest, text_digest
from renkei.ledger.states import NoticeState
from renkei.ledger.tables import Notice
from renkei.notices import Derived, changed_items
from renkei.notices.content import carry_all, content_findings, merged
from renkei.notices.forms import calendar_date
from renkei.schemas import Schemas

RECORDS: Final = "resident_records"
DIFFERENCE: Final = "difference_open"
_NOT_TOLD_YET: Final = queue.WAITS | {NoticeState.PLANNED}


@dataclass(slots=True)
class Tally:
    """What became of a day's notices, for the equation of contract §11."""

    waiting: int = 0
    derived: int = 0
    planned_now_due: int = 0
    silent: int = 0
    never_told: int = 0
    persons: set[str] = field(default_factory=set, repr=False)

    def as_balance(self) -> dict[str, int]:
        """Return the left side of the equation, and of the right what is known before sealing."""
        return {
            "waiting": self.waiting,
            "derived": self.derived,
            "planned_now_due": self.planned_now_due,
            "silent": self.silent,
            "never_told": self.never_told,
        }


def waiting(tx: Tx) -> int:
    """Count the notices that wait to go: due, held, refused or behind."""
    states = queue.WAITS | {NoticeState.DUE}
    return tx.session.scalar(select(func.count()).select_from(Notice).where(Notice.state.in_(states))) or 0


@dataclass(frozen=True, slots=True)
class Origin:
    """Where notices come from: the row, the person's living row before it, and whether the proof closes.

    Where it does not, the notices are held until it does (contract §6).
    """

    row: Mapping[str, str] = field(repr=False)
    before: Mapping[str, str] | None = field(repr=False)
    proven: bool
    supplement: bool = False


def enter(tx: Tx, derived: Sequence[Derived], origin: Origin, schemas: Schemas, tally: Tally) -> None:
    """Enter the notices of one event, handover or report. One that is in the ledger already stays as it is."""
    shelf = shelf_of(tx)
    for number in {each.registry_number or "" for each in derived} & shelf.covered:
        # What an earlier event of today gave rise to may have to wait, or to go, for this one.
        shelf.notices_of(number)
    for each in derived:
        if shelf.knows(each.notice_id, each.registry_number or None):
            continue
        row = _row(each, supplement=origin.supplement)
        if origin.proven and _goes_alone(tx, each):
            shelf.add_bare_notice(row)
            tally.derived += each.state != "planned"
            tally.silent += each.state == "silent"
        else:
            _place(tx, shelf.add_notice(row), each, origin, schemas, tally)


def _goes_alone(tx: Tx, derived: Derived) -> bool:
    """Tell whether a notice neither stops nor touches another one, and no other one touches it."""
    plain = derived.state != "held" and derived.action != "cancellation"
    return plain and derived.registry_number is not None and queue.is_empty(tx, derived.registry_number)


def _row(derived: Derived, *, supplement: bool) -> dict[str, Any]:
    """Return a new notice as the ledger's row."""
    content = CanonicalText(canonical(derived.content)) if derived.content else None
    return {
        "notice_id": derived.notice_id,
        "family": derived.family,
        "registry_number": derived.registry_number or None,
        "history_number": derived.history_number,
        "own_number": derived.own_number,
        "business_date": derived.business_date,
        "due_date": derived.due_date,
        "state": NoticeState(derived.state),
        "reason": derived.rule or None,
        "action": derived.action,
        "event_reason": derived.event_reason,
        "article": derived.article,
        "legal_class": derived.legal_class,
        "transmission": derived.transmission,
        "event_date": derived.event_date,
        "processing_date": derived.processing_date,
        "fields": list(derived.fields),
        "content": content,
        "content_sha256": None if content is None else text_digest(content),
        "cancels": derived.cancels or None,
        "supplement": supplement,
        "attempt": 1,
    }


def _place(tx: Tx, notice: Notice, derived: Derived, origin: Origin, schemas: Schemas, tally: Tally) -> None:
    """Decide, with the ledger's knowledge, where a new notice stands."""
    if notice.registry_number:
        tally.persons.add(notice.registry_number)
    if notice.state is not NoticeState.PLANNED:
        tally.derived += 1
    if notice.state is NoticeState.SILENT:
        tally.silent += 1
    elif origin.proven and takes_back(tx, notice, tally):
        pass
    elif notice.state is NoticeState.HELD:
        tx.session.flush()
        queue.hold(tx, notice, derived.rule, derived.fields)
    elif not origin.proven and notice.registry_number:
        tx.session.flush()
        queue.hold(tx, notice, DIFFERENCE, ("history_number",))
    elif notice.action == "correction" and notice.family == RECORDS and origin.before is not None:
        _correct(tx, notice, origin.before, origin.row, schemas, tally)


def takes_back(tx: Tx, notice: Notice, tally: Tally) -> bool:
    """Let a proven cancellation or deletion do what it does to the notices before it; tell whether that settles it."""
    if notice.family != RECORDS:
        return False
    if notice.action == "cancellation":
        return _cancel(tx, notice, tally)
    if notice.action == "deletion":
        _supersede(tx, notice, tally)
    return False


def _cancel(tx: Tx, notice: Notice, tally: Tally) -> bool:
    """Follow the original if it was told; else neither is ever told, whatever is wrong with either (contract §7)."""
    original = tx.session.get(Notice, notice.cancels) if notice.cancels else None
    if original is None:
        return False
    if original.state in {NoticeState.SILENT, NoticeState.NEVER_TOLD}:
        notice.state, notice.reason = NoticeState.SILENT, "original_silent"
        queue.close_items(tx, notice, original.notice_id)
        tally.silent += 1
        return True
    if original.state not in _NOT_TOLD_YET:
        return False
    beside = tx.session.scalars(
        select(Notice).where(
            Notice.registry_number == notice.registry_number,
            Notice.history_number == original.history_number,
            Notice.state.in_(_NOT_TOLD_YET),
        )
    ).all()
    for each in beside:
        tally.never_told += each.state is not NoticeState.PLANNED
        queue.never_tell(tx, each, "cancelled_before_told", notice.notice_id)
    queue.never_tell(tx, notice, "cancelled_before_told", original.notice_id)
    tally.never_told += 1
    return True


def _supersede(tx: Tx, notice: Notice, tally: Tally) -> None:
    """Let the latest deletion count: an earlier planned one that was not told yet is never told (contract §7)."""
    earlier = [
        each
        for each in queue.queue_of(tx, notice.registry_number or "")
        if each.notice_id != notice.notice_id and each.action == "deletion" and each.family == RECORDS
    ]
    for each in earlier:
        if each.due_date and each.due_date > each.business_date:
            tally.never_told += each.state is not NoticeState.PLANNED
            queue.never_tell(tx, each, "superseded", notice.notice_id)


def _correct(
    tx: Tx, notice: Notice, before: Mapping[str, str], row: Mapping[str, str], schemas: Schemas, tally: Tally
) -> None:
    """Give waiting notices of the person what the correcting event changed, and let them go (contract §4).

    If the last of them then tells all that changed, the correcting event makes no notice of its own.
    """
    waits = [
        each
        for each in queue.queue_of(tx, notice.registry_number or "")
        if each.notice_id != notice.notice_id and each.state in queue.WAITS and each.content
    ]
    changed = changed_items(before, row, schemas)
    stopped = [each for each in waits if each.state in queue.STOPS and _concerned(each, changed)]
    if not stopped or not changed:
        return
    for each in waits:
        _overlay(each, before, row, changed)
    for each in stopped:
        if not fits(each, schemas):
            queue.release(tx, each, f"corrected by {notice.notice_id}")
            # A move-out that was held goes on waiting for its day.
            if each.due_date and each.due_date > notice.business_date:
                each.state = NoticeState.PLANNED
                tally.waiting -= 1
    records = [each for each in waits if each.family == RECORDS and each.state is not NoticeState.PLANNED]
    still = any(each.state in queue.STOPS for each in waits)
    if records and not still and all((records[-1].content or {}).get(item) == row[item] for item in changed):
        notice.state, notice.reason = NoticeState.SILENT, "told_by_resend"
        notice.told_by = records[-1].notice_id
        tally.silent += 1


def _concerned(notice: Notice, changed: Sequence[str]) -> bool:
    """Tell whether what stopped a notice lies in what was corrected; a refusal that names no item may."""
    fields = set(notice.fields or ())
    return bool(fields & set(changed)) or (notice.state is NoticeState.REFUSED and not fields)


def _overlay(notice: Notice, before: Mapping[str, str], row: Mapping[str, str], changed: Sequence[str]) -> None:
    content = queue.overlaid(notice.content or {}, before, row, changed)
    notice.content = content
    notice.content_sha256 = canonical_digest(content)


def fits(notice: Notice, schemas: Schemas) -> str:
    """Carry a notice's content again; return the rule that it breaks, or an empty text."""
    on = calendar_date(notice.event_date or "") or notice.business_date
    carrying = carry_all(notice.content or {}, schemas, notice.business_date)
    layout = schemas.layout_on(notice.business_date)
    checks = content_findings(notice.family, carrying.content, schemas, on, layout)
    rule, fields = merged([*checks, *carrying.findings])
    notice.content = dict(carrying.content)
    notice.content_sha256 = canonical_digest(notice.content)
    if rule:
        notice.fields = list(fields)
    return rule
