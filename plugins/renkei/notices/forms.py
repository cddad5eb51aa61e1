"""Forms of single values that no table schema can say: dates and municipality codes (domain §5)."""

import re
from functools import lru_cache

from renkei.dates import calendar_date, possible_date

__all__ = ["calendar_date", "municipality_code", "possible_date"]

_MUNICIPALITY = re.compile(r"[0-9]{6}")
_WEIGHTS = (6, 5, 4, 3, 2)
_REMEMBERED = 1 << 12


@lru_cache(maxsize=_REMEMBERED)
def municipality_code(value: str) -> bool:
    """Tell whether a municipality code has six digits of which the last is the check digit.

    Last digit of 11 − ((6a+5b+4c+3d+2e) mod 11): Shinjuku 13104 gives 131041.
    """
    if not _MUNICIPALITY.fullmatch(value):
        return False
    remainder = sum(int(digit) * weight for digit, weight in zip(value, _WEIGHTS, strict=False)) % 11
    return (11 - remainder) % 10 == int(value[5])
