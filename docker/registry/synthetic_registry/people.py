"""Invented people: nationality, status, age and all that a resident record says about them."""

from datetime import date, timedelta
from typing import Any

from synthetic_registry.addresses import Addresses, Place
from synthetic_registry.dice import Dice, Weighted
from synthetic_registry.names import Names
from synthetic_registry.rows import Record
from synthetic_registry.tables import table

EXCHANGE_BEGAN = date(2012, 7, 9)
"""Foreign residents have resident records since this day; it is the first day of all who were here before."""
NO_EXPIRY = ("永住者", "高度専門職2号")
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


class CardNumbers:
    """Card numbers in shape, no two alike: a count, scattered over eight digits by a factor prime to 10."""

    def __init__(self, dice: Dice) -> None:
        self._count = dice.below(10**7)

    def skip(self, count: int) -> None:
        """Leave out numbers that were given before."""
        self._count += count

    def next(self) -> str:
        """A number that nobody bears."""
        self._count += 1
        scattered = self._count * 34_567_891
        letters = [LETTERS[scattered // step % len(LETTERS)] for step in (1, 29, 841, 24_389)]
        return f"{letters[0]}{letters[1]}{scattered % 10**8:08d}{letters[2]}{letters[3]}"


def fitted(status: dict[str, dict[str, Any]], ages: list[float]) -> Weighted[tuple[str, int]]:
    """Status and age group together, so that both shares come out (iterative proportional fitting)."""
    total_share, total_age = sum(s["share"] for s in status.values()), sum(ages)
    cells = {name: [float(weight) for weight in s["ages"]] for name, s in status.items()}
    for _ in range(40):
        for name, row in cells.items():
            factor = status[name]["share"] / total_share / sum(row)
            cells[name] = [cell * factor for cell in row]
        for group, share in enumerate(ages):
            column = sum(row[group] for row in cells.values())
            for row in cells.values():
                row[group] *= share / total_age / column
    return Weighted({(name, g): cell for name, row in cells.items() for g, cell in enumerate(row)})


class People:
    """Makes people as they stand on `today`; draws come from the dice that each call is given."""

    def __init__(self, today: date, addresses: Addresses, cards: CardNumbers) -> None:
        mix: dict[str, Any] = table("mix")
        self.today = today
        self.addresses = addresses
        self.cards = cards
        self.names = Names()
        self._nationalities = Weighted(mix["nationality"])
        self._groups = [tuple(map(int, group.split("-"))) for group in mix["age"]]
        self._status = fitted(mix["status"], list(mix["age"].values()))
        self._periods: dict[str, list[str]] = {name: s["periods"] for name, s in mix["status"].items()}
        permanent = mix["special_permanent"]
        self._special: dict[str, int] = permanent["share_of"]
        self._special_ages = Weighted(dict(enumerate(permanent["ages"])))

    def ordinary(self, dice: Dice) -> Record:
        """Somebody of the ward's mix with a card: mid- to long-term, or special permanent."""
        nationality = dice.drawn(self._nationalities)
        share = self._special.get(nationality, 0)
        if share and dice.below(1000) < share:
            return self.special_permanent(dice, nationality)
        return self.mid_to_long_term(dice, nationality)

    def mid_to_long_term(self, dice: Dice, nationality: str = "") -> Record:
        """A mid- to long-term resident."""
        nationality = nationality or dice.drawn(self._nationalities)
        status, group = dice.drawn(self._status)
        period = dice.one_of(self._periods[status])
        born = self._born(group, dice)
        here = self._here_since(born, status, dice)
        record = self._person(dice, nationality, born)._replace(
            resident_category="mid_to_long_term",
            status_of_residence=status,
            period_of_stay=period,
            expiry_date="" if status in NO_EXPIRY else self.expiry(period, dice),
            card_number=self.cards.next(),
        )
        return self._living(record, born, here, dice)

    def special_permanent(self, dice: Dice, nationality: str = "KOR") -> Record:
        """A special permanent resident; one in three has a name in kanji alone, many have a common name."""
        born = self._born(dice.drawn(self._special_ages), dice)
        record = self._person(dice, nationality, born)._replace(
            resident_category="special_permanent", card_number=self.cards.next()
        )
        if record.name_kanji and dice.chance(0.6):
            record = record._replace(name_roman="")
        if dice.chance(0.6):
            record = record._replace(common_name=self.names.common(dice))
        here = max(born, self.today - timedelta(days=dice.between(200, 15_000)))
        return self._living(record, born, here, dice)

    def child_of(self, parent: Record, born: date, dice: Dice) -> Record:
        """A newborn: the parent's address and nationality, no card, no status yet."""
        sex = "2" if dice.chance(0.49) else "1"
        roman, kanji = self.names.full(parent.nationality, sex, dice, self._family_of(parent, dice))
        day = born.isoformat()
        return Record("", 1, "birth_transitional")._replace(
            name_roman=roman,
            name_kanji=kanji,
            birth_date=day,
            sex=sex,
            nationality=parent.nationality,
            became_foreign_resident_date=day,
            became_resident_date=day,
            address_fixed_date=day,
            area_code=parent.area_code,
            address=parent.address,
            postal_code=parent.postal_code,
        )

    def twin_of(self, other: Record, dice: Dice) -> Record:
        """The twin of somebody: family name, birth date, address and status are the same."""
        family = self._family_of(other, dice)
        roman, kanji = self.names.full(other.nationality, other.sex, dice, family)
        while roman == other.name_roman:
            roman, kanji = self.names.full(other.nationality, other.sex, dice, family)
        return other._replace(name_roman=roman, name_kanji=kanji, card_number=self.cards.next())

    def expiry(self, period: str, dice: Dice) -> str:
        """An expiry date within a period; one in a hundred is past (an application is pending)."""
        if dice.chance(0.01):
            return (self.today - timedelta(days=dice.between(1, 50))).isoformat()
        days = int(period[:2]) * 365 + int(period[2:]) * 30
        return (self.today + timedelta(days=dice.between(1, days))).isoformat()

    def at(self, record: Record, place: Place, since: date) -> Record:
        """The record at another address in the ward."""
        return record._replace(**place._asdict(), address_fixed_date=since.isoformat())

    # -- inside

    def _family_of(self, record: Record, dice: Dice) -> str:
        return self.names.family_of(record.nationality, record.name_roman, record.name_kanji, dice)

    def _born(self, group: int, dice: Dice) -> date:
        low, high = self._groups[group]
        return self.today - timedelta(days=dice.between(low * 365 + low // 4 + 1, (high + 1) * 365 + high // 4 - 1))

    def _here_since(self, born: date, status: str, dice: Dice) -> date:
        longest = 9_000 if status in NO_EXPIRY else 1_400 if status == "留学" else 3_600
        return max(born, self.today - timedelta(days=dice.between(3, longest)))

    def _person(self, dice: Dice, nationality: str, born: date) -> Record:
        sex = "3" if dice.chance(0.0004) else "2" if dice.chance(0.49) else "1"
        roman, kanji = self.names.full(nationality, sex, dice)
        if dice.chance(0.0003):
            roman, kanji = self.names.long(dice), ""
        elif dice.chance(0.0006):
            roman, kanji = self.names.single(dice), ""
        common = self.names.common(dice) if nationality in ("KOR", "CHN") and dice.chance(0.02) else ""
        return Record("", 1, "mid_to_long_term")._replace(
            name_roman=roman,
            name_kanji=kanji,
            common_name=common,
            birth_date=born.isoformat(),
            sex=sex,
            nationality=nationality,
        )

    def _living(self, record: Record, born: date, here: date, dice: Dice) -> Record:
        """Add when and where the person lives, and where they came from."""
        in_japan = max(born, here - timedelta(days=dice.between(0, 1_500) if dice.chance(0.5) else 0))
        abroad = in_japan == here
        former = self.addresses.abroad(record.nationality, dice) if abroad else self.addresses.elsewhere(dice)
        fixed = here if dice.chance(0.6) else here + timedelta(days=dice.below((self.today - here).days + 1))
        place = self.addresses.here(dice)
        return record._replace(
            became_foreign_resident_date=max(in_japan, EXCHANGE_BEGAN).isoformat(),
            became_resident_date=here.isoformat(),
            address_fixed_date=fixed.isoformat(),
            area_code=place.area_code,
            address=place.address,
            postal_code=place.postal_code,
            former_municipality_code=former.code,
            former_address=former.address,
            residence_reported="1",
            old_registration_date=in_japan.isoformat() if in_japan < EXCHANGE_BEGAN else "",
            protected="1" if dice.chance(0.003) else "0",
        )
