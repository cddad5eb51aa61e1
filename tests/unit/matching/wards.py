"""A ward without a ledger: rows in memory, notices about them, and what the matching makes of both."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from renkei.csv_form import join
from renkei.matching import (
    Case,
    Forms,
    Judgement,
    Match,
    Told,
    ToldNotice,
    contradicted,
    find_persons,
    judge,
    later_one,
)
from renkei.schemas import Schemas
from tests.support.agency_notices import ITEMS
from tests.support.extracts import RESIDENT_COLUMNS, person

SCHEMAS = Schemas(Path(__file__).resolve().parents[3] / "schemas")
DAY = date(2019, 3, 28)
FORMS = Forms(SCHEMAS, DAY)
Row = dict[str, str]


def resident(number: int, **fields: str) -> Row:
    """An invented resident."""
    return person(f"{number:010}", **fields)


@dataclass
class Ward:
    """The rows of a residents' file, former card numbers, last rows of deleted persons."""

    rows: Sequence[Row]
    former: Mapping[str, AbstractSet[str]] = field(default_factory=dict)
    left: Sequence[Mapping[str, str]] = ()
    passes: int = 0

    @property
    def columns(self) -> Sequence[str]:
        return RESIDENT_COLUMNS

    def blocks(self) -> Iterator[bytes]:
        self.passes += 1
        lines = [join([row[name] for name in RESIDENT_COLUMNS]) for row in self.rows]
        for at in range(0, len(lines), 3):
            yield "".join(f"{line}\n" for line in lines[at : at + 3]).encode()

    def bearers(self, cards: Collection[str]) -> Mapping[str, AbstractSet[str]]:
        return {card: self.former[card] for card in cards if card in self.former}

    def gone(self, births: AbstractSet[tuple[str, str]]) -> Iterable[Mapping[str, str]]:
        return [row for row in self.left if (row["birth_date"], row["birth_date_wording"]) in births]

    def matches(self, *contents: Mapping[str, str], serial: int = 1) -> list[Match]:
        """The match of each notice of one file."""
        notices = [ToldNotice.of((serial, record), content, ITEMS) for record, content in enumerate(contents, 1)]
        found, _ = find_persons(lambda: iter(notices), self, self, FORMS)
        return [found[notice.place] for notice in notices]

    def match(self, content: Mapping[str, str]) -> Match:
        (found,) = self.matches(content)
        return found

    def judgements(self, *contents: Mapping[str, str]) -> list[Judgement]:
        """The judgement of each notice of one file, as if nothing else were known of anybody."""
        notices = [ToldNotice.of((1, record), content, ITEMS) for record, content in enumerate(contents, 1)]
        found, seen = find_persons(lambda: iter(notices), self, self, FORMS)
        told: dict[str | None, list[Told]] = {}
        for notice in notices:
            told.setdefault(found[notice.place].registry_number, []).append(Told.of(notice))
        made = []
        for notice in notices:
            match = found[notice.place]
            number = match.registry_number
            row = seen.row(number) if number else None
            others = told[number] if number else []
            case = Case(
                notice,
                match,
                row=row,
                gone="gone_moved" if number and row is None else "",
                late=later_one(notice, others),
                contradicted=contradicted(notice, others),
            )
            made.append(judge(case, FORMS))
        return made

    def judged(self, content: Mapping[str, str]) -> Judgement:
        (found,) = self.judgements(content)
        return found
