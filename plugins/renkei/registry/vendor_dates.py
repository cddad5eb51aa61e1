"""Dates as registry vendors write them: YYYYMMDD and the like, and the Japanese calendar (和暦)."""

import re
import unicodedata
from typing import Final

# First year of each era in the Western calendar; the day itself is not judged here, only its form.
_ERAS: Final = {
    "令和": 2019,
    "平成": 1989,
    "昭和": 1926,
    "大正": 1912,
    "明治": 1868,
    "R": 2019,
    "H": 1989,
    "S": 1926,
    "T": 1912,
    "M": 1868,
}
_WESTERN = re.compile(r"([0-9]{4})([-/.年]?)([0-9]{1,2})(?:\2|月)([0-9]{1,2})日?")
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_WAREKI = re.compile(
    r"(令和|平成|昭和|大正|明治|[RHSTM])(元|[0-9]{1,2})(?:年|[./-])([0-9]{1,2})(?:月|[./-])([0-9]{1,2})日?"
)


def iso_date(text: str, form: str) -> str | None:
    """Return `YYYY-MM-DD` for a date in the form `western`, `wareki` or `either`, or None where it is none.

    A day outside the calendar keeps its numbers: whether it may stand is the extract's own rule (standard 1.1.8).
    """
    plain = unicodedata.normalize("NFKC", text).replace(" ", "")
    if form in {"western", "either"}:
        found = _COMPACT.fullmatch(plain)
        if found:
            return "-".join(found.groups())
        found = _WESTERN.fullmatch(plain)
        if found and found[2]:
            return _iso(int(found[1]), found[3], found[4])
    if form in {"wareki", "either"}:
        found = _WAREKI.fullmatch(plain)
        if found:
            year = 1 if found[2] == "元" else int(found[2])
            return _iso(_ERAS[found[1]] + year - 1, found[3], found[4])
    return None


def _iso(year: int, month: str, day: str) -> str:
    return f"{year}-{int(month):02}-{int(day):02}"
