"""Who is meant: card number, former card number, identity, and last the weak candidates (domain §7).

Each step has an id of rules/matching_rules.csv; nothing weak is ever a match.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Literal

from renkei.matching.forms import Forms
from renkei.matching.notice import CARD, NAMES, WHO, ToldNotice
from renkei.matching.roll import Seen

CURRENT_CARD: Final = "current_card"
CARD_BEFORE: Final = "card_before"
FORMER_CARD: Final = "former_card"
IDENTITY: Final = "identity"
IDENTITY_GONE: Final = "identity_gone"
NOBODY: Final = "nobody"
CARD_SHARED: Final = "card_shared"
SEVERAL: Final = "weak_several"
NAME_AND_BIRTH: Final = "weak_name_birth"
PART_OF_NAME: Final = "weak_part_of_name"
MISTYPED_CARD: Final = "weak_card"
MOST: Final = 5
"""Candidates offered to a clerk; with more of them a list helps nobody."""

WEAK: Final = (NAME_AND_BIRTH, MISTYPED_CARD, PART_OF_NAME)
"""From the strongest to the weakest; the first that names somebody is offered."""

NameRelation = Literal["agree", "near", "differ", "unknown"]
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Match:
    """The person found and by which rule, or the candidates that a clerk may look at."""

    rule: str
    registry_number: str | None = field(default=None, repr=False)
    candidates: tuple[str, ...] = field(default=(), repr=False)
    twin: str | None = field(default=None, repr=False)
    """Another living person whose whole identity is the notice's, though the card leads elsewhere."""


def by_card(notice: ToldNotice, seen: Seen, former: Mapping[str, AbstractSet[str]]) -> Match | None:
    """Find the one who bears the card number, or bore it; where two bear it, no number decides alone (contract §7)."""
    for rule, card in ((CURRENT_CARD, notice.after[CARD]), (CARD_BEFORE, notice.was(CARD))):
        bearers = seen.bearers.get(card, ()) if card else ()
        if len(bearers) == 1:
            return Match(rule, bearers[0])
        if bearers:
            return Match(CARD_SHARED, candidates=tuple(sorted(bearers)[:MOST]))
    for card in notice.cards:
        persons = former.get(card, frozenset())
        if len(persons) == 1:
            return Match(FORMER_CARD, next(iter(persons)))
    return None


def name_relation(notice: ToldNotice, row: Row, forms: Forms) -> NameRelation:
    """Tell how the names of a notice (before or after) and of a record go together, on their compared copies.

    near: the same words in another order, or all words of one among those of the other.
    """
    found = set[str]()
    for item in NAMES:
        ours = row[item]
        theirs = [value for value in notice.values(item) if value]
        if not ours or not theirs:
            continue
        if ours in theirs or forms.compared(ours) in {forms.compared(value) for value in theirs}:
            found.add("agree")
        else:
            words = set(forms.words(ours))
            near = any(words <= set(forms.words(value)) or words >= set(forms.words(value)) for value in theirs)
            found.add("near" if near else "differ")
    if not found:
        return "unknown"
    if found == {"agree"}:
        return "agree"
    return "differ" if found == {"differ"} else "near"


def agreeing(notice: ToldNotice, row: Row, forms: Forms) -> tuple[str, ...]:
    """Return the items of identity that a notice and a record have in common: the evidence of a match."""
    card = (CARD,) if row[CARD] and row[CARD] in notice.values(CARD) else ()
    names = tuple(
        item
        for item in NAMES
        if row[item] and any(forms.compared(row[item]) == forms.compared(value) for value in notice.values(item))
    )
    return (*card, *names, *(item for item in WHO if row[item] and row[item] in notice.values(item)))


class Sought:
    """Somebody born on a day, as a notice tells it: made once, held to everybody born on that day."""

    def __init__(self, notice: ToldNotice, forms: Forms) -> None:
        self.place = notice.place
        self._forms = forms
        self._cards = notice.cards
        self._sex, self._nationality = notice.values("sex"), notice.values("nationality")
        told = {item: [value for value in notice.values(item) if value] for item in NAMES}
        self._names = {item: {forms.compared(value) for value in values} for item, values in told.items() if values}
        self._words = {word for values in told.values() for value in values for word in forms.words(value)}

    def likeness(self, row: Row) -> str:
        """Return the strongest rule by which somebody is like the one meant, or an empty text."""
        alike = row["sex"] in self._sex and row["nationality"] in self._nationality
        if self._named(row):
            return IDENTITY if alike else NAME_AND_BIRTH
        if any(_one_off(row[CARD], card) for card in self._cards):
            return MISTYPED_CARD
        words = (word for item in NAMES if row[item] for word in self._forms.words(row[item]))
        return PART_OF_NAME if alike and not self._words.isdisjoint(words) else ""

    def _named(self, row: Row) -> bool:
        """Tell whether the names agree wherever both have one, and they have one at least."""
        both = [item for item in self._names if row[item]]
        return bool(both) and all(self._forms.compared(row[item]) in self._names[item] for item in both)


def birth_keys(notice: ToldNotice) -> set[tuple[str, str]]:
    """Return the pairs of birth date and wording under which a record may stand."""
    pairs = {
        (notice.was("birth_date"), notice.was("birth_date_wording")),
        (notice.after["birth_date"], notice.after["birth_date_wording"]),
    }
    return {pair for pair in pairs if any(pair)}


def _one_off(ours: str, theirs: str) -> bool:
    """Tell whether two numbers of one length differ in one place, or by two neighbours that changed places."""
    if not ours or len(ours) != len(theirs) or (ours[:4] != theirs[:4] and ours[-4:] != theirs[-4:]):
        return False
    places = [place for place, (one, other) in enumerate(zip(ours, theirs, strict=True)) if one != other]
    swapped = len(places) == 2 and any(  # noqa: PLR2004  two neighbours
        [first, second] == places and ours[first] == theirs[second] and ours[second] == theirs[first]
        for first, second in pairwise(range(len(ours)))
    )
    return len(places) == 1 or swapped
