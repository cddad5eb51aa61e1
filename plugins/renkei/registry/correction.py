"""A corrected extract may add, and never changes or drops what was read once (contract §6)."""

from pathlib import Path
from typing import Final

from renkei.errors import CorrectionChangesEvent, CorrectionDropsEvent
from renkei.registry.extract import Extract
from renkei.registry.form import Place
from renkei.registry.layout import Layout

# An added event may move the others' places in the file; their content may not move.
_PLACE_IN_FILE: Final = "event_sequence"


def check_correction(original: Extract, corrected: Extract) -> None:
    """Check that everything the original told stands in the correction unchanged.

    Raises `CorrectionDropsEvent` (line of the original), `CorrectionChangesEvent` (line of the correction).
    """
    layout = original.layout
    _check(original.folder, _by_key(original, layout), corrected.folder, _by_key(corrected, layout))


_Rows = dict[tuple[str, ...], tuple[int, dict[str, str]]]


def _by_key(extract: Extract, layout: Layout) -> _Rows:
    tables = (
        (layout.events, extract.events),
        (layout.certificates, extract.handovers),
        (layout.residence_reports, extract.reports),
    )
    return {
        (table.file, *(each.row[name] for name in table.key)): (each.line, dict(each.row))
        for table, rows in tables
        for each in rows
    }


def _check(original: Path, before: _Rows, corrected: Path, after: _Rows) -> None:
    for key, (line, row) in before.items():
        place = Place(corrected.name, key[0])
        if key not in after:
            place.refuse(CorrectionDropsEvent, line=line, corrects=original.name)
        now, told = after[key]
        changed = next((name for name in row if name != _PLACE_IN_FILE and row[name] != told[name]), None)
        if changed is not None:
            place.refuse(CorrectionChangesEvent, line=now, column=changed)
