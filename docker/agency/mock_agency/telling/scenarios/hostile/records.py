"""Notices that a ward must not take at their word: content nobody can accept, persons who are gone, twins."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from mock_agency.errors import SiteError
from mock_agency.store import Person
from mock_agency.telling.rows import Draft, Row
from mock_agency.telling.scenarios.hostile.case import Case
from mock_agency.telling.scenarios.making import Maker, mid_to_long

DIED, MOVED, NATURALISED = ("death",), ("domestic_move_out", "move_out_abroad"), ("naturalisation",)
FORMULAS: Final = ('=HYPERLINK("http://192.0.2.1/","X")', "+1+1", "-2+3", "@SUM(A1)", "=cmd|' /C calc'!A0")
NOT_ACCEPTABLE: Final = "not_acceptable"
# Digits that check as 個人番号; nobody's.
FORBIDDEN_NUMBER: Final = "123456789018"


def _wrong(how: Callable[[Row, Maker], Mapping[str, str]]) -> Callable[[Maker], list[Draft]]:
    """Spoil one notice for an invented person."""

    def made(maker: Maker) -> list[Draft]:
        draft = maker.invented("content", NOT_ACCEPTABLE, days_ago=5)
        return [replace(draft, row={**draft.row, **how(draft.row, maker)})]

    return made


def _tomorrow(_row: Row, maker: Maker) -> Mapping[str, str]:
    return {"event_date": (maker.day + timedelta(days=1)).isoformat()}


def _control(row: Row, _maker: Maker) -> Mapping[str, str]:
    return {"name_roman": f"{row['name_roman']}\x1b[31m\t\x07"}


def _named(row: Row, name: str) -> Mapping[str, str]:
    return {"name_roman": f"{row['name_roman']} {name}"}


def _gone(*reasons: str) -> Callable[[Maker], list[Draft]]:
    return lambda maker: maker.gone(*reasons)


def _formulas(maker: Maker) -> list[Draft]:
    """Five people change their names to what a spreadsheet would reckon out."""
    made = []
    for formula in FORMULAS:
        person = maker.people.take(maker.dice, mid_to_long)
        if person:
            row = maker.about(person.items, "name_change", {"name_roman": formula})
            made.append(Draft(row, person.reference, "formulas", "to_apply"))
    return made


def _contradiction(maker: Maker) -> list[Draft]:
    """Two notices of one day about one person tell two periods."""
    person = maker.people.take(maker.dice, mid_to_long)
    if person is None:
        return []
    periods = [one for one in ("0402", "0209", "0107") if one != person.items["period_of_stay"]][:2]
    rows = [maker.about(person.items, "item_correction", {"period_of_stay": one}, days_ago=3) for one in periods]
    return [Draft(row, person.reference, "contradiction", "conflict", changes=False) for row in rows]


def _twin(maker: Maker) -> list[Draft]:
    """The number is that of one, the name that of another who is otherwise the same."""

    def alike(one: Person, other: Person) -> bool:
        same = all(one.items[item] == other.items[item] for item in ("birth_date_wording", "sex", "nationality"))
        named = one.items["name_roman"] and other.items["name_roman"] != one.items["name_roman"]
        return bool(same and named and one.items["card_number"] and other.items["name_roman"])

    pair = maker.people.pair(alike)
    if pair is None:
        return []
    one, other = pair
    mixed = {**one.items, "name_roman": other.items["name_roman"], "name_kanji": other.items["name_kanji"]}
    row = maker.about(mixed, "item_correction", maker.other_period(mixed))
    return [Draft(row, one.reference, "twin", "conflict", changes=False)]


def _fault(how: Callable[[Maker], list[Draft]]) -> Callable[[Case], dict[str, Any]]:
    def made(case: Case) -> dict[str, Any]:
        drafts = [replace(draft, kind=case.fault) for draft in how(case.maker)]
        if not drafts:
            raise SiteError(f"{case.fault}: the register holds nobody to whom it could happen")
        # A good notice goes with the bad ones: it must be taken in all the same.
        drafts += [case.maker.invented("beside", "not_found", days_ago=30)]
        return case.told(case.tell(drafts), classes=[draft.expected for draft in drafts])

    return made


RECORDS: Final[Mapping[str, Callable[[Maker], list[Draft]]]] = {
    "card-shape": _wrong(lambda row, _maker: {"card_number": row["card_number"][:-1]}),
    "date-1899": _wrong(lambda _row, _maker: {"event_date": "1899-12-31"}),
    "date-future": _wrong(_tomorrow),
    "date-impossible": _wrong(lambda _row, _maker: {"expiry_date": "2019-02-30"}),
    "control-characters": _wrong(_control),
    "line-separator": _wrong(lambda row, _maker: _named(row, "\u2028")),
    "forbidden-number": _wrong(lambda row, _maker: _named(row, FORBIDDEN_NUMBER)),
    "no-name": _wrong(lambda _row, _maker: {"name_roman": "", "name_kanji": ""}),
    "unknown-reason": _wrong(lambda _row, _maker: {"reason": "whim"}),
    "other-action": _wrong(lambda _row, _maker: {"action": "loss"}),
    "unknown-code": _wrong(lambda _row, _maker: {"nationality": "QQQ", "nationality_before": "QQQ"}),
    "formulas": _formulas,
    "died": _gone(*DIED),
    "moved": _gone(*MOVED),
    "naturalised": _gone(*NATURALISED),
    "twin": _twin,
    "contradiction": _contradiction,
}
FAULTS: Final[Mapping[str, Callable[[Case], dict[str, Any]]]] = {name: _fault(how) for name, how in RECORDS.items()}
