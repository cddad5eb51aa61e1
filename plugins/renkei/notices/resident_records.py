"""Family a, 市町村通知: an event of the resident record (domain §3 and §4, contract §7)."""

from collections.abc import Mapping
from dataclasses import replace

from renkei.notices.content import Finding
from renkei.notices.derived import Derived, Known
from renkei.notices.due import takes_effect
from renkei.notices.references import ReferenceKey, notice_id
from renkei.notices.rules import Case, deciding_date, event_findings, silence
from renkei.notices.wire import Site, checked, identity_items
from renkei.schemas import EventReason


def resident_record(case: Case, site: Site) -> Derived:
    """Return the notice of an event: due, planned, held, or silent with its reason."""
    row, reason, registry_number = case.row, case.reason, case.row["registry_number"]
    on = deciding_date(row, case.business_date)
    article = site.schemas.record_article(on)
    key = site.key(registry_number)
    cancelled = row.get("cancels_history_number", "") if reason.action == "cancellation" else ""
    base = Derived(
        notice_id=notice_id(key, site.municipality, "resident_records", registry_number, row["history_number"]),
        family="resident_records",
        registry_number=registry_number,
        history_number=int(row["history_number"]),
        own_number=None,
        person_reference=site.reference(registry_number),
        action=reason.action if reason.code else "",
        event_reason=row["event_reason"],
        article=article or "",
        legal_class=reason.legal_class,
        transmission="notice",
        event_date=row.get("event_date", ""),
        processing_date=row.get("processing_date", ""),
        business_date=case.business_date,
        due_date=case.business_date,
        state="due",
        cancels=_cancels(cancelled, case.known, key, site, registry_number),
        cancels_history_number=int(cancelled) if cancelled.isdigit() else None,
    )
    rule = silence(case) if reason.code else ""
    if rule:
        return replace(base, state="silent", rule=rule)
    unknown = [Finding("unknown_reason", ("event_reason",))] if not reason.code else []
    found = [*unknown, *event_findings(case)] if reason.code else unknown
    if article is None:
        found.append(Finding("no_article", ("event_date",)))
    facts = {
        **identity_items(base),
        "history_number": row["history_number"],
        "action": base.action,
        **_names_another(case, base, site),
    }
    content = site.wire_row("resident_records", row, facts, site.schemas.items.never(row["resident_category"]))
    return _planned(checked(base, content, found, on, site), reason, row)


def _cancels(number: str, known: Known, key: ReferenceKey, site: Site, registry_number: str) -> str:
    if not number or not known.original_in_ledger:
        return ""
    return notice_id(key, site.municipality, "resident_records", registry_number, number)


def _names_another(case: Case, base: Derived, site: Site) -> dict[str, str]:
    """Return the items that name another notice or person; reason and date only where no notice can be."""
    by_reason = case.reason.action == "cancellation" and not base.cancels
    kept = case.row.get("kept_registry_number", "") if case.reason.needs_kept else ""
    return {
        "cancels": base.cancels,
        "cancelled_reason": case.row.get("cancelled_reason", "") if by_reason else "",
        "cancelled_event_date": case.row.get("cancelled_event_date", "") if by_reason else "",
        "kept": site.reference(kept),
    }


def _planned(notice: Derived, reason: EventReason, row: Mapping[str, str]) -> Derived:
    """A move-out is due on its day, not before (contract §7); a day gone by is due with the next file."""
    day = takes_effect(row) if reason.future_date else None
    if day is None or day <= notice.business_date:
        return notice
    return replace(notice, due_date=day, state="planned" if notice.state == "due" else notice.state)
