"""Change files of invented persons."""

from pathlib import Path

import pytest

from renkei.change_file import Descriptor, Record
from renkei.schemas import Schemas
from tests.support.change_files import descriptor, some_records
from tests.support.extracts import SCHEMAS


@pytest.fixture
def schemas() -> Schemas:
    return Schemas(SCHEMAS)


@pytest.fixture
def described() -> Descriptor:
    return descriptor()


@pytest.fixture
def records(schemas: Schemas) -> list[Record]:
    """Five records of all three families: a, a, b, c, a."""
    return some_records(schemas)


@pytest.fixture
def package_path(tmp_path: Path) -> Path:
    return tmp_path / "131041-00000007.zip"
