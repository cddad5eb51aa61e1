"""One pass over the residents' file, as bytes: the lines of the wanted persons and cards, and nothing else.

A line is taken apart only where it is wanted; the memory that is held grows with what is found, never with the file.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from renkei.csv_form import split
from renkei.matching.notice import CARD

_NUMBER = 0
"""The registry number is the first column (schemas/README.md)."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a pass found: the line of each person, and who bears a card. Personal."""

    columns: Sequence[str]
    lines: Mapping[str, bytes] = field(repr=False)
    bearers: Mapping[str, Sequence[str]] = field(repr=False)

    def row(self, registry_number: str) -> dict[str, str] | None:
        """Return the living row of a person, None where there is none."""
        line = self.lines.get(registry_number)
        return None if line is None else row_of(self.columns, line)


def row_of(columns: Sequence[str], line: bytes) -> dict[str, str]:
    """Return the values of a line (without its end) by column."""
    return dict(zip(columns, split(line.decode("utf-8")) or (), strict=True))


def seek(blocks: Iterable[bytes], columns: Sequence[str], cards: Iterable[str], numbers: Iterable[str]) -> Seen:
    """Return the lines of these persons, and those that bear one of these cards.

    `blocks`: whole lines with their ends, without the header, in the file's order.
    """
    card = columns.index(CARD)
    wanted, persons = {each.encode() for each in cards}, {each.encode() for each in numbers}
    lines: dict[str, bytes] = {}
    bearers: defaultdict[str, list[str]] = defaultdict(list)
    for values, line in _values(blocks, card):
        bears = values[card] in wanted
        if bears or values[_NUMBER] in persons:
            number = values[_NUMBER].decode()
            lines[number] = line
            if bears:
                bearers[values[card].decode()].append(number)
    return Seen(columns, lines, bearers)


def seek_births(
    blocks: Iterable[bytes], columns: Sequence[str], births: Iterable[str]
) -> Iterator[tuple[dict[str, str], bytes]]:
    """Yield row and line of those born on these days; an empty one stands for a birth date that is not known."""
    birth = columns.index("birth_date")
    wanted = {each.encode() for each in births}
    for values, line in _values(blocks, birth):
        if values[birth] in wanted:
            yield row_of(columns, line), line


def _values(blocks: Iterable[bytes], last: int) -> Iterator[tuple[list[bytes], bytes]]:
    """Yield the values of each line up to the column wanted last, and the line itself."""
    for block in blocks:
        for line in block.split(b"\n"):
            if b'"' in line:
                yield [value.encode() for value in split(line.decode("utf-8")) or ()], line
            elif line:
                yield line.split(b",", last + 1), line
