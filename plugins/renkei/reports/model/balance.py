"""The three equations, what waits for a person, the state of the day and the last 30 days."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from renkei.reports.model.forms import FieldName, Text, checked
from renkei.reports.model.head import Label


@dataclass(frozen=True, slots=True)
@checked
class RegistryEquation:
    """Residents yesterday + entries - deletions effective today = residents today (contract §11); persons.

    Attributes:
        yesterday: residents in the last proven extract.
        entries: persons who came in.
        deletions: persons who left, with effect up to today.
        today: residents in today's extract.
    """

    yesterday: int
    entries: int
    deletions: int
    today: int

    @property
    def closes(self) -> bool:
        """Tell whether the equation closes."""
        return self.yesterday + self.entries - self.deletions == self.today


@dataclass(frozen=True, slots=True)
@checked
class NoticeEquation:
    """Waiting + derived + planned now due = sealed + held + behind + silent + never told (contract §11).

    Attributes:
        waiting: due, held or behind at the end of yesterday.
        derived: derived today, the silent ones included, the planned ones not.
        planned_now_due: planned earlier, due today.
        sealed: in the files sealed for today.
        held: held at the end of today.
        behind: waiting behind them.
        silent: without a notice, by rule.
        never_told: cancelled before they were told.
    """

    waiting: int
    derived: int
    planned_now_due: int
    sealed: int
    held: int
    behind: int
    silent: int
    never_told: int

    @property
    def closes(self) -> bool:
        """Tell whether the equation closes."""
        came = self.waiting + self.derived + self.planned_now_due
        return came == self.sealed + self.held + self.behind + self.silent + self.never_told


@dataclass(frozen=True, slots=True)
@checked
class CategoryTotal:
    """Living records of one resident category on both sides.

    Attributes:
        category: resident category (`schemas/codes/resident_categories.csv`).
        ours: records by the ward's register totals of the file.
        agency: records by the receipt's register totals.
    """

    category: Label
    ours: int
    agency: int


@dataclass(frozen=True, slots=True)
@checked
class AgencyEquation:
    """The agency's register = ours, but for the persons listed as open (contract §11); persons.

    Attributes:
        ours: residents by the ward's register totals.
        agency: residents by the last receipt's register totals.
        open_persons: persons listed as open, whose records may differ.
        categories: both sides by resident category.
    """

    ours: int
    agency: int
    open_persons: int
    categories: tuple[CategoryTotal, ...] = ()

    @property
    def closes(self) -> bool:
        """Tell whether the sides differ by no more than the open persons can explain.

        One open person moves the total by one at most, and two categories by one each.
        """
        apart = sum(abs(line.ours - line.agency) for line in self.categories)
        return abs(self.ours - self.agency) <= self.open_persons and apart <= 2 * self.open_persons


@dataclass(frozen=True, slots=True)
@checked
class Equations:
    """The three equations; None where the day gave no numbers (no extract, no receipt yet).

    Attributes:
        registry: the registry's.
        notices: the notices'.
        agency: the agency's.
    """

    registry: RegistryEquation | None = None
    notices: NoticeEquation | None = None
    agency: AgencyEquation | None = None


class WaitKind(StrEnum):
    """Kind of an open item (ledger: open_items.kind)."""

    DIFFERENCE = "difference"
    HOLD = "hold"
    REFUSED = "refused"
    DAY = "day"
    FILE = "file"


@dataclass(frozen=True, slots=True)
@checked
class Wait:
    """Something that now waits for a person; source: ledger open_items.

    Attributes:
        open_item: its number.
        kind: its kind.
        rule: the rule or code that opened it.
        fields: names of the items concerned.
        business_date: business date on which it arose.
        since: day since which it waits.
        age_days: whole days since then.
        next_step_ja: what to do next, in Japanese.
        next_step_en: the same in English.
    """

    open_item: int
    kind: WaitKind
    rule: Label
    fields: tuple[FieldName, ...]
    business_date: date
    since: date
    age_days: int
    next_step_ja: Text
    next_step_en: Text


class DayStateName(StrEnum):
    """State of a business day (contract §5)."""

    OPEN = "open"
    REQUESTED = "requested"
    SEALED = "sealed"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True)
@checked
class DayState:
    """State of the business day when the report was made; source: ledger days.

    Attributes:
        state: its state.
        blocked_by: why it cannot be sealed: error or rule with its texts; None where nothing blocks it.
        blocked_day: the earlier day that must be settled first; None where it is this day itself.
    """

    state: DayStateName
    blocked_by: Label | None = None
    blocked_day: date | None = None


@dataclass(frozen=True, slots=True)
@checked
class HistoryDay:
    """One business day of the chart; notices.

    Attributes:
        day: the business date.
        accepted: records that the agency accepted.
        refused: records that it refused.
        held: notices held or behind at the end of that day.
    """

    day: date
    accepted: int
    refused: int
    held: int
