"""Two living records with one card number: no card number decides alone while two bear it (contract §7).

A large file is searched by a second process of ours while the day is proven. What goes to it and comes from it goes
through pipes: neither its command line nor a file holds a number.
"""

import marshal
import mmap
import os
import re
import subprocess
import sys
from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Final

from renkei.errors import ComparisonBroken
from renkei.registry.compare import Difference
from renkei.registry.layout import KEY_WIDTH

# A field of its own, never the first of its line, never quoted. Led by a literal, the search skips from comma to comma.
_CARD: Final = re.compile(rb",([A-Z][A-Z][0-9]{8}[A-Z][A-Z])(?=[,\n])")
_WINDOW: Final = 1 << 18
_WORTH_IT: Final = 1 << 28
_MODULE: Final = "renkei.registry.cards"
_PLUGINS: Final = Path(__file__).resolve().parents[2]


def sharing_a_card(differences: Collection[Difference], residents: Path) -> frozenset[str]:
    """Return the persons of a day whose card number, new to them that day, stands in two living records or more.

    `residents`: the day's residents.csv; both the new bearer and the old one are returned. Personal.
    Raises `ComparisonBroken` where the second process ended.
    """
    fresh = {card for each in differences for card in _cards(each.after) - _cards(each.before)}
    if not fresh:
        return frozenset()
    large = residents.stat().st_size >= _WORTH_IT and (os.cpu_count() or 1) > 1
    bearers = _by_another(fresh, residents) if large else _bearers(fresh, residents)
    return frozenset(person.decode() for persons in bearers.values() if len(persons) > 1 for person in persons)


def _cards(line: bytes | None) -> set[bytes]:
    return set(_CARD.findall(line)) if line else set()


def _bearers(cards: AbstractSet[bytes], residents: Path) -> dict[bytes, set[bytes]]:
    """Return who bears each of these cards."""
    bearers: dict[bytes, set[bytes]] = {}
    with residents.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        end = 0
        while end < len(content):
            begin, end = end, content.find(b"\n", end + _WINDOW) + 1 or len(content)
            for card in cards & set(_CARD.findall(content, begin, end)):
                at = begin
                while (at := content.find(b"," + card, at, end) + 1) > 0:
                    if content[at + len(card)] not in b",\n":
                        continue
                    start = content.rfind(b"\n", begin, at) + 1 or begin
                    bearers.setdefault(card, set()).add(content[start : start + KEY_WIDTH])
    return bearers


def _by_another(cards: AbstractSet[bytes], residents: Path) -> Mapping[bytes, set[bytes]]:
    done = subprocess.run(
        [sys.executable, "-m", _MODULE, str(residents)],
        input=marshal.dumps(set(cards)),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(_PLUGINS)},
        check=False,
    )
    if done.returncode:
        raise ComparisonBroken(file=residents.name)
    bearers: Mapping[bytes, set[bytes]] = marshal.loads(done.stdout)  # noqa: S302 - our own process wrote it
    return bearers


if __name__ == "__main__":
    sys.stdout.buffer.write(marshal.dumps(_bearers(marshal.loads(sys.stdin.buffer.read()), Path(sys.argv[1]))))  # noqa: S302 - the same
