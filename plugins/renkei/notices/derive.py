"""From an event, a handover or a report to its notices. Pure: same input, same notices, no ledger.

Family a for the event itself, family b beside it when the card was presented, family c for certificates
(domain §3–4). What the ledger must know first stands in `Known`; what it decides after (behind, never told,
told by, supplement, attempt) is not done here.
"""

from collections.abc import Mapping
from datetime import date

from renkei.notices.certificates import certificate
from renkei.notices.derived import Derived, HasRow, Known
from renkei.notices.references import ReferenceKeys
from renkei.notices.residence_reports import report_with_event, report_without_event
from renkei.notices.resident_records import resident_record
from renkei.notices.rules import Case, deciding_date
from renkei.notices.wire import Site
from renkei.schemas import EventReason, Schemas

# A code that is not in force: the notice is held, the reason's other facts decide nothing.
_UNKNOWN_REASON = EventReason("", "", "correction", notice=True, legal_class="both")
_NOTHING_KNOWN = Known()


def derive(
    event: HasRow,
    before: Mapping[str, str] | None,
    *,
    schemas: Schemas,
    keys: ReferenceKeys,
    municipality: str,
    business_date: date,
    known: Known = _NOTHING_KNOWN,
) -> tuple[Derived, ...]:
    """Return the notices of one event: family a always (silent ones too), b where there is one.

    `before`: the person's living row immediately before the event, None where there was none; a planned
    move-out whose day has come is already applied. `business_date`: that of the extract with the event.
    """
    site = Site(schemas, keys, municipality, business_date)
    row = event.row
    reason = schemas.event_reason(row["event_reason"], deciding_date(row, business_date))
    record = resident_record(Case(row, before, reason or _UNKNOWN_REASON, known, business_date, schemas), site)
    report = report_with_event(row, reason or _UNKNOWN_REASON, site)
    return (record,) if report is None else (record, report)


def derive_report(
    report: HasRow, *, schemas: Schemas, keys: ReferenceKeys, municipality: str, business_date: date
) -> tuple[Derived, ...]:
    """Return the notice of a report without an event: card brought later, or no resident record here."""
    site = Site(schemas, keys, municipality, business_date)
    return (report_without_event(report.row, site),)


def derive_handover(
    handover: HasRow, *, schemas: Schemas, keys: ReferenceKeys, municipality: str, business_date: date
) -> tuple[Derived, ...]:
    """Return the notice of a special permanent resident certificate handed over (family c)."""
    site = Site(schemas, keys, municipality, business_date)
    return (certificate(handover.row, site),)
