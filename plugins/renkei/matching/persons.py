"""Finds the person of every notice: one pass for the card numbers, a second one for those that no number found.

Only keys and matches are held for all of them; the notices themselves are read again where they are needed.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Protocol

from renkei.matching.cascade import (
    FORMER_CARD,
    IDENTITY,
    IDENTITY_GONE,
    MOST,
    NOBODY,
    SEVERAL,
    WEAK,
    Match,
    Sought,
    birth_keys,
    by_card,
    name_relation,
)
from renkei.matching.forms import Forms
from renkei.matching.notice import ToldNotice
from renkei.matching.roll import Seen, seek, seek_births

Source = Callable[[], Iterable[ToldNotice]]
"""Gives the notices in the order of taking in, each time anew."""
Place = tuple[int, int]


class Roll(Protocol):
    """The residents' file of the extract that was proven."""

    @property
    def columns(self) -> Sequence[str]:
        """Its columns in order."""
        ...

    def blocks(self) -> Iterator[bytes]:
        """Yield its lines in blocks, without the header; each call reads it anew."""
        ...


class Former(Protocol):
    """What is kept of former card numbers and of persons whose record is deleted."""

    def bearers(self, cards: Collection[str]) -> Mapping[str, AbstractSet[str]]:
        """Return who once bore each of these cards, by card; a card nobody bore is left out."""
        ...

    def gone(self, births: AbstractSet[tuple[str, str]]) -> Iterable[Mapping[str, str]]:
        """Yield the last rows of deleted persons with one of these birth dates and wordings."""
        ...


def find_persons(
    notices: Source, roll: Roll, former: Former, forms: Forms, besides: Collection[str] = ()
) -> tuple[dict[Place, Match], Seen]:
    """Return the match of each notice by its place, and the living rows of all persons concerned.

    `besides`: registry numbers whose rows are wanted as well.
    """
    cards = {card for notice in notices() for card in notice.cards}
    known: dict[str, set[str]] = {card: set(persons) for card, persons in former.bearers(cards).items()}
    numbers = {person for persons in known.values() for person in persons} | set(besides)
    seen = seek(roll.blocks(), roll.columns, cards, numbers)
    found, left = _by_cards(notices(), seen, known, forms)
    if not left:
        return found, seen
    alike = _Alike(left, forms)
    lines: dict[str, bytes] = dict(seen.lines)
    for row, line in seek_births(roll.blocks(), roll.columns, {birth for birth, _ in alike.births}):
        if alike.look_at(row):
            lines[row["registry_number"]] = line
    gone = _Alike(left, forms)
    for last in former.gone(gone.births):
        gone.look_at(last)
    found |= {notice.place: _of_birth(notice.place, found.get(notice.place), alike, gone) for notice in left}
    return found, replace(seen, lines=lines)


def _by_cards(
    notices: Iterable[ToldNotice], seen: Seen, former: dict[str, set[str]], forms: Forms
) -> tuple[dict[Place, Match], list[ToldNotice]]:
    """Match by card numbers; what no number found, or found somebody of another name, is left to the births.

    A number that an earlier notice gave to a person leads the later ones to that person too.
    """
    found: dict[Place, Match] = {}
    left: list[ToldNotice] = []
    for notice in notices:
        match = by_card(notice, seen, former)
        if match is not None:
            found[notice.place] = match
        number = match.registry_number if match else None
        row = seen.row(number) if number else None
        if number is None or row is None or name_relation(notice, row, forms) == "differ":
            left.append(notice)
            continue
        for card in notice.cards:
            if card not in seen.bearers:
                former.setdefault(card, set()).add(number)
    return found, left


class _Alike:
    """Who, of those born on the day of a notice, is like the one meant, by rule; only numbers are held."""

    def __init__(self, notices: Iterable[ToldNotice], forms: Forms) -> None:
        self._sought: defaultdict[tuple[str, str], list[Sought]] = defaultdict(list)
        for notice in notices:
            sought = Sought(notice, forms)
            for key in birth_keys(notice):
                self._sought[key].append(sought)
        self.births = self._sought.keys()
        self._found: defaultdict[tuple[Place, str], list[str]] = defaultdict(list)

    def look_at(self, row: Mapping[str, str]) -> bool:
        """Hold a person to the notices; tell whether the person is all that one of them says."""
        same = False
        for sought in self._sought.get((row["birth_date"], row["birth_date_wording"]), ()):
            rule = sought.likeness(row)
            if not rule:
                continue
            found = self._found[sought.place, rule]
            if len(found) < MOST:
                found.append(row["registry_number"])
            same |= rule == IDENTITY
        return same

    def by(self, place: Place, rule: str) -> list[str]:
        """Return the persons found for a notice by a rule, in the order of their numbers."""
        return sorted(self._found.get((place, rule), []))


def _of_birth(place: Place, match: Match | None, alike: _Alike, gone: _Alike) -> Match:
    """Let identity decide where no card did, and speak where it contradicts the card; weak rules offer the rest."""
    same = alike.by(place, IDENTITY)
    if match is not None and match.registry_number is not None and match.rule != FORMER_CARD:
        others = [number for number in same if number != match.registry_number]
        return replace(match, twin=others[0]) if others else match
    if len(same) == 1:
        return Match(IDENTITY, same[0])
    if match is not None:
        return match
    if same:
        return Match(SEVERAL, candidates=tuple(same))
    left = gone.by(place, IDENTITY)
    if len(left) == 1:
        return Match(IDENTITY_GONE, left[0])
    return next(
        (Match(rule, candidates=tuple(found)) for rule in WEAK if (found := alike.by(place, rule))), Match(NOBODY)
    )
