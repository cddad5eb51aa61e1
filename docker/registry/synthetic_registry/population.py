"""The residents of the baseline: the ward's mix, and a few of everyone who is rare."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from synthetic_registry.dice import Dice, Weighted
from synthetic_registry.people import People
from synthetic_registry.rows import Record

SMALLEST = 200
"""Residents below which the rare ones would not fit."""

LATER_REASONS = Weighted(
    {
        "move_within": 40.0,
        "household_change": 9.0,
        "head_of_household_change": 5.0,
        "household_merge": 5.0,
        "household_split": 3.0,
        "ex_officio_correction": 22.0,
        "minor_correction": 6.0,
        "error_correction": 3.0,
        "my_number_change": 3.0,
        "sheet_renewal": 3.0,
        "cancellation_increase": 1.0,
    }
)


@dataclass(frozen=True, slots=True)
class Population:
    """Residents by registry number; `kinds` finds the rare ones, `gaps` are numbers not in use."""

    residents: list[tuple[Record, str, str]] = field(repr=False)
    kinds: dict[str, list[str]] = field(repr=False)
    gaps: list[str] = field(repr=False)
    next_number: int


def populate(people: People, count: int, dice: Dice) -> Population:
    """Make `count` residents as they stand at the baseline."""
    rare = list(_rare(people, count, dice))
    made = [("ordinary", people.ordinary(dice)) for _ in range(count - len(rare))] + rare
    dice.shuffle(made)
    residents: list[tuple[Record, str, str]] = []
    kinds: dict[str, list[str]] = {}
    gaps: list[str] = []
    number = 4_000_000
    for kind, record in made:
        step = dice.between(2, 17)
        if dice.chance(0.02):
            gaps.append(f"{number + 1:010d}")
        number += step
        resident = _with_history(f"{number:010d}", kind, record, people.today, dice)
        residents.append(resident)
        kinds.setdefault(kind, []).append(resident[0].registry_number)
        if kind == "ordinary" and record.resident_category == "special_permanent":
            kinds.setdefault("special_permanent", []).append(resident[0].registry_number)
    dice.shuffle(gaps)
    return Population(residents, kinds, gaps, number + 1)


def _with_history(number: str, kind: str, record: Record, today: date, dice: Dice) -> tuple[Record, str, str]:
    """Record, reason and date of the last event: history numbers 1 to 9, a reason that fits."""
    if kind == "older_correction":
        return (
            record._replace(registry_number=number, history_number=3),
            "error_correction",
            record.address_fixed_date,
        )
    if record.resident_category == "birth_transitional":
        reason, history = "birth", 1
    elif record.resident_category == "nationality_loss_transitional":
        reason, history = "loss_of_japanese_nationality", 1
    elif record.address_fixed_date > record.became_resident_date:
        reason, history = "move_within", dice.between(2, 9)
        if dice.chance(0.5):
            reason = dice.drawn(LATER_REASONS)
    elif kind in ("unreported", "older_entry") or dice.chance(0.62):
        reason, history = "domestic_move_in" if record.former_municipality_code else "move_in_from_abroad", 1
        if dice.chance(0.1):
            history = dice.between(2, 6)
    else:
        reason, history = "ex_officio_correction", dice.between(2, 4)
    date_of_event = min(record.address_fixed_date, today.isoformat())
    return record._replace(registry_number=number, history_number=history), reason, date_of_event


def _rare(people: People, count: int, dice: Dice) -> Iterator[tuple[str, Record]]:
    """Everyone whom a registry of this size has only a few of; at least the first number of each."""
    for kind, (least, per_thousand, make) in _KINDS.items():
        for _ in range(max(least, int(count * per_thousand / 1000))):
            yield kind, make(people, dice)
    for _ in range(max(2, count // 1500)):
        one = people.mid_to_long_term(dice, dice.one_of(("CHN", "NPL", "VNM")))
        yield "twin", one
        yield "twin", people.twin_of(one, dice)


def _spr(people: People, dice: Dice) -> Record:
    return people.special_permanent(dice)


def _kanji_only(people: People, dice: Dice) -> Record:
    record = people.special_permanent(dice)
    while not record.name_kanji:
        record = people.special_permanent(dice)
    return record._replace(name_roman="")


def _without_card(people: People, dice: Dice) -> Record:
    return people.mid_to_long_term(dice)._replace(
        status_of_residence="", period_of_stay="", expiry_date="", card_number=""
    )


def _refuge(people: People, dice: Dice) -> Record:
    until = (people.today + timedelta(days=dice.between(20, 170))).isoformat()
    return _without_card(people, dice)._replace(resident_category="temporary_refuge", landing_period_expiry=until)


def _provisional(people: People, dice: Dice) -> Record:
    until = (people.today + timedelta(days=dice.between(20, 170))).isoformat()
    return _without_card(people, dice)._replace(resident_category="provisional_stay", provisional_stay_expiry=until)


def _newborn(people: People, dice: Dice) -> Record:
    born = people.today - timedelta(days=dice.between(2, 55))
    return people.child_of(people.mid_to_long_term(dice, dice.one_of(("CHN", "KOR", "NPL"))), born, dice)


def _newborn_special(people: People, dice: Dice) -> Record:
    born = people.today - timedelta(days=dice.between(20, 50))
    return people.child_of(people.special_permanent(dice), born, dice)


def _nationality_lost(people: People, dice: Dice) -> Record:
    return _without_card(people, dice)._replace(resident_category="nationality_loss_transitional")


def _card_later(people: People, dice: Dice) -> Record:
    here = (people.today - timedelta(days=dice.between(3, 12))).isoformat()
    former = people.addresses.abroad("NPL", dice)
    return people.mid_to_long_term(dice, "NPL")._replace(
        card_number="",
        landing_permit_entry="1",
        residence_reported="0",
        became_resident_date=here,
        address_fixed_date=here,
        became_foreign_resident_date=here,
        former_municipality_code="",
        former_address=former.address,
    )


def _unreported(people: People, dice: Dice) -> Record:
    here = (people.today - timedelta(days=dice.between(1, 9))).isoformat()
    former = people.addresses.elsewhere(dice)
    return people.mid_to_long_term(dice)._replace(
        residence_reported="0",
        became_resident_date=here,
        address_fixed_date=here,
        former_municipality_code=former.code,
        former_address=former.address,
    )


def _older_entry(people: People, dice: Dice) -> Record:
    return _unreported(people, dice)._replace(residence_reported="1")


def _unknown_birth(people: People, dice: Dice) -> Record:
    year = dice.between(1940, 1992)
    wording = dice.one_of(("{}年 月日不詳", "{}年頃", "{}年3月 日不詳", "推定{}年1月1日")).format(year)
    return people.mid_to_long_term(dice)._replace(birth_date="", birth_date_wording=wording)


def _birth_outside_calendar(people: People, dice: Dice) -> Record:
    return people.mid_to_long_term(dice)._replace(birth_date=f"{1901 + 4 * dice.between(14, 22)}-02-29")


def _unknown_since(people: People, dice: Dice) -> Record:
    return people.mid_to_long_term(dice)._replace(
        became_foreign_resident_date="", became_foreign_resident_wording="平成25年頃"
    )


def _third_sex(people: People, dice: Dice) -> Record:
    return people.mid_to_long_term(dice)._replace(sex="3")


def _long_name(people: People, dice: Dice) -> Record:
    return people.mid_to_long_term(dice, "LKA")._replace(name_roman=people.names.long(dice))


def _single_name(people: People, dice: Dice) -> Record:
    return people.mid_to_long_term(dice, "IDN")._replace(name_roman=people.names.single(dice))


def _stateless(people: People, dice: Dice) -> Record:
    return people.mid_to_long_term(dice, "MMR")._replace(nationality=dice.one_of(("XSL", "XUN", "PSE")))


def _common_name(people: People, dice: Dice) -> Record:
    return people.mid_to_long_term(dice, "CHN")._replace(common_name=people.names.common(dice))


def _protected(people: People, dice: Dice) -> Record:
    return people.mid_to_long_term(dice)._replace(protected="1")


# kind: (at least, per thousand residents, how to make one)
_KINDS: dict[str, tuple[int, float, Callable[[People, Dice], Record]]] = {
    "special_permanent": (16, 0, _spr),
    "kanji_only": (3, 0.2, _kanji_only),
    "temporary_refuge": (2, 0.1, _refuge),
    "provisional_stay": (2, 0.3, _provisional),
    "newborn": (4, 0.7, _newborn),
    "newborn_special": (2, 0.05, _newborn_special),
    "nationality_lost": (1, 0.05, _nationality_lost),
    "card_later": (4, 0.6, _card_later),
    "unreported": (6, 1.2, _unreported),
    "older_entry": (1, 0, _older_entry),
    "older_correction": (1, 0, _unreported),
    "unknown_birth": (2, 0.2, _unknown_birth),
    "birth_outside_calendar": (1, 0.05, _birth_outside_calendar),
    "unknown_since": (1, 0.1, _unknown_since),
    "third_sex": (2, 0.1, _third_sex),
    "long_name": (2, 0.1, _long_name),
    "single_name": (2, 0.1, _single_name),
    "stateless": (1, 0.3, _stateless),
    "common_name": (3, 0.2, _common_name),
    "protected": (2, 0, _protected),
}
