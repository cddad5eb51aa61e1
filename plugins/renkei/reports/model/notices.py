"""What came in and what became of it: extract, derived, silent, planned, held, behind, never told."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from renkei.reports.model.forms import CodePoint, Digest, FieldName, FileName, Version, checked
from renkei.reports.model.head import Label


class Family(StrEnum):
    """Family of a notice (domain §3): a, b, c, by the names of the files in the package."""

    RESIDENT_RECORDS = "resident_records"
    RESIDENCE_REPORTS = "residence_reports"
    CERTIFICATES = "certificates"


class ExtractState(StrEnum):
    """What became of an extract (ledger: extracts.state)."""

    BASELINE = "baseline"
    PROVEN = "proven"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
@checked
class ExtractFile:
    """One file of the extract; source: its manifest.json.

    Attributes:
        name: file name, as the contract fixes it.
        rows: rows without the header.
        size: bytes.
        sha256: digest that the file was found to have.
    """

    name: FileName
    rows: int
    size: int
    sha256: Digest


@dataclass(frozen=True, slots=True)
@checked
class Intake:
    """The extract of the day (contract §6); source: ledger extracts and its manifest.

    Attributes:
        state: what became of it.
        correction: 0 the first extract of the day, n its n-th correction.
        layout_version: version of the extract's layout.
        cut_off: instant up to which it holds what was processed.
        previous_cut_off: that of the last proven extract; None on a baseline.
        manifest_sha256: digest of manifest.json.
        files: its files, in the order of the manifest.
        persons_compared: persons whose rows differ from yesterday's or who have events.
        persons_proven: of these, persons for whom the proof closes.
        persons_open: of these, persons for whom it does not; each stands among what waits for a person.
        refused_rule: why it was refused whole; None where it was not.
    """

    state: ExtractState
    correction: int
    layout_version: Version
    cut_off: datetime
    previous_cut_off: datetime | None
    manifest_sha256: Digest
    files: tuple[ExtractFile, ...]
    persons_compared: int
    persons_proven: int
    persons_open: int
    refused_rule: Label | None = None


@dataclass(frozen=True, slots=True)
@checked
class ReasonCount:
    """Notices of one family with one reason.

    Attributes:
        family: family of the notices.
        reason: event reason (a), article (b, c), or the rule that made them silent or never told.
        count: notices.
    """

    family: Family
    reason: Label
    count: int


@dataclass(frozen=True, slots=True)
@checked
class PlannedGroup:
    """Planned move-outs that fall due on one day (contract §7).

    Attributes:
        due_date: day on which they fall due, as known today.
        count: notices.
    """

    due_date: date
    count: int


@dataclass(frozen=True, slots=True)
@checked
class HeldGroup:
    """Notices held by one rule, with the items concerned and never a value.

    Attributes:
        rule: hold rule (`schemas/rules/hold_rules.csv`).
        fields: names of the items concerned.
        code_points: characters that cannot be carried, as code points.
        count: notices.
        open_items: numbers of the open items in the ledger.
    """

    rule: Label
    fields: tuple[FieldName, ...]
    code_points: tuple[CodePoint, ...]
    count: int
    open_items: tuple[int, ...]


@dataclass(frozen=True, slots=True)
@checked
class BehindGroup:
    """Notices that wait behind a held or refused one of the same person (contract §3).

    Attributes:
        open_item: number of the open item they wait for.
        count: notices.
    """

    open_item: int
    count: int


@dataclass(frozen=True, slots=True)
@checked
class Notices:
    """What was derived this day and what stands beside the file; source: ledger notices.

    Attributes:
        derived: notices that this day's events made, by family and reason, whatever became of them.
        silent: events that make no notice, by the rule that says so.
        planned: planned move-outs not yet due, all days.
        held: notices held at the end of the run, all days.
        behind: notices waiting behind them, all days.
        never_told: notices cancelled before they were told, this day.
        supplement: notices of an earlier day that a corrected extract brought, this day (contract §6).
    """

    derived: tuple[ReasonCount, ...] = ()
    silent: tuple[ReasonCount, ...] = ()
    planned: tuple[PlannedGroup, ...] = ()
    held: tuple[HeldGroup, ...] = ()
    behind: tuple[BehindGroup, ...] = ()
    never_told: tuple[ReasonCount, ...] = ()
    supplement: int = 0
