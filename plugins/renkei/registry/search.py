"""Find a line in a file sorted by registry number, by halving the file."""

from pathlib import Path
from typing import BinaryIO

from renkei.registry.form import LONGEST_LINE
from renkei.registry.layout import KEY_WIDTH


def offset_of(path: Path, key: bytes) -> int:
    """Return where the first line begins whose key is not below `key`; the file's size if there is none."""
    with path.open("rb") as file:
        begin, end = len(file.readline()), path.stat().st_size
        while begin < end:
            start = line_start(file, (begin + end) // 2, begin)
            file.seek(start)
            line = file.readline()
            if line[:KEY_WIDTH] < key:
                begin = start + len(line)
            else:
                end = start
        return begin


def line_start(file: BinaryIO, offset: int, earliest: int) -> int:
    """Return where the line begins that holds the byte at an offset; `earliest` begins a line at or before it."""
    here = max(offset - LONGEST_LINE, earliest)
    file.seek(here)
    return here + file.read(offset - here).rfind(b"\n") + 1


class Residents:
    """Looks up single rows in a residents.csv whose order was proven."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def find(self, registry_number: str) -> bytes | None:
        """Return a person's line with its line end, or None."""
        key = registry_number.encode()
        with self.path.open("rb") as file:
            file.seek(offset_of(self.path, key))
            line = file.readline()
        return line if line[:KEY_WIDTH] == key else None
