"""Head of the report: between whom, on what legal ground, for which day, by which run."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from renkei.reports.model.forms import Code, Digest, MunicipalityCode, RunReference, Text, Version, checked


@dataclass(frozen=True, slots=True)
@checked
class Label:
    """A code and what it is called, as a code list or rule file of `schemas/` has it.

    Attributes:
        code: the code itself; source: the list or rule file.
        ja: its name in Japanese.
        en: its name in English.
    """

    code: Code
    ja: Text
    en: Text


@dataclass(frozen=True, slots=True)
@checked
class Municipality:
    """The ward that sends.

    Attributes:
        code: six digits, check digit included; source: settings.
        ja: its name in Japanese; source: settings.
        en: its name in English; source: settings.
    """

    code: MunicipalityCode
    ja: Text
    en: Text


@dataclass(frozen=True, slots=True)
@checked
class LegalReference:
    """The articles in force on the business date for one flow; source: `schemas/counterparties.toml`.

    Attributes:
        flow: `a`, `b`, `c`, `d` (domain §1) or `protection`.
        ja: what the flow is called that day.
        law: article of the law, in Japanese as it is cited.
        order: article of the cabinet order; None where there is none.
    """

    flow: Code
    ja: Text
    law: Text
    order: Text | None = None


class Medium(StrEnum):
    """Form of the connection: the line, or media while the line is down (domain §1)."""

    LINE = "line"
    MEDIA = "media"


@dataclass(frozen=True, slots=True)
@checked
class Subjects:
    """Subjects of the connection and their numbers (domain §1).

    Attributes:
        residents: ① foreign residents with an address in the ward, persons; source: the day's residents.csv.
        others: ② others with only a 居住地 here, persons; source: residence_reports.csv, distinct persons.
    """

    residents: int
    others: int


@dataclass(frozen=True, slots=True)
@checked
class ClockNote:
    """Which clock the run went by.

    Attributes:
        written_at: instant at which the report was made, by that clock.
        faked: True where the clock is not the machine's (demo, replay).
    """

    written_at: datetime
    faked: bool


@dataclass(frozen=True, slots=True)
@checked
class TrailHead:
    """Head of the audit trail when the report was made (contract §10).

    Attributes:
        number: number of the last row.
        hash: its hash.
    """

    number: int
    hash: Digest


@dataclass(frozen=True, slots=True)
@checked
class Head:
    """Head of the report.

    Attributes:
        municipality: the ward that sends.
        business_date: the business date, Asia/Tokyo.
        counterparty: 結合の相手方 by official name, the one in force for this day's file; source: peers.
        agency_notice: name of flow d that day (法務省通知, 出入国在留管理庁通知), in Japanese.
        references: articles in force on the business date, in the order of the flows.
        subjects: subjects ① and ②; None where no extract was read.
        medium: form of the connection.
        run_reference: the run, as `shown_run` gives it.
        attempt: attempt of the run, from 1.
        product_version: `renkei.__version__`.
        schemas_digest: digest of `schemas/` (contract §9).
        clock: which clock the run went by.
        trail_head: head of the audit trail.
    """

    municipality: Municipality
    business_date: date
    counterparty: Label
    agency_notice: Text
    references: tuple[LegalReference, ...]
    subjects: Subjects | None
    medium: Medium
    run_reference: RunReference
    attempt: int
    product_version: Version
    schemas_digest: Digest
    clock: ClockNote
    trail_head: TrailHead
