"""The registry's clerk: on each working day enters the worklists that came since the last one, with their origin.

Reads the worklist by `schemas/worklist/worklist-1.json` and nothing else of the exchange. What has no living record
any more is left; so is whoever has business of his own at the counter in these days: the clerk asks him first.
"""

import csv
import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from synthetic_registry.agenda import Pool
from synthetic_registry.registry import Registry
from synthetic_registry.rows import Filing
from synthetic_registry.tables import office_open

CORRECTED, DELETED = "ex_officio_correction", "ex_officio_deletion"
YES = "可"
GUARDED = tuple(f"'{first}" for first in "=+-@\t\r")


class Clerk:
    """Enters worklists; `deleted` counts the records that a loss of status has ended."""

    def __init__(self, worklists: Path, schemas: Path) -> None:
        self._folder = worklists
        layout = json.loads((schemas / "worklist" / "worklist-1.json").read_text(encoding="utf-8"))
        self._names = {field["title"]: field["name"] for field in layout["fields"]}
        codes = schemas / "codes"
        self._to_apply = next(
            row["ja"] for row in _rows(codes / "agency_notice_classes.csv") if row["code"] == "to_apply"
        )
        self._losses = {row["code"] for row in _rows(codes / "agency_notice_reasons.csv") if row["action"] == "loss"}
        self._entered: set[str] = set()
        self.deleted = 0

    def work(self, registry: Registry, pool: Pool, today: date) -> None:
        """Enter what came since the last working day."""
        day = today - timedelta(days=1)
        days = [day]
        while not office_open(day):
            day -= timedelta(days=1)
            days.append(day)
        for each in reversed(days):
            for line in self._lines(each):
                self._enter(registry, pool, line)

    def _lines(self, day: date) -> Iterator[dict[str, str]]:
        """The lines of a day's list, of its last amendment if there is one: that replaces the lists before it."""
        lists = self._folder.glob(f"worklist-{day.isoformat()}*.csv")
        for path in sorted(lists, key=_amendment)[-1:]:
            for row in _rows(path):
                yield {self._names[title]: _plain(value) for title, value in row.items() if title in self._names}

    def _enter(self, registry: Registry, pool: Pool, line: dict[str, str]) -> None:
        number, notice = line["registry_number"], line["notice_id"]
        if line["class"] != self._to_apply or notice in self._entered or not number:
            return
        if not registry.lives(number) or pool.has_picked(number):
            return
        by_hand = registry.record(number).resident_category == "special_permanent"
        if line["prepared"] != YES and not by_hand:
            return
        self._entered.add(notice)
        filing = Filing(origin="agency_notice", origin_notice_id=notice)
        on = date.fromisoformat(line["event_date"])
        if line["reason_code"] in self._losses:
            registry.delete(number, DELETED, on, filing)
            pool.leave_out(number)
            self.deleted += 1
            return
        changes = dict(zip(line["items"].split("|"), line["told"].split("|"), strict=True))
        registry.correct(number, CORRECTED, on, filing, **changes)


def _amendment(path: Path) -> int:
    """The number after `-a` in the name of an amendment, 0 for the first list of a day."""
    found = re.fullmatch(r"worklist-[0-9-]{10}-a([0-9]+)", path.stem)
    return int(found[1]) if found else 0


def _plain(value: str) -> str:
    """The value without the apostrophe that keeps a spreadsheet from running it; one of the value's own stays."""
    return value[1:] if value.startswith(GUARDED) else value


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))
