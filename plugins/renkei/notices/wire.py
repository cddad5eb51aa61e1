"""From facts and a registry row to a wire row, checked: what the three families share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from renkei.notices.content import FILLED_IN_LATER, Finding, carry_all, content_findings, merged
from renkei.notices.derived import Derived, Family
from renkei.notices.references import ReferenceKey, ReferenceKeys, person_reference
from renkei.schemas import Schemas


@dataclass(frozen=True, slots=True)
class Site:
    """What one derivation shares: rules, keys, sender, business date of the extract."""

    schemas: Schemas
    keys: ReferenceKeys
    municipality: str
    business_date: date

    def layout(self) -> str:
        """Return the exchange layout of the business date."""
        return self.schemas.layout_on(self.business_date)

    def key(self, registry_number: str) -> ReferenceKey:
        """Return the key of a person, or the newest for whom has no registry number."""
        return self.keys.for_person(registry_number) if registry_number else self.keys.newest

    def reference(self, registry_number: str) -> str:
        """Return the person reference; empty for a subject without a resident record."""
        if not registry_number:
            return ""
        return person_reference(self.key(registry_number), self.municipality, registry_number)

    def wire_row(
        self, family: Family, row: Mapping[str, str], facts: Mapping[str, str], never: frozenset[str]
    ) -> dict[str, str]:
        """Take each column of the family's layout: a fact of the notice, else the row's own value."""
        layout = self.layout()
        names = self.schemas.kept(("wire", layout, family), lambda: self._names(layout, family))
        own = {name: "" if name in never else row.get(name, "") for name in names}
        own.update((name, value) for name, value in facts.items() if name in own)
        return own

    def _names(self, layout: str, family: Family) -> tuple[str, ...]:
        names = self.schemas.fields("exchange", layout, family)
        return tuple(name for name in names if name not in FILLED_IN_LATER)


def identity_items(notice: Derived) -> dict[str, str]:
    """Return the items that every family's row takes from the notice, not from the registry."""
    return {
        "notice_id": notice.notice_id,
        "business_date": notice.business_date.isoformat(),
        "person_reference": notice.person_reference,
        "article": notice.article,
        "legal_class": notice.legal_class,
        "transmission": notice.transmission,
    }


def checked(notice: Derived, content: Mapping[str, str], found: Iterable[Finding], on: date, site: Site) -> Derived:
    """Return the notice with its content, replacements applied; held by the first rule that it breaks."""
    carrying = carry_all(content, site.schemas, site.business_date)
    checks = content_findings(notice.family, carrying.content, site.schemas, on, site.layout())
    rule, fields = merged([*found, *checks, *carrying.findings])
    told = replace(notice, content=carrying.content, replaced=carrying.replaced)
    return replace(told, state="held", rule=rule, fields=fields) if rule else told


def not_ahead(value: str, name: str, row: Mapping[str, str]) -> list[Finding]:
    """Check that a date of report or issue does not lie after the day of processing."""
    return [Finding("future_event_date", (name,))] if value > row.get("processing_date", "") else []
