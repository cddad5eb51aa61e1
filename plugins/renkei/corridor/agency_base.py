"""The extract that agency notices are held to: the last one that was proven, and the very bytes of it."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import select

from renkei.corridor.house import House
from renkei.errors import NoBaseline, ProvenExtractChanged
from renkei.ledger import Tx
from renkei.ledger.states import ExtractState
from renkei.ledger.tables import Extract
from renkei.matching import items_of
from renkei.registry import Layout, Residents, extract_name, row_of
from renkei.registry.form import whole_lines
from renkei.registry.layout import Table
from renkei.schemas import Schemas


@dataclass(frozen=True, slots=True)
class Base:
    """The proven extract of a business date, its residents' file and their columns (`matching.Roll`)."""

    extract: Extract
    path: Path
    table: Table

    @property
    def name(self) -> str:
        """The extract's folder."""
        return self.path.parent.name

    @property
    def columns(self) -> Sequence[str]:
        """The columns of the residents' file."""
        return self.table.names

    def blocks(self) -> Iterator[bytes]:
        """Yield the lines of the residents' file in blocks, without the header."""
        for _, block in whole_lines(self.path):
            yield block

    def find(self, registry_number: str) -> dict[str, str] | None:
        """Return one person's living row, or None."""
        line = Residents(self.path).find(registry_number)
        return None if line is None else row_of(self.table, line)


def base_of(house: House, tx: Tx, day: date) -> Base:
    """Return the last extract up to a business date that was proven or is the baseline; raises `NoBaseline`."""
    extract = tx.session.scalars(
        select(Extract)
        .where(Extract.business_date <= day, Extract.state.in_([ExtractState.BASELINE, ExtractState.PROVEN]))
        .order_by(Extract.business_date.desc(), Extract.correction.desc())
        .limit(1)
    ).first()
    if extract is None:
        raise NoBaseline
    table = Layout.of(house.schemas, extract.business_date).residents
    folder = house.settings.extracts / extract_name(extract.business_date, extract.correction)
    return Base(extract, folder / table.file, table)


def agency_items(schemas: Schemas, day: date) -> tuple[str, ...]:
    """Return the items that an agency notice tells before and after, by the layout of a day."""
    return items_of(schemas.fields("exchange", schemas.layout_on(day), "agency_notices"))


def as_told(schemas: Schemas, row: Mapping[str, str]) -> dict[str, str]:
    """Return a living row as a notice would tell it: empty what its category never carries."""
    return {**row, **dict.fromkeys(schemas.items.never(row["resident_category"]), "")}


@contextmanager
def proven(base: Base) -> Iterator[None]:
    """Take the digest of the residents' file while the block reads it, and compare it with the proven one.

    Raises `ProvenExtractChanged`; nothing that was read may count then.
    """
    with ThreadPoolExecutor(1) as beside:
        digest = beside.submit(_digest, base.path)
        try:
            yield
        except OSError:
            raise ProvenExtractChanged(extract=base.name) from None
        finally:
            _compare(digest, base)


def _compare(digest: "Future[str]", base: Base) -> None:
    try:
        same = digest.result() == base.extract.residents_sha256
    except OSError:
        same = False
    if not same:
        raise ProvenExtractChanged(extract=base.name) from None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
