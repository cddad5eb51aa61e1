"""Gives every agency notice its class, by the last extract that was proven, and closes what that extract shows applied.

The file is read outside the ledger; what it says is judged and written in one transaction. A rerun finds the same.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import select, update

from renkei.corridor import agency_known as known
from renkei.corridor.agency_base import agency_items, as_told, base_of, proven
from renkei.corridor.agency_closing import close_applied, open_persons
from renkei.corridor.agency_screening import Found, pending, pending_ids, place_of, screen, told_notices
from renkei.corridor.card_numbers import CARD, remember, some
from renkei.corridor.house import House
from renkei.corridor.locks import one_at_a_time
from renkei.dates import calendar_date
from renkei.ledger import Tx
from renkei.ledger.states import AgencyNoticeClass, OpenState
from renkei.ledger.tables import AgencyNotice
from renkei.matching import (
    Case,
    Forms,
    Judgement,
    Match,
    Seen,
    Told,
    ToldNotice,
    contradicted,
    find_persons,
    judge,
    later_one,
)

_CLASSES: Final = "agency_notice_classes"


@dataclass(frozen=True, slots=True)
class Matching:
    """What a match found: how many notices got which class, how many proposals were closed by the extract."""

    business_date: date
    extract: str
    classes: Mapping[str, int]
    closed: int
    waiting: int

    def facts(self) -> dict[str, Any]:
        """Return counts and references, fit for an XCom."""
        return {
            "business_date": self.business_date.isoformat(),
            "extract": self.extract,
            "classes": dict(self.classes),
            "closed": self.closed,
            "waiting": self.waiting,
        }


def match_agency_notices(house: House, day: date) -> Matching:
    """Class every notice that has none or waits, and close the proposals that the extract shows applied.

    Raises `NoBaseline`, `ProvenExtractChanged`, `SchemasUnreadable`.
    """
    with one_at_a_time(house, "matching", frozenset()):
        with house.ledger.reading() as tx:
            found = _find(house, tx, day)
        with house.ledger.transaction(actor=house.actor) as tx:
            return _write(house, tx, day, found)


def _find(house: House, tx: Tx, day: date) -> Found:
    base = base_of(house, tx, day)
    items, forms = agency_items(house.schemas, day), Forms(house.schemas, day)
    screened = screen(house, tx)

    def notices() -> Iterator[ToldNotice]:
        return told_notices(pending(tx), screened, items)

    ids = pending_ids(tx)
    opened = {number for number in open_persons(tx) if number}
    if not opened and len(screened.settled) == len(ids):
        return Found(ids, base, items, forms, screened, {}, Seen(base.columns, {}, {}))
    with proven(base):
        matches, seen = find_persons(notices, base, known.LedgerFormer(tx), forms, opened)
    return Found(ids, base, items, forms, screened, matches, seen)


def _write(house: House, tx: Tx, day: date, found: Found) -> Matching:
    closed = close_applied(house, tx, found)
    judged = _Judging(house, tx, found)
    counts, waits, total = Counter[str](), 0, hashlib.sha256()
    cards: list[tuple[str, str]] = []
    for ids in some(found.ids):
        updates = []
        for row in _rows(tx, ids):
            values = judged.values(row, cards)
            waits += values["notice_class"] is AgencyNoticeClass.WAITS_FOR_US
            if any(getattr(row, name) != value for name, value in values.items() if name != "final_at"):
                updates.append({"id": row.id, **values})
                counts[str(values["notice_class"])] += 1
                total.update(f"{row.serial} {row.record_number} {values['notice_class']} {values['rule']}\n".encode())
        if updates:
            tx.session.execute(update(AgencyNotice), updates)
    remember(tx, cards, found.base.extract.business_date)
    if counts or closed:
        facts = {"extract": found.base.extract.manifest_sha256, "classes": dict(counts), "closed": closed}
        tx.tell("agency.matched", day.isoformat(), {**facts, "found_sha256": total.hexdigest()})
    return Matching(day, found.base.name, dict(counts), closed, waits)


def _rows(tx: Tx, ids: Sequence[int]) -> list[AgencyNotice]:
    query = select(AgencyNotice).where(AgencyNotice.id.in_(ids))
    rows = tx.session.scalars(query.order_by(AgencyNotice.serial, AgencyNotice.record_number)).all()
    for row in rows:
        tx.session.expunge(row)
    return list(rows)


class _Judging:
    """Judges one notice after the other in the order of taking in, with what the ledger knows of its person."""

    def __init__(self, house: House, tx: Tx, found: Found) -> None:
        self._house, self._found, self._now = house, found, tx.clock.now()
        numbers = {match.registry_number for match in found.matches.values() if match.registry_number}
        self._ends = known.ends_of(tx, house.schemas, {each for each in numbers if each not in found.seen.lines})
        self._own = known.own_waiting(tx)
        self._ahead = known.ahead_of(tx, numbers, found.items)
        self._told = known.earlier_told(tx, numbers, found.items)
        self._newest = found.base.extract.business_date - timedelta(days=house.settings.arrival_wait_days)
        self._final = {code for code, row in house.schemas.codes(_CLASSES).items() if row["final"] == "1"}
        self._open = {code for code, row in house.schemas.codes(_CLASSES).items() if row["open"] == "1"}
        for notice in told_notices(pending(tx), found.screened, found.items):
            match = found.matches.get(notice.place)
            if match is not None and match.registry_number:
                self._told[match.registry_number].append(Told.of(notice))

    def values(self, row: AgencyNotice, cards: list[tuple[str, str]]) -> dict[str, Any]:
        """Return the columns that the judgement of a notice fills; card numbers it names are added to `cards`."""
        settled = self._found.screened.settled.get(place_of(row))
        match = Match("") if settled else self._found.matches[place_of(row)]
        judgement = settled or self._judged(row, match, cards)
        final = judgement.notice_class in self._final
        opened = judgement.notice_class in self._open
        return {
            "notice_class": AgencyNoticeClass(judgement.notice_class),
            "rule": judgement.rule,
            "fields": list(judgement.fields),
            "evidence": list(judgement.evidence),
            "candidates": list(match.candidates),
            "registry_number": match.registry_number,
            "prepared": judgement.prepared,
            "matched_on": self._found.base.extract.business_date,
            "final_at": self._now if final else None,
            "state": OpenState.OPEN if opened else OpenState.CLOSED,
            "closed_at": None if opened else self._now,
            "closed_by": None if opened else judgement.rule,
        }

    def _judged(self, row: AgencyNotice, match: Match, cards: list[tuple[str, str]]) -> Judgement:
        notice = ToldNotice.of(place_of(row), row.content, self._found.items)
        case = self._case(notice, match)
        judgement = judge(case, self._found.forms)
        number = match.registry_number
        if number and case.row is not None and judgement.notice_class in {"already_so", "to_apply"}:
            cards += [(card, number) for card in notice.cards if card != case.row[CARD]]
        if number and judgement.notice_class == "to_apply":
            self._ahead[number] |= {item: notice.after[item] for item in notice.told}
        return judgement

    def _case(self, notice: ToldNotice, match: Match) -> Case:
        number = match.registry_number
        if number is None:
            day = calendar_date(notice.event_date)
            return Case(notice, match, newcomer=day is not None and day >= self._newest)
        row = self._found.seen.row(number) or self._found.base.find(number)
        others = self._told[number]
        return Case(
            notice,
            match,
            row=as_told(self._house.schemas, row) if row else None,
            gone="" if row else self._ends.get(number, known.UNKNOWN_END),
            own=self._own.get(number, ""),
            late=later_one(notice, others),
            contradicted=contradicted(notice, others),
            ahead=self._ahead[number],
        )
