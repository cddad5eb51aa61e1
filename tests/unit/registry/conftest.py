"""What the registry's tests share: the schemas, and two days that close."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from renkei.registry import Extract, Layout, open_extract
from renkei.schemas import Schemas
from tests.support.extracts import SCHEMAS, ExtractBuilder

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
