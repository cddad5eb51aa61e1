"""Forms of single values that no table schema can say: dates and municipality codes (domain §5)."""

import re
from datetime import date

_DATE = re.compile(r"[0-9]{4}-([0-9]{2})-([0-9]{2})")
_MUNICIPALITY = re.compile(r"[0-9]{6}")
_WEIGHTS = (6, 5, 4, 3, 2)


def calendar_date(value: str) -> date | None:
    """Return the day that `YYYY-MM-DD` names, or None where the calendar has no such day."""
    if not _DATE.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def possible_date(value: str) -> bool:
    """Tell whether a date may stand where the standard allows non-calendar days (1.1.8), such as 2019-02-29.

    Month 1–12 and day 1–31: a zero or a 99 is no date but a placeholder, which the wording is for.
    """
    matched = _DATE.fullmatch(value)
    return matched is not None and 1 <= int(matched[1]) <= 12 and 1 <= int(matched[2]) <= 31  # noqa: PLR2004


def municipality_code(value: str) -> bool:
    """Tell whether a municipality code has six digits of which the last is the check digit.

    Last digit of 11 − ((6a+5b+4c+3d+2e) mod 11): Shinjuku 13104 gives 131041.
    """
    if not _MUNICIPALITY.fullmatch(value):
        return False
    remainder = sum(int(digit) * weight for digit, weight in zip(value, _WEIGHTS, strict=False)) % 11
    return (11 - remainder) % 10 == int(value[5])
