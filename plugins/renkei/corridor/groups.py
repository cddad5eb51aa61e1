"""Many things in groups of some: a statement of the database takes so many values, memory so many rows."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

_T = TypeVar("_T")


def in_groups(things: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Yield the things in lists of at most `size`, in their order."""
    rest = iter(things)
    while some := list(islice(rest, size)):
        yield some
