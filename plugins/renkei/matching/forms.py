"""A text as it is compared: width, spaces, case and the simplified forms of one table are evened out.

The copy serves the comparison alone; it is never stored, shown or sent (domain §6).
"""

import unicodedata
from datetime import date
from functools import lru_cache
from typing import Final

from renkei.errors import SchemasUnreadable
from renkei.schemas import Schemas, in_force

_KEPT: Final = 1 << 16
_TABLES: Final = ("codes/kanji_replacements.csv", "codes/matching_forms.csv")
"""What changes a name on its way, so that the agency holds the other form; and the forms of the comparison alone."""


class Forms:
    """The forms in force on a day, ready to be applied."""

    def __init__(self, schemas: Schemas, on: date) -> None:
        pairs = [
            (_text(row["from"], path), _text(row["to"], path))
            for path in _TABLES
            for row in schemas.csv(path)
            if in_force(row, on)
        ]
        self._pairs = sorted(pairs, key=lambda pair: (-len(pair[0]), pair[0]))
        self.compared = lru_cache(_KEPT)(self._compared)
        self.words = lru_cache(_KEPT)(self._words)

    def _compared(self, text: str) -> str:
        """Return the copy of a text that is compared: no spaces at all."""
        return "".join(self._words(text))

    def _words(self, text: str) -> tuple[str, ...]:
        """Return the words of the copy, in their order."""
        if text.isascii():
            return tuple(text.casefold().split())
        for old, new in self._pairs:
            text = text.replace(old, new)
        text = unicodedata.normalize("NFKC", text)
        for old, new in self._pairs:
            text = text.replace(old, new)
        return tuple(text.casefold().split())


def _text(points: str, path: str) -> str:
    try:
        return "".join(chr(int(point.removeprefix("U+"), 16)) for point in points.split())
    except (ValueError, OverflowError):
        raise SchemasUnreadable(file=path) from None
