"""A checker of extracts that knows schemas/README.md and contract §6 alone: it replays a folder of days."""

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

Row = dict[str, str]
RECORD_COLUMNS = 29


def read(folder: Path, name: str) -> list[Row]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))


@dataclass
class Replayed:
    """What a replay found: totals a day, and every sentence that does not hold."""

    faults: list[str] = field(default_factory=list)
    totals: dict[str, Counter[str]] = field(default_factory=dict)
    events: list[Row] = field(default_factory=list)


def manifest_faults(folder: Path, previous: str | None) -> Iterator[str]:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if manifest["previous_cut_off"] != previous:
        yield f"{folder.name}: previous cut-off"
    if manifest["business_date"] != folder.name or manifest["cut_off"] != f"{folder.name}T20:00:00+09:00":
        yield f"{folder.name}: dates"
    for entry in manifest["files"]:
        data = (folder / entry["name"]).read_bytes()
        if (len(data), hashlib.sha256(data).hexdigest()) != (entry["bytes"], entry["sha256"]):
            yield f"{folder.name}/{entry['name']}: digest"
        if data.count(b"\n") - 1 != entry["rows"] or b"\r" in data or data.startswith(b"\xef\xbb\xbf"):
            yield f"{folder.name}/{entry['name']}: rows"


class Replay:
    """Yesterday's rows, followed by the events that take effect by today, must be today's rows."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.last_number: dict[str, int] = {}
        self.ends: dict[str, str] = {}
        self.found = Replayed()

    def day(self, folder: Path, previous: str | None) -> None:
        self.found.faults += manifest_faults(folder, previous)
        today = folder.name
        residents = {row["registry_number"]: row for row in read(folder, "residents")}
        numbers = list(residents)
        if numbers != sorted(numbers):
            self.fault(today, "order of residents")
        if previous is None:
            self.rows = residents
            self.last_number = {number: int(row["history_number"]) for number, row in residents.items()}
            return
        before = set(self.rows)
        events = read(folder, "events")
        for turn, event in enumerate(events, 1):
            self.event(today, turn, event)
        for number, ends in list(self.ends.items()):
            if ends <= today:
                self.rows.pop(number, None)
                del self.ends[number]
        for number in self.rows.keys() | residents.keys():
            if self.rows.get(number) != residents.get(number):
                self.fault(today, f"row of {number}")
        entries, deletions = len(residents.keys() - before), len(before - residents.keys())
        if len(before) + entries - deletions != len(residents):
            self.fault(today, "equation")
        self.found.totals[today] = Counter(event["event_reason"] for event in events)
        self.found.events += events

    def event(self, today: str, turn: int, event: Row) -> None:
        number, history = event["registry_number"], int(event["history_number"])
        if int(event["event_sequence"]) != turn:
            self.fault(today, "event_sequence")
        if number in self.last_number and history != self.last_number[number] + 1:
            self.fault(today, f"history of {number}")
        if event["processing_date"] != today:
            self.fault(today, "processing date")
        if event["event_date"] > today and "move_out" not in event["event_reason"]:
            self.fault(today, "future event date")
        if not event["event_date"] and not event["event_date_wording"]:
            self.fault(today, "no event date")
        self.last_number[number] = history
        columns = list(event)[1 : 1 + RECORD_COLUMNS]
        row = {column: event[column] for column in columns}
        row["last_event_reason"] = event["event_reason"]
        self.ends.pop(number, None)
        ends = min(filter(None, (event["event_date"], event["arrival_notice_date"])), default="")
        if event["record_state"] == "deleted" and not ends > today:
            self.rows.pop(number, None)
            return
        self.rows[number] = row
        if event["record_state"] == "deleted":
            self.ends[number] = ends

    def fault(self, day: str, what: str) -> None:
        self.found.faults.append(f"{day}: {what}")


def replay(extracts: Path) -> Replayed:
    """Replay every day of a folder of extracts, in order."""
    state, previous = Replay(), None
    for folder in sorted(extracts.iterdir()):
        state.day(folder, previous)
        previous = f"{folder.name}T20:00:00+09:00"
    return state.found
