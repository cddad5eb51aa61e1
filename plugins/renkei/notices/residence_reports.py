"""Family b, 市町村伝達: the relay of a person's own report of the place of residence (domain §3)."""

from collections.abc import Mapping
from dataclasses import replace

from renkei.notices.content import Finding
from renkei.notices.derived import Derived
from renkei.notices.forms import calendar_date
from renkei.notices.references import notice_id
from renkei.notices.rules import deciding_date
from renkei.notices.wire import Site, checked, identity_items, not_ahead
from renkei.schemas import Article, EventReason

# Subjects ② (domain §1): only special permanent residents may live here without a resident record.
_WITHOUT_RECORD = "special_permanent"
_NO_ARTICLE = Article("", "immigration", "relay")


def report_with_event(row: Mapping[str, str], reason: EventReason, site: Site) -> Derived | None:
    """Return the residence report of the same visit: only with the card presented, only where one exists."""
    filing = row.get("filing_article", "")
    if row.get("card_presented") != "1" or not filing or row.get("origin") == "agency_notice":
        return None
    if reason.action in {"deletion", "cancellation"}:
        return None
    number = row["history_number"]
    identity = ("residence_reports", row["registry_number"], number)
    return _report(row, row.get("filing_date", ""), identity, None, site)


def report_without_event(row: Mapping[str, str], site: Site) -> Derived:
    """Return the notice of a report that stands by itself; held where the law knows none like it."""
    own = row["report_number"]
    notice = _report(row, row.get("report_date", ""), ("residence_reports", own), own, site)
    return _held_report(row, own, site) if notice is None else notice


def _report(
    row: Mapping[str, str], report_date: str, identity: tuple[str, ...], own: str | None, site: Site
) -> Derived | None:
    """Return a notice of family b; None where category and filing know no residence report at all."""
    on = calendar_date(report_date) or deciding_date(row, site.business_date)
    category, filing = row["resident_category"], row.get("filing_article", "")
    article = site.schemas.residence_article(category, filing, row.get("status_acquired_by", ""), on)
    if article is None and not site.schemas.is_residence_filing(category, filing, on):
        return None
    found = [Finding("no_article", ("filing_article", "status_acquired_by"))] if article is None else []
    if not row.get("registry_number") and category != _WITHOUT_RECORD:
        found.append(Finding("no_resident_record", ("registry_number", "resident_category")))
    base = _report_base(row, identity, own, article or _NO_ARTICLE, site)
    facts = {**identity_items(base), "report_date": report_date, "cancels": ""}
    content = site.wire_row("residence_reports", row, facts, frozenset())
    return checked(base, content, [*found, *not_ahead(report_date, "report_date", row)], on, site)


def _held_report(row: Mapping[str, str], own: str, site: Site) -> Derived:
    """A report in the extract is never dropped: where the law knows none for it, a person looks at it."""
    base = _report_base(row, ("residence_reports", own), own, _NO_ARTICLE, site)
    content = site.wire_row("residence_reports", row, identity_items(base), frozenset())
    fields = ("resident_category", "filing_article")
    return replace(base, state="held", rule="no_article", fields=fields, content=content)


def _report_base(
    row: Mapping[str, str], identity: tuple[str, ...], own: str | None, article: Article, site: Site
) -> Derived:
    registry_number, history = row.get("registry_number", ""), row.get("history_number", "")
    return Derived(
        notice_id=notice_id(site.key(registry_number), site.municipality, *identity),
        family="residence_reports",
        registry_number=registry_number or None,
        history_number=int(history) if history else None,
        own_number=own,
        person_reference=site.reference(registry_number),
        action="",
        event_reason="",
        article=article.cite,
        legal_class=article.legal_class,
        transmission=article.transmission,
        event_date=row.get("event_date", ""),
        processing_date=row.get("processing_date", ""),
        business_date=site.business_date,
        due_date=site.business_date,
        state="due",
    )
