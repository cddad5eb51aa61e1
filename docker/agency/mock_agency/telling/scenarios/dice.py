"""Seeded choices that fall alike on every version of Python: only `Random.random()` is promised to."""

import hashlib
import random
from collections.abc import Iterable, Mapping, MutableSequence, Sequence
from itertools import accumulate
from typing import TypeVar

Thing = TypeVar("Thing")


class Dice:
    """One stream of choices; `stream` names it, so that streams do not disturb one another."""

    def __init__(self, seed: int, stream: str) -> None:
        digest = hashlib.sha256(f"{seed}|{stream}".encode()).digest()
        self._next = random.Random(int.from_bytes(digest[:8], "big")).random  # noqa: S311 - invented data, no secret

    def below(self, limit: int) -> int:
        """Return a number from 0 up to, not including, the limit."""
        return int(self._next() * limit)

    def between(self, least: int, most: int) -> int:
        """Return a number from least to most."""
        return least + self.below(most - least + 1)

    def choice(self, things: Sequence[Thing]) -> Thing:
        """Return one of the things."""
        return things[self.below(len(things))]

    def weighted(self, weights: Mapping[Thing, float]) -> Thing:
        """Return one of the things by their weights."""
        things, bounds = list(weights), list(accumulate(weights.values()))
        point = self._next() * bounds[-1]
        return next(thing for thing, bound in zip(things, bounds, strict=True) if point < bound)

    def rounded(self, number: float) -> int:
        """Return a whole number whose mean over many throws is this one."""
        return int(number) + (self._next() < number - int(number))

    def shuffled(self, things: Iterable[Thing]) -> list[Thing]:
        """Return the things in another order."""
        found: MutableSequence[Thing] = list(things)
        for last in range(len(found) - 1, 0, -1):
            other = self.below(last + 1)
            found[last], found[other] = found[other], found[last]
        return list(found)

    def letters(self, number: int) -> str:
        """Return capitals."""
        return "".join(self.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(number))
