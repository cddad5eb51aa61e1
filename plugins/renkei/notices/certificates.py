"""Family c, 市町村通知: a special permanent resident certificate was handed over (domain §3)."""

from collections.abc import Mapping

from renkei.notices.content import Finding
from renkei.notices.derived import Derived
from renkei.notices.forms import calendar_date
from renkei.notices.references import notice_id
from renkei.notices.wire import Site, checked, identity_items, not_ahead


def certificate(row: Mapping[str, str], site: Site) -> Derived:
    """Return the notice of a certificate: issued, when, its number, and nothing else."""
    registry_number, issued = row.get("registry_number", ""), row.get("issue_date", "")
    on = calendar_date(issued) or site.business_date
    article = site.schemas.certificate_article(row["article"], on)
    identity = ("certificates", row["certificate_number"], row["article"])
    base = Derived(
        notice_id=notice_id(site.key(registry_number), site.municipality, *identity),
        family="certificates",
        registry_number=registry_number or None,
        history_number=None,
        own_number=row["handover_number"],
        person_reference=site.reference(registry_number),
        action="",
        event_reason="",
        article=article.cite if article else "",
        legal_class=article.legal_class if article else "immigration",
        transmission=article.transmission if article else "notice",
        event_date=issued,
        processing_date=row.get("processing_date", ""),
        business_date=site.business_date,
        due_date=site.business_date,
        state="due",
    )
    found = [Finding("no_article", ("article",))] if article is None else []
    content = site.wire_row("certificates", row, identity_items(base), frozenset())
    return checked(base, content, [*found, *not_ahead(issued, "issue_date", row)], on, site)
