"""Read a day's extract: manifest first, then sizes, digests, rows, header and encoding, then content.

`open_extract` reads all but the residents; `compare_extract` reads those beside yesterday's, or alone on
the baseline, and takes their digest meanwhile. Nothing of it counts before both have passed.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from renkei.csv_form import split
from renkei.errors import (
    DigestDiffers,
    ExtractFileMissing,
    ExtractRefused,
    KeyDoubled,
    KeyMalformed,
    NoResidents,
    RowCountDiffers,
    RowsOutOfOrder,
)
from renkei.registry.compare import Difference
from renkei.registry.content import holds_of, holds_of_file
from renkei.registry.form import Place, check_header, check_lines, header_of, line_number, whole_lines
from renkei.registry.layout import KEY_WIDTH, Layout, Table
from renkei.registry.manifest import Manifest, check_sizes, read_manifest
from renkei.registry.parts import differences
from renkei.registry.rows import Event, Handover, Hold, Report, event_of, handover_of, report_of
from renkei.schemas import Schemas

# Lines looked at together: the form is right far more often than not.
_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class Extract:
    """A day's extract whose form was checked, but for the residents' rows."""

    folder: Path
    manifest: Manifest
    layout: Layout
    events: tuple[Event, ...] = field(repr=False)
    handovers: tuple[Handover, ...] = field(repr=False)
    reports: tuple[Report, ...] = field(repr=False)
    holds: tuple[Hold, ...]

    @property
    def residents(self) -> Path:
        """Path of residents.csv."""
        return self.folder / self.layout.residents.file


@dataclass(frozen=True, slots=True)
class Comparison:
    """residents.csv beside the day before; on a baseline `before` is None and no difference is listed."""

    before: Path | None
    after: Path
    rows_before: int
    rows_after: int
    differences: tuple[Difference, ...] = field(repr=False)
    holds: tuple[Hold, ...] = ()

    @property
    def entries(self) -> int:
        """Persons who were not there the day before."""
        return sum(each.before is None for each in self.differences)

    @property
    def deletions(self) -> int:
        """Persons who are gone since the day before."""
        return sum(each.after is None for each in self.differences)


def open_extract(folder: Path, *, municipality: str, schemas: Schemas) -> Extract:
    """Check manifest, sizes and headers, and read events, certificates and reports whole.

    Raises `ExtractRefused` (one class per rule) for the form; what is wrong with content stands in `holds`.
    """
    manifest = read_manifest(folder, municipality=municipality, schemas=schemas)
    check_sizes(folder, manifest)
    layout = Layout.of(schemas, manifest.business_date)
    for table in layout.tables:
        check_header(table, header_of(folder / table.file), Place(folder.name, table.file))
    if not manifest.files[layout.residents.file].rows:
        Place(folder.name, layout.residents.file).refuse(NoResidents)
    holds: list[Hold] = []
    events = tuple(event_of(line, row, layout) for line, row in _read(folder, layout.events, manifest, holds))
    _check_sequence(events, Place(folder.name, layout.events.file))
    handovers = tuple(handover_of(*each) for each in _read(folder, layout.certificates, manifest, holds))
    reports = tuple(report_of(*each) for each in _read(folder, layout.residence_reports, manifest, holds))
    return Extract(folder, manifest, layout, events, handovers, reports, tuple(holds))


def compare_extract(extract: Extract, before: Path | None, rows_before: int = 0) -> Comparison:
    """Compare an extract's residents with those of the last proven day, or read them whole as a baseline.

    `before`: residents.csv of the last proven extract, `rows_before` its number of rows. The digest is taken
    in a second thread meanwhile. Raises `ExtractRefused`.
    """
    place = Place.of(extract.residents)
    facts = extract.manifest.files[extract.residents.name]
    with ThreadPoolExecutor(1) as beside:
        digest = beside.submit(_digest, extract.residents)
        try:
            comparison = _baseline(extract) if before is None else _compared(extract, before, rows_before)
        finally:
            # A wrong digest explains everything else that may be wrong with the file.
            if digest.result() != facts.sha256:
                place.refuse(DigestDiffers)
    if comparison.rows_after != facts.rows:
        place.refuse(RowCountDiffers, wanted=facts.rows, found=comparison.rows_after)
    return comparison


def row_of(table: Table, line: bytes) -> dict[str, str]:
    """Return the values of a checked line by column."""
    return dict(zip(table.names, split(line.decode("utf-8").rstrip("\n")) or (), strict=True))


def _compared(extract: Extract, before: Path, rows_before: int) -> Comparison:
    found = tuple(differences(before, extract.residents))
    table, place = extract.layout.residents, Place.of(extract.residents)
    holds: list[Hold] = []
    fresh = [each for each in found if each.after is not None]
    for first in range(0, len(fresh), _AT_ONCE):
        holds += _judged(table, fresh[first : first + _AT_ONCE], extract.residents, place)
    change = sum((each.before is None) - (each.after is None) for each in found)
    return Comparison(before, extract.residents, rows_before, rows_before + change, found, tuple(holds))


def _judged(table: Table, fresh: Sequence[Difference], path: Path, place: Place) -> Iterator[Hold]:
    """Check lines that were not there yesterday; a line's number is counted only for a fault."""
    try:
        lines = check_lines(table, b"".join(each.after or b"" for each in fresh), 1, place)
    except ExtractRefused:
        for each in fresh:
            _refuse(table, each, path, place)
        raise
    for each, line in zip(fresh, lines, strict=True):
        row = dict(zip(table.names, split(line) or (), strict=True))
        if any(holds_of(table, row, 1)):
            yield from holds_of(table, row, line_number(path, each.offset))


def _refuse(table: Table, difference: Difference, path: Path, place: Place) -> None:
    """Refuse a line by its number if it is not in the agreed form."""
    line = difference.after or b""
    try:
        check_lines(table, line, 1, place)
    except ExtractRefused:
        check_lines(table, line, line_number(path, difference.offset), place)


def _baseline(extract: Extract) -> Comparison:
    table, path = extract.layout.residents, extract.residents
    place, last, rows = Place.of(path), "", 0
    for first, block in whole_lines(path):
        lines = check_lines(table, block, first, place)
        for number, line in enumerate(lines, first):
            key = line[:KEY_WIDTH]
            if key <= last:
                place.refuse(KeyDoubled if key == last else RowsOutOfOrder, line=number, column="registry_number")
            if not (key.isascii() and key.isdigit() and line[KEY_WIDTH : KEY_WIDTH + 1] == ","):
                place.refuse(KeyMalformed, line=number, column="registry_number")
            last = key
        rows += len(lines)
    return Comparison(None, path, 0, rows, (), tuple(holds_of_file(table, path)))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(folder: Path, table: Table, manifest: Manifest, holds: list[Hold]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Read one of the small files whole: digest, form, rows and keys; content is added to `holds`."""
    path, facts = folder / table.file, manifest.files[table.file]
    place = Place(folder.name, table.file)
    try:
        if _digest(path) != facts.sha256:
            place.refuse(DigestDiffers)
    except OSError:
        place.refuse(ExtractFileMissing)
    lines = [line for first, block in whole_lines(path) for line in check_lines(table, block, first, place)]
    if len(lines) != facts.rows:
        place.refuse(RowCountDiffers, wanted=facts.rows, found=len(lines))
    keys = set[tuple[str, ...]]()
    for number, line in enumerate(lines, 2):
        row = dict(zip(table.names, split(line) or (), strict=True))
        _check_key(table, row, number, keys, place)
        holds += holds_of(table, row, number)
        yield number, row


def _check_key(table: Table, row: Mapping[str, str], number: int, keys: set[tuple[str, ...]], place: Place) -> None:
    for column in table.key_columns:
        if column.broken_rule(row[column.name]):
            place.refuse(KeyMalformed, line=number, column=column.name)
    key = tuple(row[name] for name in table.key)
    if key in keys:
        place.refuse(KeyDoubled, line=number, column=", ".join(table.key))
    keys.add(key)


def _check_sequence(events: tuple[Event, ...], place: Place) -> None:
    for wanted, event in enumerate(events, 1):
        if event.sequence != wanted:
            place.refuse(RowsOutOfOrder, line=event.line, column="event_sequence")
