"""`stream`: two large extracts, yesterday's and today's, for measuring; memory does not grow with size.

A few thousand people are made with care; each line is one of them under a registry number and a card number
of its own. About one line in a hundred differs, each difference explained by one event.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from synthetic_registry.addresses import Addresses
from synthetic_registry.dice import Dice
from synthetic_registry.extract import check_layout, write_manifest
from synthetic_registry.people import CardNumbers, People
from synthetic_registry.rows import COLUMNS, EventRow, Record, line
from synthetic_registry.tables import towns

PATTERNS = 2_048
BLOCK = 4_096
FIRST_NUMBER = 10_000_000
ENTRIES, DELETIONS = 0.2, 0.2
"""Shares of the differing lines; the others are moves inside the ward."""


@dataclass(frozen=True, slots=True)
class Big:
    """What to stream: residents of yesterday, how many lines of a thousand differ, on which day."""

    municipality: str
    residents: int
    day: date
    seed: int
    schemas: Path
    per_thousand: float = 10.0


class _Growing:
    """A CSV file that is written and digested piece by piece."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "manifest.json").unlink(missing_ok=True)
        self.name, self.rows, self.size = f"{name}.csv", 0, 0
        self._digest = hashlib.sha256()
        self._file = os.fdopen(os.open(folder / self.name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
        self.write([line(COLUMNS[name])])
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, lines: list[str]) -> None:
        data = "".join(lines).encode()
        self._digest.update(data)
        self._file.write(data)
        self.rows += len(lines)
        self.size += len(data)

    def entry(self) -> dict[str, object]:
        return {"name": self.name, "rows": self.rows, "bytes": self.size, "sha256": self._digest.hexdigest()}


def stream(big: Big, out: Path) -> tuple[Path, Path]:
    """Write yesterday's and today's extract; returns their folders."""
    check_layout(big.schemas)
    yesterday = big.day - timedelta(days=1)
    before, after = out / yesterday.isoformat(), out / big.day.isoformat()
    with (
        _Growing(before, "residents") as old,
        _Growing(after, "residents") as new,
        _Growing(after, "events") as events,
    ):
        for old_lines, new_lines, event_lines in _blocks(big):
            old.write(old_lines)
            new.write(new_lines)
            events.write(event_lines)
    _finish(before, big.municipality, yesterday, None, [old])
    _finish(after, big.municipality, big.day, yesterday, [new, events])
    return before, after


def _finish(folder: Path, municipality: str, day: date, previous: date | None, written: list[_Growing]) -> None:
    """Write the files that are empty, then the manifest."""
    entries = {file.name: file.entry() for file in written}
    for name in COLUMNS:
        if f"{name}.csv" not in entries:
            with _Growing(folder, name) as file:
                pass
            entries[file.name] = file.entry()
    write_manifest(folder, municipality, day, previous, [entries[f"{name}.csv"] for name in COLUMNS])


def _patterns(big: Big) -> list[Record]:
    """The people whom the lines repeat."""
    people = People(big.day - timedelta(days=1), Addresses(towns(big.schemas)), CardNumbers(Dice(big.seed, "cards")))
    dice = Dice(big.seed, "patterns")
    return [people.ordinary(dice) for _ in range(PATTERNS)]


def _blocks(big: Big) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """Lines of yesterday, of today, and events, in order of registry numbers."""
    patterns = _patterns(big)
    halves = [_halves(record) for record in patterns]
    dice = Dice(big.seed, "stream")
    share = big.per_thousand / 1000
    sequence = 0
    made = 0
    while made < big.residents:
        old_lines: list[str] = []
        new_lines: list[str] = []
        event_lines: list[str] = []
        for place in range(made, min(made + BLOCK, big.residents)):
            point = dice.point()
            head, tail = halves[int(point * 16_777_216) % PATTERNS]
            text = f"{FIRST_NUMBER + 7 * place:010d},{1 + place % 9}{head}{_card(place)}{tail}"
            if dice.point() >= share:
                old_lines.append(text)
                new_lines.append(text)
                continue
            sequence += 1
            record = patterns[int(point * 16_777_216) % PATTERNS]._replace(
                registry_number=f"{FIRST_NUMBER + 7 * place:010d}",
                history_number=1 + place % 9,
                card_number=_card(place),
            )
            old, new, event = _differing(record, text, dice, patterns, big.day, sequence)
            old_lines += old
            new_lines += new
            event_lines.append(event)
        made += BLOCK
        yield old_lines, new_lines, event_lines


def _card(place: int) -> str:
    scattered = place * 34_567_891
    return f"{chr(65 + place % 26)}{chr(65 + place // 26 % 26)}{scattered % 10**8:08d}RK"


def _halves(record: Record) -> tuple[str, str]:
    """The line before and after the card number, without registry and history number."""
    marked = line((*record._replace(card_number="\0"), "move_within"))
    head, tail = marked.split("\0")
    return head[head.index(",", 1) :], tail


def _differing(
    record: Record, text: str, dice: Dice, patterns: list[Record], day: date, sequence: int
) -> tuple[list[str], list[str], str]:
    """Yesterday's line or none, today's line or none, and the event between them."""
    point, today = dice.point(), day.isoformat()
    if point < ENTRIES:
        new = record._replace(became_resident_date=today, address_fixed_date=today, residence_reported="1")
        return [], [line((*new, "domestic_move_in"))], _event(sequence, new, "domestic_move_in", "22", today)
    new = record._replace(history_number=record.history_number + 1)
    if point < ENTRIES + DELETIONS:
        return [text], [], _event(sequence, new, "domestic_move_out", "24", today)
    to = dice.one_of(patterns)
    new = new._replace(
        area_code=to.area_code,
        address=to.address,
        postal_code=to.postal_code,
        address_fixed_date=today,
        former_address=record.address,
        residence_reported="1",
    )
    return [text], [line((*new, "move_within"))], _event(sequence, new, "move_within", "23", today)


def _event(sequence: int, record: Record, reason: str, article: str, today: str) -> str:
    leaves = reason == "domestic_move_out"
    row = EventRow(
        event_reason=reason,
        record_state="deleted" if leaves else "living",
        event_date=today,
        event_date_wording="",
        processing_date=today,
        filing_date=today,
        filing_article=article,
        status_acquired_by="",
        origin="filing",
        origin_notice_id="",
        card_presented="0" if leaves else "1",
        arrival_notice_date="",
        next_municipality_code="131148" if leaves else "",
        next_address="東京都中野区本町一丁目1番1号" if leaves else "",
        cancels_history_number="",
        cancelled_reason="",
        cancelled_event_date="",
        kept_registry_number="",
    )
    return line((sequence, *record, *row))
