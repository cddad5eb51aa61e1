"""An agency notice as the matching sees it: each item before and after, and which of them it tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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


def told_of(content: Mapping[str, str], items: Sequence[str]) -> tuple[str, ...]:
    """Return the items that a notice tells: those whose value after differs from the one before."""
    return tuple(item for item in items if content[item] != content[f"{item}{_BEFORE}"])


@dataclass(frozen=True, slots=True)
class ToldNotice:
    """One record of an agency file. `place` is serial and record number, which is the order of taking in."""

    place: tuple[int, int]
    action: str
    event_date: str
    told: tuple[str, ...]
    before: Mapping[str, str] = field(repr=False)
    after: Mapping[str, str] = field(repr=False)

    @classmethod
    def of(cls, place: tuple[int, int], content: Mapping[str, str], items: Sequence[str]) -> "ToldNotice":
        """Return the notice of a row with all the columns of `agency_notices`."""
        return cls(
            place=place,
            action=content["action"],
            event_date=content["event_date"],
            told=told_of(content, items),
            before={item: content[f"{item}{_BEFORE}"] for item in items},
            after={item: content[item] for item in items},
        )

    @property
    def ends(self) -> bool:
        """Whether the agency's record of the person is no longer living."""
        return self.action == LOSS

    @property
    def cards(self) -> tuple[str, ...]:
        """The card numbers that it names, the one after first."""
        return tuple(dict.fromkeys(card for card in (self.after[CARD], self.before[CARD]) if card))

    def values(self, item: str) -> set[str]:
        """Return the values of an item, before and after."""
        return {self.before[item], self.after[item]}
