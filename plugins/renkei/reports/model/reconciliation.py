"""The report of the other direction: what the agency told, what became of it, and how both sides stand.

One model for a run of `agency_notices` (its period is one business date) and for a month (contract §11).
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from renkei.reports.model.balance import AgencyEquation, HistoryDay
from renkei.reports.model.forms import Code, Digest, Text, checked
from renkei.reports.model.head import Head, Label


class Scope(StrEnum):
    """What a reconciliation tells of: one run, or a month."""

    RUN = "run"
    MONTH = "month"


class InboundState(StrEnum):
    """State of an agency file (contract §5)."""

    SEEN = "seen"
    QUARANTINED = "quarantined"
    OPENED = "opened"
    INGESTED = "ingested"
    ACKNOWLEDGED = "acknowledged"
    VOID = "void"


@dataclass(frozen=True, slots=True)
@checked
class Period:
    """The business dates that the report covers, both included.

    Attributes:
        scope: one run, or a month.
        first: first business date.
        last: last business date.
    """

    scope: Scope
    first: date
    last: date


@dataclass(frozen=True, slots=True)
@checked
class InboundFile:
    """An agency file that was seen in the period or still waits; source: ledger files, direction in.

    Attributes:
        serial: the agency's serial, from 1.
        counterparty: who sealed it, by official name.
        state: its state when the report was made.
        layer: layer at which it failed; None where it did not.
        records: records in the file; None before it was opened.
        package_sha256: digest of the package inside; None before it was opened.
        sealed_sha256: digest of the sealed bytes; None before it was fetched.
        seen_at: instant at which the listing first showed it.
        answers: answers given to it.
    """

    serial: int
    counterparty: Label
    state: InboundState
    layer: Code | None
    records: int | None
    package_sha256: Digest | None
    sealed_sha256: Digest | None
    seen_at: datetime | None
    answers: int


@dataclass(frozen=True, slots=True)
@checked
class Gap:
    """The serial that is missing while later ones are there: an alarm with its age.

    Attributes:
        serial: first missing serial.
        since: day on which a later file was first seen.
        age_days: whole days since then.
    """

    serial: int
    since: date
    age_days: int


@dataclass(frozen=True, slots=True)
@checked
class ClassCount:
    """Notices of one class taken in during the period (domain §7).

    Attributes:
        notice_class: the class (`schemas/codes/agency_notice_classes.csv`).
        count: notices.
    """

    notice_class: Label
    count: int


@dataclass(frozen=True, slots=True)
@checked
class OpenClass:
    """Proposals of one class that are still open.

    Attributes:
        notice_class: the class.
        count: open notices.
        oldest_days: whole days since the oldest of them was taken in.
        next_step_ja: what to do next, in Japanese.
        next_step_en: the same in English.
    """

    notice_class: Label
    count: int
    oldest_days: int
    next_step_ja: Text
    next_step_en: Text


@dataclass(frozen=True, slots=True)
@checked
class Movement:
    """Proposals opened and closed in the period.

    Attributes:
        taken_in: notices taken in.
        opened: of them proposals that a person works on, or that wait for us.
        applied: closed because a later extract shows them applied.
        by_person: closed by a person with a reason.
        own_same_person: persons of these notices for whom the ward told something of its own in the period.
    """

    taken_in: int = 0
    opened: int = 0
    applied: int = 0
    by_person: int = 0
    own_same_person: int = 0


@dataclass(frozen=True, slots=True)
@checked
class WorklistFile:
    """A worklist written in the period.

    Attributes:
        business_date: its business date.
        amendment: 0 for the first, then counted up.
        lines: proposals in it.
        sha256: digest of the workbook.
    """

    business_date: date
    amendment: int
    lines: int
    sha256: Digest


@dataclass(frozen=True, slots=True)
@checked
class StatusTotal:
    """Living records of one status of residence on both sides.

    Attributes:
        status: status of residence (`schemas/codes/statuses_of_residence.csv`), in Japanese.
        ours: records by the ward's register totals.
        agency: records by the agency's register totals.
    """

    status: Text
    ours: int
    agency: int


@dataclass(frozen=True, slots=True)
@checked
class SentTotals:
    """Reconciliation of what we sent: sent = accepted + refused + waiting (contract §11).

    Attributes:
        serial: the file's serial.
        business_date: its business date.
        sent: records in it.
        accepted: records that the agency accepted.
        refused: records that it refused.
        waiting: records without an answer.
        corrected: refused records whose notice was accepted in a later file.
        age_days: days since sealing while it has no receipt; None with one.
    """

    serial: int
    business_date: date
    sent: int
    accepted: int
    refused: int
    waiting: int
    corrected: int
    age_days: int | None

    @property
    def closes(self) -> bool:
        """Tell whether the equation closes."""
        return self.sent == self.accepted + self.refused + self.waiting


@dataclass(frozen=True, slots=True)
@checked
class InboundDay:
    """One business date of the chart of agency notices.

    Attributes:
        day: the business date.
        applied: notices of that day that are applied or were so already.
        open: notices of that day that are still open.
        other: notices of that day that are answered otherwise (moved away, not ours …).
    """

    day: date
    applied: int
    open: int
    other: int


@dataclass(frozen=True, slots=True)
@checked
class Reconciliation:
    """What the agency told in a period, what became of it, and whether both sides agree.

    Attributes:
        head: between whom, on what ground, by which run.
        period: the business dates covered.
        files: agency files seen in the period or still waiting, by serial.
        gap: the first missing serial; None without a gap.
        classes: notices taken in during the period, by class.
        movement: what was opened and closed.
        open: what is still open, by class and age.
        worklists: worklists written in the period.
        agreement: both registers by category; None before both sides told totals.
        statuses: both registers by status of residence.
        sent: what we sent in the period, per serial.
        history: the period's outbound days (for a run: the last 30 days).
        inbound: the period's inbound days (for a run: the last 30 days).
    """

    head: Head
    period: Period
    files: tuple[InboundFile, ...] = ()
    gap: Gap | None = None
    classes: tuple[ClassCount, ...] = ()
    movement: Movement = field(default_factory=Movement)
    open: tuple[OpenClass, ...] = ()
    worklists: tuple[WorklistFile, ...] = ()
    agreement: AgencyEquation | None = None
    statuses: tuple[StatusTotal, ...] = ()
    sent: tuple[SentTotals, ...] = ()
    history: tuple[HistoryDay, ...] = ()
    inbound: tuple[InboundDay, ...] = ()
