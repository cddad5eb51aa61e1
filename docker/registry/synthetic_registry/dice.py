"""Seeded choices that fall alike on every version of Python.

Only `Random.random()` is used: its sequence for a given seed is promised by the standard library, that of
`choice`, `shuffle` or `sample` is not.
"""

import hashlib
import random
from bisect import bisect_right
from collections.abc import Mapping, MutableSequence, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class Weighted(Generic[Thing]):
    """Things with weights, ready to be drawn from."""

    __slots__ = ("_bounds", "_things")

    def __init__(self, weights: Mapping[Thing, float]) -> None:
        kept = [(thing, weight) for thing, weight in weights.items() if weight > 0]
        self._things = [thing for thing, _ in kept]
        self._bounds = list(accumulate(weight for _, weight in kept))

    def at(self, point: float) -> Thing:
        """The thing at a point from 0 up to, not including, 1."""
        return self._things[min(bisect_right(self._bounds, point * self._bounds[-1]), len(self._things) - 1)]


class Dice:
    """One stream of seeded choices; `stream` names it, so that streams do not disturb one another."""

    __slots__ = ("_next",)

    def __init__(self, seed: int, stream: str) -> None:
        digest = hashlib.sha256(f"{seed}|{stream}".encode()).digest()
        self._next = random.Random(int.from_bytes(digest[:8], "big")).random  # noqa: S311 - invented data, no secret

    def point(self) -> float:
        """A number from 0 up to, not including, 1."""
        return self._next()

    def below(self, bound: int) -> int:
        """A whole number from 0 up to, not including, `bound`."""
        return int(self._next() * bound)

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self._next() * (high - low + 1))

    def chance(self, share: float) -> bool:
        """True in `share` of all cases (0 to 1)."""
        return self._next() < share

    def one_of(self, things: Sequence[Thing]) -> Thing:
        """One of the things, all alike."""
        return things[int(self._next() * len(things))]

    def drawn(self, weighted: Weighted[Thing]) -> Thing:
        """One of the things by their weights."""
        return weighted.at(self._next())

    def about(self, mean: float) -> int:
        """A whole number near `mean`: a tenth up or down, and fractions by chance."""
        wanted = mean * (0.9 + 0.2 * self._next())
        whole = int(wanted)
        return whole + (1 if self._next() < wanted - whole else 0)

    def shuffle(self, things: MutableSequence[Thing]) -> None:
        """Put the things in another order, in place."""
        for last in range(len(things) - 1, 0, -1):
            other = int(self._next() * (last + 1))
            things[last], things[other] = things[other], things[last]
