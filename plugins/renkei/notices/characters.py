"""The agency's repertoire of characters, and the explicit replacements (domain §6).

Nothing is normalised here: U+FA10 塚 goes out as U+FA10. A character outside the repertoire stops its record
with its code point; only codes/kanji_replacements.csv maps or strips, and what it did is told.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from renkei.errors import SchemasUnreadable
from renkei.schemas import Schemas, in_force

_REPERTOIRE = "euc_jis_2004"
_ASCII = frozenset(map(chr, range(0x20, 0x7F)))
# They stand for a character that somebody lost on the way: 〓 and the question marks.
_LOST = frozenset("?\uff1f〓")


@dataclass(frozen=True, slots=True)
class Carried:
    """A text as it can go to the agency; `replaced` and `outside` hold code points, never the text."""

    text: str = field(repr=False)
    replaced: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    control: bool = False


def carry(text: str, schemas: Schemas, on: date) -> Carried:
    """Return a text with the replacements in force on a day, and the code points that cannot be carried."""
    if text.isascii() and text.isprintable() and "?" not in text:
        return Carried(text)
    repertoire = _repertoire(schemas, on)
    if repertoire.plain.issuperset(text):
        return Carried(text)
    done: list[str] = []
    for old, new in repertoire.replacements:
        if old in text:
            text = text.replace(old, new)
            done.append(f"{code_points(old)}>{code_points(new)}")
    outside = {character for character in text if not _in_repertoire(character) and character not in repertoire.extra}
    control = any(unicodedata.category(character) in {"Cc", "Zl", "Zp"} for character in text)
    if not done and not outside and not control:
        repertoire.plain.update(character for character in text if character not in repertoire.concerned)
    return Carried(text, tuple(done), tuple(code_points(character) for character in sorted(outside)), control)


def plain(texts: Iterable[str], schemas: Schemas, on: date) -> bool:
    """Tell whether texts are known to go as they are: a quick first look, which may miss some."""
    return _repertoire(schemas, on).plain.issuperset("".join(texts))


def code_points(text: str) -> str:
    """Return `U+9AD9` for one character, `U+845B U+E0100` for a sequence; no other form is shown."""
    return " ".join(f"U+{ord(character):04X}" for character in text)


@lru_cache(maxsize=8192)
def _in_repertoire(character: str) -> bool:
    if character in _LOST:
        return False
    try:
        character.encode(_REPERTOIRE)
    except UnicodeEncodeError:
        return False
    return True


class _Repertoire:
    """What may go to the agency on a day; `plain` grows: characters that go as they are, whatever is beside them."""

    def __init__(self, schemas: Schemas, on: date) -> None:
        self.replacements = _replacements(schemas, on)
        self.extra = _extra(schemas)
        self.concerned = frozenset("".join(old for old, _ in self.replacements))
        self.plain = {*_ASCII} - {*_LOST, *self.concerned}


def _repertoire(schemas: Schemas, on: date) -> _Repertoire:
    return schemas.kept(("repertoire", on), lambda: _Repertoire(schemas, on))


def _extra(schemas: Schemas) -> frozenset[str]:
    """Return the operator's further characters: codes/kanji_extra.csv."""
    path = "codes/kanji_extra.csv"
    return frozenset(_text(row["code_point"], path) for row in schemas.csv(path))


def _replacements(schemas: Schemas, on: date) -> list[tuple[str, str]]:
    """Return the replacements in force on a day, the longest sequences first."""
    path = "codes/kanji_replacements.csv"
    rows = [row for row in schemas.csv(path) if in_force(row, on)]
    pairs = [(_text(row["from"], path), _text(row["to"], path)) for row in rows]
    return sorted(pairs, key=lambda pair: (-len(pair[0]), pair[0]))


def _text(points: str, path: str) -> str:
    try:
        return "".join(chr(int(point.removeprefix("U+"), 16)) for point in points.split())
    except (ValueError, OverflowError):
        raise SchemasUnreadable(file=path) from None
