"""An agency notice as the matching sees it: each item before and after, and which of them it tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

CARD: Final = "card_number"
NAMES: Final = ("name_roman", "name_kanji")
WHO: Final = ("birth_date", "birth_date_wording", "sex", "nationality")
"""What a notice and a record must have in common for being about one person."""
LOSS: Final = "loss"
_BEFORE: Final = "_before"


def items_of(columns: Sequence[str]) -> tuple[str, ...]:
    """Return the items of a layout's columns: those that have a value before and one after."""
    return tuple(name for name in columns if f"{name}{_BEFORE}" in columns)


@lru_cache(maxsize=8)
def _pairs(items: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((item, f"{item}{_BEFORE}") for item in items)


@dataclass(frozen=True, slots=True)
class ToldNotice:
    """One record of an agency file. `place` is serial and record number, which is the order of taking in.

    `told` are the items that it tells: those whose value after differs from the one before.
    """

    place: tuple[int, int]
    told: tuple[str, ...]
    after: Mapping[str, str] = field(repr=False)
    """The whole row: under an item's own name stands the value after."""

    @classmethod
    def of(cls, place: tuple[int, int], content: Mapping[str, str], items: tuple[str, ...]) -> "ToldNotice":
        """Return the notice of a row with all the columns of `agency_notices`."""
        told = tuple(item for item, before in _pairs(items) if content[item] != content[before])
        return cls(place, told, content)

    @property
    def ends(self) -> bool:
        """Whether the agency's record of the person is no longer living."""
        return self.after["action"] == LOSS

    @property
    def event_date(self) -> str:
        """The day on which the agency's act took effect."""
        return self.after["event_date"]

    @property
    def cards(self) -> tuple[str, ...]:
        """The card numbers that it names, the one after first."""
        after, before = self.after[CARD], self.was(CARD)
        if after == before or not before:
            return (after,) if after else ()
        return (after, before) if after else (before,)

    def was(self, item: str) -> str:
        """Return the value of an item before."""
        return self.after[f"{item}{_BEFORE}"]

    def values(self, item: str) -> tuple[str, str]:
        """Return the values of an item, before and after."""
        return self.was(item), self.after[item]
