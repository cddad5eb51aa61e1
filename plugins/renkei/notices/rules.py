"""Whether an event is noticed, and whether it hangs together: reason, state, dates, origin.

Contract §7, domain §3.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from renkei.notices.comparison import changed_items, is_echo
from renkei.notices.content import Finding
from renkei.notices.derived import Known
from renkei.notices.forms import calendar_date, possible_date
from renkei.schemas import EventReason, Schemas

_LEAVES = {"entry": "living", "correction": "living", "deletion": "deleted"}


@dataclass(frozen=True, slots=True)
class Case:
    """An event with all that its rules look at: its row, the living row before, its reason, what is known."""

    row: Mapping[str, str] = field(repr=False)
    before: Mapping[str, str] | None = field(repr=False)
    reason: EventReason
    known: Known
    business_date: date
    schemas: Schemas


def deciding_date(row: Mapping[str, str], fallback: date) -> date:
    """Return the day whose codes, reasons and articles hold for an event (contract §8).

    The event date; where that is unknown or outside the calendar, the business date, which both sides know.
    """
    return calendar_date(row.get("event_date", "")) or fallback


def silence(case: Case) -> str:
    """Return the reason for which an event makes no notice (rules/silent_rules.csv), or an empty text."""
    reason, row = case.reason, case.row
    if not reason.notice:
        return "" if _beyond_its_reason(case) else reason.silent_because
    if reason.action == "correction" and case.before is not None and not _changed(case):
        return "nothing_changed"
    if reason.action == "cancellation" and _original_was_silent(case):
        return "original_silent"
    if reason.future_date and case.before is None and row.get("arrival_notice_date"):
        return "already_deleted"
    if row.get("origin") == "agency_notice" and case.known.taken_in is not None:
        return "echo" if is_echo(row, case.before, case.known.taken_in, case.schemas) else ""
    return ""


def _changed(case: Case) -> tuple[str, ...]:
    return changed_items(case.before, case.row, case.schemas)


def _beyond_its_reason(case: Case) -> tuple[str, ...]:
    """Return noticed items that an event changed though its reason says that it changes none of them."""
    if case.before is None or case.reason.notice:
        return ()
    return tuple(item for item in _changed(case) if item not in case.reason.may_change)


def _original_was_silent(case: Case) -> bool:
    day = calendar_date(case.row.get("cancelled_event_date", "")) or deciding_date(case.row, case.business_date)
    original = case.schemas.event_reason(case.row.get("cancelled_reason", ""), day)
    return original is not None and not original.notice


def event_findings(case: Case) -> Iterator[Finding]:
    """Check what an event says about itself; content checks come after it."""
    beyond = _beyond_its_reason(case)
    if beyond:
        yield Finding("silent_reason_changes_items", beyond)
    if case.row.get("origin") == "agency_notice" and case.known.taken_in is None:
        yield Finding("origin_notice_unknown", ("origin_notice_id",))
    yield from _state(case)
    yield from _event_date(case)
    yield from _timing(case)
    yield from _kept(case)
    yield from _original(case)


def _state(case: Case) -> Iterator[Finding]:
    wanted = case.reason.leaves or _LEAVES.get(case.reason.action, "")
    if wanted and case.row.get("record_state") != wanted:
        yield Finding("state_conflict", ("record_state", "event_reason"))
    if case.reason.action == "entry" and case.before is not None:
        yield Finding("already_living", ("record_state",))
    if case.reason.action in {"deletion", "correction"} and case.before is None:
        yield Finding("no_living_record", ("record_state",))


def _event_date(case: Case) -> Iterator[Finding]:
    """Unknown and non-calendar event dates only where the standard allows them (1.1.8)."""
    value, wording = case.row.get("event_date", ""), case.row.get("event_date_wording", "")
    if wording and not case.reason.unknown_date:
        yield Finding("wording_not_allowed", ("event_date_wording",))
    if wording and calendar_date(value):
        yield Finding("date_and_wording", ("event_date", "event_date_wording"))
    if not value and not wording:
        yield Finding("required_missing", ("event_date",))
    if value and not (possible_date(value) if case.reason.unknown_date else calendar_date(value)):
        yield Finding("impossible_date", ("event_date",))


def _timing(case: Case) -> Iterator[Finding]:
    """Standard 4.1.3: only a move-out may lie ahead of its processing; 4.1.3 and 1.1.5 for the others."""
    row = case.row
    processed = calendar_date(row.get("processing_date", ""))
    if processed is None:
        yield Finding("impossible_date", ("processing_date",))
        return
    if processed > case.business_date:
        yield Finding("processing_after_business_date", ("processing_date",))
    if not case.reason.future_date and row.get("event_date", "") > processed.isoformat():
        yield Finding("future_event_date", ("event_date",))
    if row.get("birth_date", "") > processed.isoformat():
        yield Finding("birth_in_future", ("birth_date",))
    for name in ("arrival_notice_date", "filing_date"):
        value = row.get(name, "")
        if value and calendar_date(value) is None:
            yield Finding("impossible_date", (name,))
    if row.get("arrival_notice_date") and not case.reason.future_date:
        yield Finding("arrival_notice_not_allowed", ("arrival_notice_date",))


def _kept(case: Case) -> Iterator[Finding]:
    """Double registration: the deletion names the record that is kept (contract §7)."""
    kept = case.row.get("kept_registry_number", "")
    if case.reason.needs_kept and not kept:
        yield Finding("kept_missing", ("kept_registry_number",))
    if kept and kept == case.row.get("registry_number"):
        yield Finding("kept_is_self", ("kept_registry_number",))


def _original(case: Case) -> Iterator[Finding]:
    """A cancellation names its original: by number, or by reason and date where our ledger is younger."""
    if case.reason.action != "cancellation":
        return
    number = case.row.get("cancels_history_number", "")
    if number and (not number.isdigit() or int(number) >= int(case.row["history_number"])):
        yield Finding("cancellation_of_later_event", ("cancels_history_number",))
        return
    by_reason = case.row.get("cancelled_reason") and case.row.get("cancelled_event_date")
    if not by_reason and not (number and case.known.original_in_ledger):
        yield Finding("cancellation_without_original", ("cancelled_reason", "cancelled_event_date"))
