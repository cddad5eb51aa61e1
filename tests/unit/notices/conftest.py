"""The derivation of one event, with the defaults of a plain weekday in Shinjuku."""

from datetime import date
from pathlib import Path

import pytest

from renkei.notices import Derived, Known, derive
from renkei.schemas import Schemas
from tests.support.extracts import SCHEMAS
from tests.support.notices import DAY, KEYS, WARD, Derive, Row


@pytest.fixture
def schemas() -> Schemas:
    return Schemas(SCHEMAS)


@pytest.fixture
def derived(schemas: Schemas) -> Derive:
    """Derive an event; `row_before`, `day`, `known`, `rules` replace the defaults."""

    def call(
        found: Row,
        row_before: dict[str, str] | None = None,
        *,
        day: date = DAY,
        known: Known | None = None,
        rules: Schemas | None = None,
    ) -> tuple[Derived, ...]:
        return derive(
            found,
            row_before,
            schemas=rules or schemas,
            keys=KEYS,
            municipality=WARD,
            business_date=day,
            known=known or Known(),
        )

    return call


@pytest.fixture
def own_schemas(tmp_path: Path) -> Path:
    """Return a copy of schemas/ that a test may edit, as an operator would on a change of law."""
    copy = tmp_path / "schemas"
    for path in SCHEMAS.rglob("*"):
        if path.is_file():
            target = copy / path.relative_to(SCHEMAS)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    return copy
