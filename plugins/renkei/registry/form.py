"""Is a file of the extract in the agreed form? What breaks it here refuses the extract whole (contract §12).

The form is schemas/README.md to the letter, so that equal values are equal bytes and lines can be compared
unparsed. Nothing of a line's content is ever told: file, line, column and rule only.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from renkei.csv_form import split
from renkei.errors import (
    ByteOrderMarkFound,
    ColumnForbidden,
    ColumnMissing,
    ColumnOrderWrong,
    ColumnUnknown,
    ControlCharacterFound,
    ExtractRefused,
    FieldCountWrong,
    ForbiddenNumberFound,
    LastLineOpen,
    LineBreakInValue,
    LineTooLong,
    NotUtf8,
    QuotationWrong,
)
from renkei.forbidden import forbidden_column, forbidden_number, suspicious
from renkei.registry.layout import Table

LONGEST_LINE: Final = 1 << 16
_BLOCK: Final = 1 << 20
_BOM: Final = b"\xef\xbb\xbf"
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in which extract something was found; `refuse` raises with it."""

    extract: str
    file: str

    @classmethod
    def of(cls, path: Path) -> "Place":
        """Return the place of a file in its extract's folder."""
        return cls(path.parent.name, path.name)

    def refuse(self, error: type[ExtractRefused], **refs: object) -> NoReturn:
        """Raise an error of the extract with this file's name."""
        raise error(extract=self.extract, file=self.file, **refs) from None


def check_header(table: Table, line: bytes, place: Place) -> None:
    """Check a file's first line: no BOM, UTF-8, exactly the layout's columns in the layout's order."""
    if line.startswith(_BOM):
        place.refuse(ByteOrderMarkFound)
    if line == table.header:
        return
    text = _decoded(line, 1, place)
    names = [name.strip().strip('"') for name in text.rstrip("\n").split(",")]
    if any(forbidden_column(name) for name in names):
        place.refuse(ColumnForbidden)
    for position, name in enumerate(names, 1):
        if name not in table.names:
            place.refuse(ColumnUnknown, column=position)
    for name in table.names:
        if name not in names:
            place.refuse(ColumnMissing, column=name)
    wrong = next((known for known, name in zip(table.names, names, strict=False) if known != name), names[-1])
    place.refuse(ColumnOrderWrong, column=wrong)


def check_lines(table: Table, block: bytes, first: int, place: Place) -> list[str]:
    """Check whole lines of a file, each with its line end, and return them as text without it.

    `first` is the number of the first line, the header being line 1.
    """
    text = _decoded(block, first, place)
    found = _CONTROL.search(text)
    if found is not None:
        place.refuse(ControlCharacterFound, line=first + text.count("\n", 0, found.start()))
    lines = text.split("\n")
    if lines.pop():
        place.refuse(LastLineOpen)
    commas = len(table.columns) - 1
    for number, line in enumerate(lines, first):
        if line.count(",") != commas or '"' in line:
            _check_quotation(line, commas + 1, number, place)
    if suspicious(text):
        for number, line in enumerate(lines, first):
            _check_numbers(table, line, number, place)
    return lines


def _decoded(block: bytes, first: int, place: Place) -> str:
    try:
        return block.decode("utf-8")
    except UnicodeDecodeError as error:
        place.refuse(NotUtf8, line=first + block.count(b"\n", 0, error.start))


def _check_quotation(line: str, columns: int, number: int, place: Place) -> None:
    values = split(line)
    if values is None:
        place.refuse(LineBreakInValue if line.count('"') % 2 else QuotationWrong, line=number)
    if len(values) != columns:
        place.refuse(FieldCountWrong, line=number)


def _check_numbers(table: Table, line: str, number: int, place: Place) -> None:
    if not suspicious(line):
        return
    for column, value in zip(table.columns, split(line) or [], strict=True):
        if column.free_text and forbidden_number(unicodedata.normalize("NFKC", value)):
            place.refuse(ForbiddenNumberFound, line=number, column=column.name)


def header_of(path: Path) -> bytes:
    """Return a file's first line with its line end."""
    with path.open("rb") as file:
        line = file.readline(LONGEST_LINE)
    if not line.endswith(b"\n"):
        Place.of(path).refuse(LastLineOpen)
    return line


def whole_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield the lines after the header in blocks of about a MiB, each with the number of its first line."""
    place = Place.of(path)
    with path.open("rb", buffering=0) as file:
        rest, number = b"", 1
        while block := file.read(_BLOCK):
            data = rest + block
            end = data.rfind(b"\n") + 1
            lines, rest = data[:end], data[end:]
            if len(rest) > LONGEST_LINE:
                place.refuse(LineTooLong)
            if number == 1 and end:
                header = lines.index(b"\n") + 1
                lines, number = lines[header:], 2
            if lines:
                yield number, lines
                number += lines.count(b"\n")
        if rest:
            place.refuse(LastLineOpen)


def line_number(path: Path, offset: int) -> int:
    """Return the number of the line that begins at a byte offset; read only where something is wrong."""
    number, left = 1, offset
    with path.open("rb", buffering=0) as file:
        while left > 0 and (block := file.read(min(_BLOCK, left))):
            number += block.count(b"\n")
            left -= len(block)
    return number
