"""Invented names: Roman capitals as in a passport, kanji beside them where people have them on record."""

from typing import Any

from synthetic_registry.dice import Dice
from synthetic_registry.tables import table


class Names:
    """Makes names that look right for a nationality."""

    def __init__(self) -> None:
        names = table("names")
        self._han: dict[str, dict[str, Any]] = names["han"]
        self._syllables: dict[str, dict[str, Any]] = names["syllables"]
        self._unusual: dict[str, list[str]] = names["unusual"]
        self._served_by: dict[str, str] = table("mix")["names"]

    def family(self, nationality: str, dice: Dice) -> str:
        """A family name as the table holds it; give it to `full` so that a family shares it."""
        kind = self._served_by.get(nationality, nationality)
        if kind in self._han:
            families: list[str] = self._han[kind]["family"]
            return dice.one_of(families)
        parts: dict[str, list[str]] = self._syllables[kind]
        if "words" in parts:
            return dice.one_of(parts["words"])
        return dice.one_of(parts["family_starts"]) + dice.one_of(parts["family_ends"])

    def family_of(self, nationality: str, roman: str, kanji: str, dice: Dice) -> str:
        """The family name of somebody, as `full` takes it; one of the table's if it cannot be told."""
        first = roman.split(" ", maxsplit=1)[0]
        kind = self._served_by.get(nationality, nationality)
        if kind not in self._han:
            return first or self.family(nationality, dice)
        alike: list[str] = [f for f in self._han[kind]["family"] if f.startswith(first + " ") or f[-1] == kanji[:1]]
        return next((f for f in alike if f[-1] == kanji[:1]), *alike[:1] or [self.family(nationality, dice)])

    def full(self, nationality: str, sex: str, dice: Dice, family: str = "") -> tuple[str, str]:
        """Roman name and kanji name ("" where there is none)."""
        kind = self._served_by.get(nationality, nationality)
        family = family or self.family(nationality, dice)
        if kind in self._han:
            return self._from_characters(self._han[kind], family, dice)
        return self._from_syllables(self._syllables[kind], family, sex, dice), ""

    def long(self, dice: Dice) -> str:
        """A name of more than eighty letters."""
        return dice.one_of(self._unusual["long"])

    def single(self, dice: Dice) -> str:
        """A name of one word."""
        return dice.one_of(self._unusual["single"])

    def common(self, dice: Dice) -> str:
        """A common name (通称)."""
        return dice.one_of(self._unusual["common_family"]) + dice.one_of(self._unusual["common_given"])

    def _from_characters(self, kind: dict[str, Any], family: str, dice: Dice) -> tuple[str, str]:
        first = dice.one_of(kind["given"])
        second = dice.one_of(kind["given"]) if dice.chance(0.72) else ""
        roman, _, kanji = family.partition(" ")
        for part in (first, second):
            syllable, _, character = part.partition(" ")
            roman += (" " if part is first else "") + syllable
            kanji += character
        return roman, kanji if dice.chance(kind["kanji_share"] / 100) else ""

    def _from_syllables(self, kind: dict[str, Any], family: str, sex: str, dice: Dice) -> str:
        words = [family]
        if "words" in kind:
            words += [dice.one_of(kind["words"]) for _ in range(dice.between(1, 3))]
            return " ".join(words)
        sort = "female" if sex == "2" else "male"
        words = []
        for part in kind["order"].split():
            if part == "family":
                words.append(family)
            elif part == "middle":
                words.append(dice.one_of(kind[f"middle_{sort}"]))
            else:
                words.append(dice.one_of(kind[f"{sort}_starts"]) + dice.one_of(kind[f"{sort}_ends"]))
        return " ".join(words)
