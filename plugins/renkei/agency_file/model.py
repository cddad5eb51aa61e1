"""An agency file as it was read, and what is expected of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

NOTICES: Final = "agency_notices"
DESCRIPTOR_NAME: Final = "datapackage.json"
ENTRIES: Final = (DESCRIPTOR_NAME, f"{NOTICES}.csv")
COUNTED_ACTIONS: Final = ("change", "correction", "loss")

LARGEST_DESCRIPTOR: Final = 1 << 20
LONGEST_LINE: Final = 1 << 15


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a package on disk: where its bytes begin, and how many there are."""

    name: str
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class AgencyFile:
    """A package of good form, whose rows lie on disk until they are asked for.

    `counts`: records by action, those of an action that is none under `other`. `register_totals`: the agency's
    living records (residents, by_category, by_status), by codes of our own lists only.
    """

    municipality: str
    counterparty: str
    serial: int
    sealed_at: datetime
    previous: str | None
    records: int
    counts: Mapping[str, int]
    register_totals: Mapping[str, Any]
    rows: Callable[[], Iterator[Mapping[str, str]]] = field(repr=False)
    """Gives the rows in order, one in memory at a time; personal."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a file under this name must say of itself: whose it is, its serial, and the package before it.

    `counterparty`: from whose outbox it came, `in_force`: who was the counterparty at an instant (None: nobody).
    `previous`: the digest of the package with serial - 1; `previous_known` is false where nobody ever saw that one.
    """

    municipality: str
    counterparty: str
    in_force: Callable[[datetime], str | None]
    serial: int
    previous: str | None
    previous_known: bool = True


@dataclass(frozen=True, slots=True)
class Package:
    """A package on disk and its two entries."""

    path: Path
    descriptor: Entry
    notices: Entry
