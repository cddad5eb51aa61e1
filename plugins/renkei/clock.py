"""Time: the only module that reads the machine's clock or computes a business date.

A business date is a calendar day in Asia/Tokyo (contract §6). The clock is passed in, so that a demo or a
replay can stand at another instant; gpg must then be told by `--faked-system-time` (contract §8).
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Final, Protocol
from zoneinfo import ZoneInfo

from renkei.errors import BusinessDateMissing, SettingInvalid

if TYPE_CHECKING:
    from renkei.settings import Settings

TOKYO: Final = ZoneInfo("Asia/Tokyo")
REAL: Final = "real"
_FAKED = re.compile(r"business-date@([01][0-9]|2[0-3]):([0-5][0-9])")

# First day of each era in the Gregorian calendar, which Japan follows since Meiji 6.
_ERAS: Final = (
    (date(2019, 5, 1), "令和"),
    (date(1989, 1, 8), "平成"),
    (date(1926, 12, 25), "昭和"),
    (date(1912, 7, 30), "大正"),
    (date(1868, 1, 25), "明治"),
)
_GREGORIAN_SINCE: Final = date(1873, 1, 1)
# The law that these notices follow came into force on 2012-07-09.
_FIRST_YEAR: Final = 2012


class Clock(Protocol):
    """What tells the time."""

    @property
    def faked(self) -> bool:
        """Whether this clock may differ from the machine's, so that gpg has to be told."""

    def now(self) -> datetime:
        """Return the instant, aware, in Asia/Tokyo."""


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's clock."""

    faked: bool = False

    def now(self) -> datetime:
        """Return the machine's instant in Asia/Tokyo."""
        return datetime.now(TOKYO)


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still at one instant."""

    instant: datetime
    faked: bool = True

    def now(self) -> datetime:
        """Return the one instant in Asia/Tokyo."""
        return in_tokyo(self.instant)


@dataclass(frozen=True, slots=True)
class BusinessDateClock:
    """A clock that stands at one hour of the business date: the demo's, and a replay's."""

    business_date: date
    at: time = time(23, 0)
    faked: bool = True

    def now(self) -> datetime:
        """Return that hour of the business date in Asia/Tokyo."""
        return datetime.combine(self.business_date, self.at, tzinfo=TOKYO)


def clock_for(settings: "Settings", business_date: date | None = None) -> Clock:
    """Return the clock that the settings ask for: the machine's, or one that stands on the business date.

    A step that belongs to no business date has only the machine's clock.
    """
    at = faked_hour(settings.clock)
    if at is None or business_date is None:
        return SystemClock()
    return BusinessDateClock(business_date, at)


def faked_hour(setting: str) -> time | None:
    """Return the hour in the setting `business-date@HH:MM`, or None for `real`; else `SettingInvalid`."""
    if setting == REAL:
        return None
    found = _FAKED.fullmatch(setting)
    if found is None:
        raise SettingInvalid(name="CLOCK", rule="real | business-date@HH:MM")
    return time(int(found[1]), int(found[2]))


def in_tokyo(instant: datetime) -> datetime:
    """Return an aware instant as Tokyo's wall clock shows it; a naive one is a `ValueError`."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    return instant.astimezone(TOKYO)


def instant_of(text: str) -> datetime | None:
    """Return the instant that another party wrote with its offset, or None for what is none or before every notice."""
    try:
        found = in_tokyo(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return None
    return found if found.year >= _FIRST_YEAR else None


def business_date_of(instant: datetime) -> date:
    """Return the calendar day in Asia/Tokyo on which an aware instant falls."""
    return in_tokyo(instant).date()


def business_date_of_run(logical_date: datetime | None, run_type: str, asked: str | None) -> date:
    """Return the business date of a DAG run: the only place that decides it.

    A run by hand says it in its `business_date` Param; every other run's is the Tokyo day of its logical date, and a
    Param that came back with an old conf counts for nothing. Raises `BusinessDateMissing`.
    """
    try:
        if "manual" in run_type and asked:
            return date.fromisoformat(asked)
    except ValueError:
        raise BusinessDateMissing from None
    if logical_date is None or "manual" in run_type:
        raise BusinessDateMissing
    return business_date_of(logical_date)


def wareki(day: date) -> str:
    """Return a date in the Japanese calendar, such as 平成31年3月28日 or 令和元年5月1日.

    Days before 1873, when Japan took the Gregorian calendar, are shown in the Western one.
    """
    if day < _GREGORIAN_SINCE:
        return f"{day.year}年{day.month}月{day.day}日"
    first, era = next((first, era) for first, era in _ERAS if day >= first)
    year = day.year - first.year + 1
    return f"{era}{'元' if year == 1 else year}年{day.month}月{day.day}日"
