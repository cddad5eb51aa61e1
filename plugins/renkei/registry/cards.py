"""Two living records with one card number: no card number decides alone while two bear it (contract §7)."""

import mmap
import re
from collections.abc import Collection
from pathlib import Path
from typing import Final

from renkei.registry.compare import Difference
from renkei.registry.layout import KEY_WIDTH

# A field of its own, never the first of its line. Led by a literal, the search skips from comma to comma.
_CARD: Final = re.compile(rb',"?([A-Z]{2}[0-9]{8}[A-Z]{2})(?=[",\n])')


def sharing_a_card(differences: Collection[Difference], residents: Path) -> frozenset[str]:
    """Return the persons of a day whose card number, new to them that day, stands in two living records or more.

    `residents`: the day's residents.csv; both the new bearer and the old one are returned. Personal.
    """
    fresh = {card for each in differences for card in _cards(each.after) - _cards(each.before)}
    if not fresh:
        return frozenset()
    bearers: dict[bytes, set[str]] = {}
    with residents.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        for found in _CARD.finditer(content):
            if found[1] in fresh:
                start = content.rfind(b"\n", 0, found.start()) + 1
                bearers.setdefault(found[1], set()).add(content[start : start + KEY_WIDTH].decode())
    return frozenset(person for persons in bearers.values() if len(persons) > 1 for person in persons)


def _cards(line: bytes | None) -> set[bytes]:
    return set(_CARD.findall(line)) if line else set()
