"""The report's model: one frozen instance per run and attempt; HTML, CSV and JSON are views of it.

Plain data: counts, dates, digests, codes and their labels; the corridor fills it from the ledger. No class
has a field that could hold a name, an address, a card number, a birth date or a registry number: every string
has a form (`forms`), and notices are named by serial and record number or by the number of their open item.
Instants are aware; they are shown in Asia/Tokyo.
"""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from renkei.reports.model.balance import (
    AgencyEquation,
    CategoryTotal,
    DayState,
    DayStateName,
    Equations,
    HistoryDay,
    NoticeEquation,
    RegistryEquation,
    Wait,
    WaitKind,
)
from renkei.reports.model.exchange import (
    Ages,
    Answer,
    CodeCount,
    FileState,
    LateNotice,
    Outcome,
    RefusedRecord,
    SentFile,
)
from renkei.reports.model.forms import checked, shown_run
from renkei.reports.model.head import (
    ClockNote,
    Head,
    Label,
    LegalReference,
    Medium,
    Municipality,
    Subjects,
    TrailHead,
)
from renkei.reports.model.notices import (
    BehindGroup,
    ExtractFile,
    ExtractState,
    Family,
    HeldGroup,
    Intake,
    Notices,
    PlannedGroup,
    ReasonCount,
)
from renkei.reports.model.reconciliation import (
    ClassCount,
    Gap,
    InboundDay,
    InboundFile,
    InboundState,
    Movement,
    OpenClass,
    Period,
    Reconciliation,
    Scope,
    SentTotals,
    StatusTotal,
    WorklistFile,
)


@dataclass(frozen=True, slots=True)
@checked
class RunReport:
    """What one attempt of one run has to say about its business day.

    Attributes:
        head: between whom, on what ground, for which day, by which run.
        day: state of the business day when the report was made.
        intake: the day's extract; None where none was found.
        notices: what was derived and what stands beside the file.
        sent: files sealed for this business date, by serial.
        answers: verified receipts for these files, by serial.
        equations: the three equations of contract §11.
        ages: age from processing date to receipt.
        waits: everything that now waits for a person, oldest first, all days.
        history: the last 30 business dates, oldest first, this one last.
    """

    head: Head
    day: DayState
    intake: Intake | None = None
    notices: Notices = field(default_factory=Notices)
    sent: tuple[SentFile, ...] = ()
    answers: tuple[Answer, ...] = ()
    equations: Equations = field(default_factory=Equations)
    ages: Ages = field(default_factory=Ages)
    waits: tuple[Wait, ...] = ()
    history: tuple[HistoryDay, ...] = ()


@dataclass(frozen=True, slots=True)
@checked
class DaySummary:
    """One line of the table at the end of `make run`.

    Attributes:
        business_date: the business date.
        serial: 通番; None where the day has no file.
        counterparty: 結合の相手方; None where the day has no file.
        resident_records: records of family a in the file.
        residence_reports: records of family b.
        certificates: records of family c.
        accepted: records that the agency accepted.
        refused: records that it refused.
        held: notices held or behind at the end of the day.
        receipt: outcome of the receipt; None where there is none yet.
        report: path of the day's newest report; None where there is none.
    """

    business_date: date
    serial: int | None
    counterparty: Label | None
    resident_records: int
    residence_reports: int
    certificates: int
    accepted: int
    refused: int
    held: int
    receipt: Outcome | None
    report: Path | None = None


__all__ = [
    "AgencyEquation",
    "Ages",
    "Answer",
    "BehindGroup",
    "CategoryTotal",
    "ClassCount",
    "ClockNote",
    "CodeCount",
    "DayState",
    "DayStateName",
    "DaySummary",
    "Equations",
    "ExtractFile",
    "ExtractState",
    "Family",
    "FileState",
    "Gap",
    "Head",
    "HeldGroup",
    "HistoryDay",
    "InboundDay",
    "InboundFile",
    "InboundState",
    "Intake",
    "Label",
    "LateNotice",
    "LegalReference",
    "Medium",
    "Movement",
    "Municipality",
    "NoticeEquation",
    "Notices",
    "OpenClass",
    "Outcome",
    "Period",
    "PlannedGroup",
    "ReasonCount",
    "Reconciliation",
    "RefusedRecord",
    "RegistryEquation",
    "RunReport",
    "Scope",
    "SentFile",
    "SentTotals",
    "StatusTotal",
    "Subjects",
    "TrailHead",
    "Wait",
    "WaitKind",
    "WorklistFile",
    "shown_run",
]
