"""Forms of dates as the registry and the wire write them (standard 1.1.8, domain §5)."""

import re
from datetime import date
from functools import lru_cache
from typing import Final

_DATE = re.compile(r"[0-9]{4}-([0-9]{2})-([0-9]{2})")
_LAST_MONTH: Final = 12
_LAST_DAY: Final = 31
# A day's rows bear few dates, again and again.
_REMEMBERED: Final = 1 << 14


@lru_cache(maxsize=_REMEMBERED)
def calendar_date(value: str) -> date | None:
    """Return the day that `YYYY-MM-DD` names, or None where the calendar has no such day."""
    if not _DATE.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


@lru_cache(maxsize=_REMEMBERED)
def possible_date(value: str) -> bool:
    """Tell whether a date may stand where the standard allows non-calendar days (1.1.8), such as 2019-02-29.

    Month 1–12 and day 1–31: a zero or a 99 is no date but a placeholder, which the wording is for.
    """
    found = _DATE.fullmatch(value)
    return found is not None and 1 <= int(found[1]) <= _LAST_MONTH and 1 <= int(found[2]) <= _LAST_DAY
