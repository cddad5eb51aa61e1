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
    for block in blocks:
        for line in block.split(b"\n"):
            values = line.split(b",", card + 1) if b'"' not in line else _quoted(line)
            if len(values) > card and (values[card] in wanted or values[_NUMBER] in persons):
                number = values[_NUMBER].decode()
                lines[number] = line
                if values[card] in wanted:
                    bearers[values[card].decode()].append(number)
    return Seen(columns, lines, bearers)


def seek_births(
    blocks: Iterable[bytes], columns: Sequence[str], births: Iterable[str]
) -> Iterator[tuple[dict[str, str], bytes]]:
    """Yield the columns up to the card number, and the line, of those born on these days; an empty one is unknown."""
    birth, names = columns.index("birth_date"), columns[: columns.index(CARD) + 1]
    wanted = {each.encode() for each in births}
    for block in blocks:
        for line in block.split(b"\n"):
            values = line.split(b",", birth + 1) if b'"' not in line else _quoted(line)
            if len(values) > birth and values[birth] in wanted:
                text = line.decode("utf-8")
                row = (split(text) or []) if '"' in text else text.split(",", len(names))
                yield dict(zip(names, row, strict=False)), line


def _quoted(line: bytes) -> list[bytes]:
    return [value.encode() for value in split(line.decode("utf-8")) or ()]
