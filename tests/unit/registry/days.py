"""Two written days and what becomes of the second."""

from collections.abc import Callable
from pathlib import Path

import pytest

from renkei import errors
from renkei.registry import (
    Comparison,
    Extract,
    compare_extract,
)
from tests.support.extracts import reseal

Opened = Callable[[Path], Extract]
MARKED = "MARKED"
# the residents are read beside yesterday's, the other files whole: both ways refuse alike
FILES = pytest.mark.parametrize("file", ["residents.csv", "events.csv"])


def edit(folder: Path, file: str, old: bytes, new: bytes) -> None:
    """Change a file's bytes and let the manifest agree with them."""
    path = folder / file
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, 1))
    reseal(folder)


class Day:
    """Two written days and what becomes of the second."""

    def __init__(self, before: Path, folder: Path, opened: Opened) -> None:
        self.before, self.folder, self.opened = before, folder, opened

    def take_in(self) -> tuple[Extract, Comparison]:
        extract = self.opened(self.folder)
        return extract, compare_extract(extract, self.before / "residents.csv", 12)

    def refused(self, error: type[errors.ExtractRefused]) -> errors.ExtractRefused:
        with pytest.raises(error) as raised:
            self.take_in()
        assert type(raised.value) is error
        told = str(raised.value)
        assert self.folder.name in told
        assert "?" not in told
        assert MARKED not in told
        return raised.value
