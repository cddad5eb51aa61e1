"""What a derivation gives: one `Derived` per notice, and the facts of the ledger that it may need."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol

Family = Literal["resident_records", "residence_reports", "certificates"]
State = Literal["due", "planned", "held", "silent"]


class HasRow(Protocol):
    """An event, a handover or a report as the registry room gives it: its row, column → value."""

    @property
    def row(self) -> Mapping[str, str]:
        """The row's columns; empty text where nothing is known."""
        ...


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger knows that a derivation depends on.

    `taken_in`: item → value of the agency notices taken in for the person whose events may be echoes
    (`record_state` = `deleted` for a loss); None where there is no such notice.
    `original_in_ledger`: False where a cancelled event is older than our ledger (contract §7).
    """

    taken_in: Mapping[str, str] | None = field(default=None, repr=False)
    original_in_ledger: bool = True


@dataclass(frozen=True, slots=True)
class Derived:
    """One notice as its event gives it, before the ledger decides when it goes (contract §3–5).

    state      due · planned (its day has not come) · held (`rule` of rules/hold_rules.csv) · silent
               (`rule` of rules/silent_rules.csv)
    fields     names of the items concerned and code points such as `U+9AD9`, never values
    replaced   `item U+XXXX>U+YYYY` for each replacement by codes/kanji_replacements.csv
    due_date   the first business date whose file carries it
    own_number report or handover number, where the notice has no event
    content    the wire row without `record_number`, `attempt` and `supplement`; empty when silent
    """

    notice_id: str
    family: Family
    registry_number: str | None = field(repr=False)
    history_number: int | None
    own_number: str | None
    person_reference: str
    action: str
    event_reason: str
    article: str
    legal_class: str
    transmission: str
    event_date: str
    processing_date: str
    business_date: date
    due_date: date
    state: State
    rule: str = ""
    fields: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    cancels: str = ""
    cancels_history_number: int | None = None
    content: Mapping[str, str] = field(default_factory=dict, repr=False)
