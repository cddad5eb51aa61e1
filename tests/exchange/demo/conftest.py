"""The demo site's own modules, for its tests only."""

import sys
from pathlib import Path

import pytest

DEMO = Path(__file__).resolve().parents[3] / "docker" / "demo"
sys.path.insert(0, str(DEMO))

from demo_site.place import Place  # noqa: E402 - found by the line above


@pytest.fixture
def site(tmp_path: Path) -> Place:
    """A place where nothing has been made yet."""
    return Place(tmp_path / "site")
