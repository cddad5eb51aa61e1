"""Events of an invented person as the registry room hands them over, and edits of rule files."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from renkei.notices import Derived, ReferenceKey, ReferenceKeys
from tests.support.extracts import EVENT_COLUMNS, FILING_ARTICLES, RECORD_COLUMNS, person

DAY = date(2019, 4, 2)
REGISTRY_NUMBER = "0000000001"
WARD = "131041"
KEYS = ReferenceKeys((ReferenceKey("k1", bytes(range(32))),))
# a test's call of `derive`, with the defaults of tests/unit/notices/conftest.py
Derive = Callable[..., tuple[Derived, ...]]


@dataclass(frozen=True)
class Row:
    """What the registry room hands over, as far as a derivation looks at it."""

    row: dict[str, str]


def event(reason: str, **columns: str) -> Row:
    """Return an event of today about the invented person: valid but for what the test changes."""
    record = {name: person(REGISTRY_NUMBER)[name] for name in RECORD_COLUMNS}
    filing = FILING_ARTICLES.get(reason, "")
    row = dict.fromkeys(EVENT_COLUMNS, "") | record
    row |= {
        "event_sequence": "1",
        "history_number": "2",
        "event_reason": reason,
        "record_state": "living",
        "event_date": DAY.isoformat(),
        "processing_date": DAY.isoformat(),
        "filing_date": DAY.isoformat() if filing else "",
        "filing_article": filing,
        "origin": "filing" if filing else "ex_officio",
        "card_presented": "0",
    }
    return Row(row | columns)


def before(**columns: str) -> dict[str, str]:
    """Return the person's living row before the event."""
    return {name: person(REGISTRY_NUMBER)[name] for name in RECORD_COLUMNS} | columns


def edit(path: Path, old: str, new: str) -> None:
    """Replace a passage of a rule file that must be there."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def append_row(path: Path, *values: str) -> None:
    """Add a row to a code list."""
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow(values)
