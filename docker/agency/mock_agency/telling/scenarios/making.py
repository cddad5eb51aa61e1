"""Makes notices of each kind, for persons of the register or for invented ones."""

import tomllib
from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from mock_agency.store import Person
from mock_agency.telling.register import identity
from mock_agency.telling.rows import Draft, Form, Row
from mock_agency.telling.scenarios.dice import Dice
from mock_agency.telling.scenarios.people import MID_TO_LONG, SPECIAL, People

MIX: Final[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("mix.toml").read_text(encoding="utf-8"))
PERMANENT: Final = "永住者"
UNLIMITED: Final = "0000"
SOON: Final = timedelta(days=120)
Items = Mapping[str, str]


def day_of(text: str) -> date | None:
    """Read a calendar date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def after_period(start: date, period: str) -> date:
    """Return the day on which a period of stay ends (`YYMM` or `DDD`)."""
    if len(period) == 3:  # noqa: PLR2004 - three digits are days
        return start + timedelta(days=int(period))
    months = start.month - 1 + int(period[:2]) * 12 + int(period[2:])
    year, month = start.year + months // 12, months % 12 + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def mid_to_long(items: Items) -> bool:
    """Somebody with a card, a status and a day on which the stay ends."""
    named = items["resident_category"] == MID_TO_LONG and items["card_number"] and items["name_roman"]
    return bool(named and day_of(items["expiry_date"]) and day_of(items["birth_date"]))


class Maker:
    """Makes the notices of one day; each method returns drafts, none where nobody fits."""

    def __init__(self, form: Form, people: People, dice: Dice, day: date) -> None:
        self.form, self.people, self.dice, self.day = form, people, dice, day

    # --- ordinary kinds: to apply ------------------------------------------------------------------------------

    def ordinary(self, kind: str) -> list[Draft]:
        """Return a notice of an ordinary kind, for somebody to whom it can happen."""
        makers: dict[str, tuple[Callable[[Items], bool], Callable[[Items], dict[str, str]]]] = {
            "renewal": (self._ends_soon, self.renewed),
            "status_change": (mid_to_long, self._other_status),
            "permanent_residence": (mid_to_long, self._permanent),
            "card_reissue": (mid_to_long, lambda _items: {"card_number": self.people.new_card(self.dice)}),
            "name_change": (mid_to_long, self._renamed),
            "nationality_change": (mid_to_long, self._other_nationality),
            "item_correction": (mid_to_long, self._corrected),
            "status_loss": (mid_to_long, lambda _items: {}),
            "departure": (mid_to_long, lambda _items: {}),
        }
        fits, changed = makers[kind]
        person = self.people.take(self.dice, fits) or self.people.take(self.dice, mid_to_long)
        if person is None:
            return []
        return [Draft(self.about(person.items, kind, changed(person.items)), person.reference, kind, "to_apply")]

    def about(self, items: Items, reason: str, after: Items, *, days_ago: int = 0) -> Row:
        """Return the row about somebody, of a day before this one."""
        event = self.day - timedelta(days=days_ago or self.dice.between(1, 9))
        return self.form.about(items, reason, event.isoformat(), after)

    def renewed(self, items: Items, *, start: date | None = None) -> dict[str, str]:
        """Return what a renewal changes: period, last day and card number."""
        old = start or day_of(items["expiry_date"]) or self.day
        period = self.dice.choice(MIX["invented"]["periods"])
        expiry = after_period(max(old, self.day), period)
        card = self.people.new_card(self.dice)
        return {"period_of_stay": period, "expiry_date": expiry.isoformat(), "card_number": card}

    def other_period(self, items: Items) -> dict[str, str]:
        """Return another period of stay."""
        periods = [one for one in MIX["invented"]["periods"] if one != items["period_of_stay"]]
        return {"period_of_stay": self.dice.choice(periods)}

    def _ends_soon(self, items: Items) -> bool:
        ends = day_of(items["expiry_date"])
        return mid_to_long(items) and ends is not None and abs(ends - self.day) < SOON

    def _other_status(self, items: Items) -> dict[str, str]:
        others = [one for one in MIX["invented"]["statuses"] if one != items["status_of_residence"]]
        return {"status_of_residence": self.dice.choice(others)} | self.renewed(items, start=self.day)

    def _permanent(self, _items: Items) -> dict[str, str]:
        card = self.people.new_card(self.dice)
        return {
            "status_of_residence": PERMANENT, "period_of_stay": UNLIMITED, "expiry_date": "", "card_number": card,
        }  # fmt: skip

    def _renamed(self, items: Items) -> dict[str, str]:
        name = f"{items['name_roman'][:100]} {self.dice.choice(MIX['invented']['family'])}"
        return {"name_roman": name, "card_number": self.people.new_card(self.dice)}

    def _other_nationality(self, items: Items) -> dict[str, str]:
        others = [one for one in MIX["invented"]["nationalities"] if one != items["nationality"]]
        return {"nationality": self.dice.choice(others), "card_number": self.people.new_card(self.dice)}

    def _corrected(self, items: Items) -> dict[str, str]:
        return self._other_birth(items) if self.dice.below(2) else self.other_period(items)

    def _other_birth(self, items: Items) -> dict[str, str]:
        born = day_of(items["birth_date"]) or self.day
        for days in range(1, 400):
            other = (born - timedelta(days=days)).isoformat()
            if not self.people.identities[identity({**items, "birth_date": other})]:
                return {"birth_date": other}
        raise AssertionError("somebody like this is born on every day of a year")

    # --- special cases -----------------------------------------------------------------------------------------

    def special(self, kind: str) -> list[Draft]:
        """Return the notices of a special case that needs nothing told before."""
        made: list[Draft] = getattr(self, f"_{kind}")()
        return made

    def _with(self, kind: str, expected: str, how: Callable[[Person], Row], *, changes: bool = False) -> list[Draft]:
        person = self.people.take(self.dice, mid_to_long)
        return [Draft(how(person), person.reference, kind, expected, changes)] if person else []

    def _former_number_chain(self) -> list[Draft]:
        """A card is reissued, and the stay renewed with the new number, before the ward heard of either."""
        person = self.people.take(self.dice, mid_to_long)
        if person is None:
            return []
        first = self.about(
            person.items, "card_reissue", {"card_number": self.people.new_card(self.dice)}, days_ago=6
        )  # fmt: skip
        between = {**person.items, "card_number": first["card_number"]}
        second = self.about(between, "renewal", self.renewed(between), days_ago=2)
        return [Draft(row, person.reference, "former_number_chain", "to_apply") for row in (first, second)]

    def _identity(self) -> list[Draft]:
        """The first number of somebody who has none at the ward."""

        def numberless(items: Items) -> bool:
            named = items["resident_category"] == MID_TO_LONG and items["name_roman"] and day_of(items["birth_date"])
            return bool(named and not items["card_number"])

        person = self.people.take(self.dice, numberless)
        if person is None:
            return []
        row = self.about(person.items, "card_reissue", {"card_number": self.people.new_card(self.dice)})
        return [Draft(row, person.reference, "identity", "to_apply")]

    def _special_permanent(self) -> list[Draft]:
        person = self.people.take(
            self.dice, lambda items: bool(items["resident_category"] == SPECIAL and items["card_number"])
        )  # fmt: skip
        if person is None:
            return []
        row = self.about(person.items, "card_reissue", {"card_number": self.people.new_card(self.dice)})
        return [Draft(row, person.reference, "special_permanent", "to_apply")]

    def _name_variant(self) -> list[Draft]:
        """A renewal whose name is written in another width, case or spacing."""

        def row(person: Person) -> Row:
            made, name = self.about(person.items, "renewal", self.renewed(person.items)), person.items["name_roman"]
            wide = "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in name)
            variant = self.dice.choice([wide, name.lower(), name.replace(" ", "  "), name.replace(" ", "\u3000")])
            variant = variant if variant != name else wide
            return made | {"name_roman": variant, "name_roman_before": variant}

        return self._with("name_variant", "to_apply", row, changes=True)

    def _already_so(self) -> list[Draft]:
        """A renewal that the ward has entered already: the values after are those of both registers."""

        def row(person: Person) -> Row:
            made = self.about(person.items, "renewal", {})
            ends = day_of(person.items["expiry_date"]) or self.day
            before = {"expiry_date_before": (ends - timedelta(days=365)).isoformat()}
            return made | before | {"card_number_before": self.people.new_card(self.dice)}

        return self._with("already_so", "already_so", row)

    def _conflict(self) -> list[Draft]:
        """A correction of a period that neither register has."""

        def row(person: Person) -> Row:
            made = self.about(person.items, "item_correction", {})
            before, after = [one for one in ("0402", "0209", "0107") if one != person.items["period_of_stay"]][:2]
            return made | {"period_of_stay_before": before, "period_of_stay": after}

        return self._with("conflict", "conflict", row)

    def _another_person(self) -> list[Draft]:
        """The number is somebody's, the birth date is not."""

        def row(person: Person) -> Row:
            birth = self._other_birth(person.items)["birth_date"]
            made = self.about(person.items, "renewal", self.renewed(person.items))
            return made | {"birth_date": birth, "birth_date_before": birth}

        return self._with("another_person", "conflict", row)

    def _weak(self) -> list[Draft]:
        """Name and birth date are somebody's, the number and the sex are not: offered to a clerk at most."""

        def row(person: Person) -> Row:
            other = {"1": "2", "2": "1"}.get(person.items["sex"], "1")
            unlike = {**person.items, "sex": other, "card_number": self.people.new_card(self.dice)}
            return self.about(unlike, "renewal", self.renewed(unlike), days_ago=40)

        return self._with("weak", "not_found", row)

    def _moved_away(self) -> list[Draft]:
        return self.gone()

    def gone(self, *reasons: str) -> list[Draft]:
        """Return a notice for somebody whose deletion the ward told, for one of these reasons if any are named."""
        person = self.people.take_gone(self.dice, reasons)
        if person is None:
            return []
        row = self.about(person.items, "renewal", self.renewed(person.items))
        return [Draft(row, person.reference, "moved_away", "moved_away", changes=False)]

    def _not_found(self) -> list[Draft]:
        return [self.invented("not_found", "not_found", days_ago=30)]

    def _not_yet_here(self) -> list[Draft]:
        return [self.invented("not_yet_here", "waits_for_us", days_ago=1)]

    def _not_ours(self) -> list[Draft]:
        draft = self.invented("not_ours", "not_ours", days_ago=5)
        others = [code for code in MIX["invented"]["municipalities"] if code != self.people.municipality]
        draft.row["municipality"] = self.dice.choice(others)
        return [draft]

    def _not_acceptable(self) -> list[Draft]:
        draft = self.invented("not_acceptable", "not_acceptable", days_ago=5)
        draft.row["card_number"] = draft.row["card_number"][:-1]
        return [draft]

    def invented(self, kind: str, expected: str, *, days_ago: int) -> Draft:
        """Return a renewal for somebody whom nobody has ever heard of."""
        source, dice = MIX["invented"], self.dice
        while True:
            items = {
                "name_roman": f"{dice.choice(source['family'])} {dice.choice(source['given'])} {dice.letters(6)}",
                "birth_date": (date(1960, 1, 1) + timedelta(days=dice.below(15_000))).isoformat(),
                "sex": dice.choice("12"), "nationality": dice.choice(source["nationalities"]),
                "resident_category": MID_TO_LONG, "card_number": self.people.new_card(dice),
                "status_of_residence": dice.choice(source["statuses"]), "period_of_stay": "0100",
                "expiry_date": (self.day + timedelta(days=dice.below(60))).isoformat(),
            }  # fmt: skip
            if not self.people.identities[identity(items)]:
                row = self.about(items, "renewal", self.renewed(items), days_ago=days_ago)
                return Draft(row, "", kind, expected, changes=False)
