"""The agency's clock: the machine's, one that stands in a file, or the one of the message in hand (replays)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from mock_agency.errors import SiteError

TOKYO = timezone(timedelta(hours=9))
# In a replay the agency answers this long after the ward signed.
ANSWERS_AFTER = timedelta(minutes=5)
CLOCK = re.compile(r"real|message|file:.+")


@dataclass(frozen=True, slots=True)
class Now:
    """An instant as the agency sees it; `faked` tells that gpg must be told of it."""

    instant: datetime
    faked: bool

    @property
    def iso(self) -> str:
        """The instant in Asia/Tokyo, to the second, as a receipt says it."""
        return self.instant.astimezone(TOKYO).isoformat(timespec="seconds")

    @property
    def gpg_options(self) -> list[str]:
        """What every gpg call gets when the machine's clock is not ours (contract §8)."""
        return gpg_clock(self.instant) if self.faked else []


def gpg_clock(instant: datetime) -> list[str]:
    """Return gpg's option for another clock."""
    return ["--faked-system-time", instant.astimezone(UTC).strftime("%Y%m%dT%H%M%S")]


def read_instant(text: str) -> datetime:
    """Read an ISO date or instant; without a zone it is Asia/Tokyo. Raises ValueError."""
    instant = datetime.fromisoformat(text.strip())
    return instant if instant.tzinfo else instant.replace(tzinfo=TOKYO)


def now(clock: str, signed_at: datetime | None, last: datetime) -> Now:
    """Tell the time by a site's clock.

    `signed_at` is the instant at which the message in hand was signed, `last` the latest instant this agency has
    lived through: with clock `message` it is what is left when the message does not tell.
    """
    if clock == "real":
        return Now(datetime.now(UTC), faked=False)
    if clock.startswith("file:"):
        try:
            return Now(read_instant(Path(clock.removeprefix("file:")).read_text(encoding="utf-8")), faked=True)
        except (OSError, ValueError):
            raise SiteError("the clock's file is missing or holds no ISO instant") from None
    return Now(last if signed_at is None else signed_at + ANSWERS_AFTER, faked=True)
