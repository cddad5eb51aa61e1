"""Two invented days of any size that close, written line by line."""

import hashlib
import json
import random
from collections.abc import Iterator
from pathlib import Path

from tests.support.extracts import EVENT_COLUMNS, FILES, RESIDENT_COLUMNS, columns, cut_off, person

DAYS = ("2019-03-28", "2019-03-29")


def make_days(folder: Path, size: int) -> tuple[Path, Path]:
    """Write two days that close: 0.5 % changed, 0.25 % in, 0.25 % out, with an event for each."""
    before, after = (folder / day for day in DAYS)
    before.mkdir()
    after.mkdir()
    rng, events, rows = random.Random(size), [",".join(EVENT_COLUMNS)], [0, 0]
    header = ",".join(RESIDENT_COLUMNS) + "\n"
    with (
        (before / FILES[0]).open("w", encoding="utf-8") as old,
        (after / FILES[0]).open("w", encoding="utf-8") as new,
    ):
        old.write(header)
        new.write(header)
        for was, now, event in _persons(size, rng):
            old.write(was)
            new.write(now)
            rows[0] += bool(was)
            rows[1] += bool(now)
            if event:
                events.append(f"{len(events)},{event}")
    _finish(before, rows[0], [",".join(EVENT_COLUMNS)], None)
    _finish(after, rows[1], events, cut_off(DAYS[0]))
    return before, after


def _persons(size: int, rng: random.Random) -> Iterator[tuple[str, str, str]]:
    """Yield yesterday's line, today's line and today's event of each person, empty where there is none."""
    templates = [_template(number) for number in range(499)]
    for number in range(1, size + 1):
        key = f"{number:010}"
        middle, end = templates[number % 499]
        row = f"{middle}AB{key[2:]}CD{end}"
        first, second = f"{key},1{row}", f"{key},2{row}"
        lot = rng.random()
        if lot < 0.005:
            event = _event(second, "minor_correction", "living")
            yield f"{first},birth\n", f"{second},minor_correction\n", event
        elif lot < 0.0075:
            yield "", f"{first},birth\n", _event(first, "birth", "living")
        elif lot < 0.01:
            yield f"{first},birth\n", "", _event(second, "death", "deleted")
        else:
            line = f"{first},birth\n"
            yield line, line, ""


def _template(number: int) -> tuple[str, str]:
    """Return what stands between history number and card number, and from there to `protected`."""
    row = person(f"{number:010}", former_address="ベトナム ハノイ", name_kanji="見本太郎")
    names = RESIDENT_COLUMNS[2:-1]
    card = names.index("card_number")
    values = [row[name] for name in names]
    return "," + "".join(f"{value}," for value in values[:card]), "".join(f",{value}" for value in values[card + 1 :])


def _event(record: str, reason: str, state: str) -> str:
    own = dict.fromkeys(EVENT_COLUMNS[EVENT_COLUMNS.index("event_reason") :], "") | {
        "event_reason": reason,
        "record_state": state,
        "event_date": DAYS[1],
        "processing_date": DAYS[1],
        "origin": "ex_officio",
        "card_presented": "0",
    }
    return f"{record},{','.join(own.values())}"


def _finish(folder: Path, rows: int, events: list[str], previous: str | None) -> None:
    (folder / FILES[1]).write_text("\n".join(events) + "\n", encoding="utf-8")
    for name in FILES[2:]:
        (folder / name).write_text(",".join(columns(name.removesuffix(".csv"))) + "\n", encoding="utf-8")
    counts = dict(zip(FILES, (rows, len(events) - 1, 0, 0), strict=True))
    facts = []
    for name, count in counts.items():
        with (folder / name).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = (folder / name).stat().st_size
        facts.append({"name": name, "rows": count, "bytes": size, "sha256": digest})
    manifest = {
        "layout": "registry-extract",
        "layout_version": "1",
        "municipality": "131041",
        "business_date": folder.name,
        "cut_off": cut_off(folder.name),
        "previous_cut_off": previous,
        "correction": 0,
        "files": facts,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
