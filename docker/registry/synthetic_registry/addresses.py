"""Invented addresses: in the ward by its special offices' weights, in other municipalities, abroad."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from synthetic_registry.dice import Dice, Weighted
from synthetic_registry.tables import Town, table

CHOME = "〇一二三四五六七八"


class Place(NamedTuple):
    """An address in the ward with its area code and postal code."""

    area_code: str
    address: str
    postal_code: str


class Elsewhere(NamedTuple):
    """An address outside the ward; `code` is empty abroad."""

    code: str
    address: str


class Addresses:
    """Makes addresses."""

    def __init__(self, others: Sequence[Town]) -> None:
        mix: dict[str, Any] = table("mix")
        streets: dict[str, tuple[str, str, str]] = {}
        weights: dict[str, float] = {}
        numbers: dict[str, int] = {}
        for weight, places in mix["address"].values():
            for name, chomes, postal in places:
                town = numbers.setdefault(name, len(numbers) + 1)
                for chome in range(1, max(chomes, 1) + 1):
                    text = f"東京都新宿区{name}" + (f"{CHOME[chome]}丁目" if chomes else "")
                    streets[text] = (f"{town:04d}{chome if chomes else 0:03d}", text, postal)
                    weights[text] = weights.get(text, 0) + weight / len(places) / max(chomes, 1)
        self._streets = Weighted({streets[text]: weight for text, weight in weights.items()})
        self._towns = Weighted({town: town.weight for town in others})
        elsewhere = mix["elsewhere"]
        self._town_streets: list[str] = elsewhere["streets"]
        self._buildings: list[str] = elsewhere["buildings"]
        self._abroad: dict[str, list[str]] = elsewhere["abroad"]
        self._abroad_other: list[str] = elsewhere["abroad_other"]

    def here(self, dice: Dice) -> Place:
        """An address in the ward."""
        area_code, text, postal_code = dice.drawn(self._streets)
        house = f"{dice.between(1, 39)}番{dice.between(1, 24)}号"
        if dice.chance(0.7):
            house += f" {dice.one_of(self._buildings)}{dice.between(1, 9)}0{dice.between(1, 9)}号室"
        return Place(area_code, text + house, postal_code)

    def elsewhere(self, dice: Dice) -> Elsewhere:
        """An address in another municipality."""
        town = dice.drawn(self._towns)
        street = f"{dice.one_of(self._town_streets)}{CHOME[dice.between(1, 5)]}丁目"
        return Elsewhere(town.code, f"{town.name}{street}{dice.between(1, 30)}番{dice.between(1, 20)}号")

    def abroad(self, nationality: str, dice: Dice) -> Elsewhere:
        """A country and free text."""
        country, *cities = self._abroad.get(nationality, self._abroad_other)
        return Elsewhere("", f"{country} {dice.one_of(cities)}")
