"""What the registry's tests share: the schemas, and two days that close."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from renkei.registry import Extract, Layout, Proof, check_volume, compare_extract, open_extract, prove
from renkei.schemas import Schemas
from tests.support.extracts import SCHEMAS, ExtractBuilder
from tests.unit.registry.days import Day, Opened
from tests.unit.registry.known import Known, Prover

SHINJUKU = "131041"


@pytest.fixture(scope="session")
def schemas() -> Schemas:
    return Schemas(SCHEMAS)


@pytest.fixture
def yesterday() -> ExtractBuilder:
    """A baseline of twelve residents."""
    day = ExtractBuilder("2019-03-28", baseline=True)
    for _ in range(12):
        day.resident()
    return day


@pytest.fixture
def today(yesterday: ExtractBuilder) -> ExtractBuilder:
    """The day after: the first resident moved within the ward."""
    return yesterday.next_day().event("0000000001", "move_within", address="東京都新宿区戸塚町1-2")


@pytest.fixture
def layout(schemas: Schemas) -> Layout:
    return Layout.of(schemas, date(2019, 3, 28))


@pytest.fixture
def opened(schemas: Schemas) -> Callable[[Path], Extract]:
    """Open an extract's folder for Shinjuku."""

    def open_folder(folder: Path) -> Extract:
        return open_extract(folder, municipality=SHINJUKU, schemas=schemas)

    return open_folder


@pytest.fixture
def day(tmp_path: Path, yesterday: ExtractBuilder, today: ExtractBuilder, opened: Opened) -> Day:
    return Day(yesterday.write(tmp_path), today.write(tmp_path), opened)


@pytest.fixture
def proven(tmp_path: Path, opened: Callable[[Path], Extract]) -> Prover:
    """Write two days and prove the second."""

    def run(
        before: ExtractBuilder, after: ExtractBuilder, known: Known | None = None, *, volume: bool = False
    ) -> Proof:
        first, second = opened(before.write(tmp_path)), opened(after.write(tmp_path))
        day = second.manifest.business_date
        comparison = compare_extract(second, first.residents, len(before.residents))
        proof = prove(comparison, second.events, known or Known(), day, second.layout)
        if volume:
            check_volume(comparison, proof, day)
        return proof

    return run
