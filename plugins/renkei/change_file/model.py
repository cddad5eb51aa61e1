"""What goes into a change file and what comes out of writing one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

FAMILIES = ("resident_records", "residence_reports", "certificates")
DESCRIPTOR_NAME = "datapackage.json"
ENTRIES = (DESCRIPTOR_NAME, *(f"{family}.csv" for family in FAMILIES))

# In the counts, family a stands by action, the others by cited article.
COUNTED_BY = {"resident_records": "action", "residence_reports": "article", "certificates": "article"}

# family → action (a) or cited article (b, c) → records
Counts = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Record:
    """One notice in the file: its family, how often it has been sent, and its wire row as derived.

    `content` holds every column of the family's layout but record_number, attempt and supplement.
    """

    family: str
    attempt: int
    supplement: bool
    content: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Descriptor:
    """What the member `renkei` of datapackage.json says beyond the records (contract §2, §7, §9).

    `sealed_at` bears its offset; `previous` is the SHA-256 of the package with serial − 1, None for serial 1;
    `register_totals` counts the ward's living records: residents, by_category, by_status.
    """

    municipality: str
    counterparty: str
    business_date: date
    serial: int
    sealed_at: datetime
    previous: str | None
    register_totals: Mapping[str, Any]
    trail_head_number: int
    trail_head_hash: str


@dataclass(frozen=True, slots=True)
class Package:
    """A package on disk, not sealed yet."""

    path: Path
    sha256: str
    bytes: int
    records: int
    counts: Counts


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """One record of a package as read: number, family, all columns."""

    number: int
    family: str
    content: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChangeFile:
    """A package as read: the member `renkei` and the records in the order of taking in."""

    renkei: Mapping[str, Any]
    records: tuple[ReadRecord, ...]
