"""The tables that residents are invented from (`tables/*.toml`), read once."""

import csv
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

SATURDAY = 5


@cache
def table(name: str) -> dict[str, Any]:
    """One of the tables beside this module."""
    return tomllib.loads((files(__package__) / "tables" / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def _holidays() -> frozenset[str]:
    return frozenset(table("closed_days")["holidays"])


def office_open(day: date) -> bool:
    """Whether the ward's counters are open: not on weekends, holidays and from 29 December to 3 January."""
    turn_of_year = (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)
    return day.weekday() < SATURDAY and not turn_of_year and day.isoformat() not in _holidays()


@dataclass(frozen=True, slots=True)
class Town:
    """Another municipality: its code with check digit, its name, and how often people move there."""

    code: str
    name: str
    weight: float


def check_digit(five: str) -> str:
    """The check digit of a municipality code: weights 6 to 2, modulus 11."""
    total = sum(int(digit) * weight for digit, weight in zip(five, (6, 5, 4, 3, 2), strict=True))
    return str(11 - total % 11)[-1]


def towns(schemas: Path) -> list[Town]:
    """Where people come from and go to: municipalities that the code list in `schemas` names."""
    listed = schemas / "codes" / "municipalities.csv"
    known: set[str] | None = None
    if listed.exists():
        with listed.open(encoding="utf-8", newline="") as lines:
            known = {row["code"] for row in csv.DictReader(lines)}
    every = [Town(five + check_digit(five), name, weight) for five, name, weight in table("mix")["elsewhere"]["towns"]]
    return [town for town in every if known is None or town.code in known]
