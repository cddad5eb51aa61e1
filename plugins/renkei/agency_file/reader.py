"""Reads the package of an agency file: form first, then digests, rows and totals; one row in memory at a time."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from renkei.agency_file.archive import blocks, open_package
from renkei.agency_file.descriptor import read_descriptor
from renkei.agency_file.model import COUNTED_ACTIONS, LONGEST_LINE, NOTICES, AgencyFile, Expected, Package
from renkei.csv_form import split
from renkei.errors import (
    AgencyFileMisaddressed,
    AgencyPackageMalformed,
    AgencyPredecessorDiffers,
    AgencySchemaMismatch,
    AgencySerialDiffers,
    AgencyTotalsWrong,
)
from renkei.schemas import Schemas

_NOTICE_ID = frozenset("0123456789abcdef")
_ID_LENGTH = 32
_MOST_ATTEMPTS = 9999


def read(path: Path, schemas: Schemas) -> AgencyFile:
    """Read an opened package; raises `AgencyFileRefused` and its kinds, whose `rule` never quotes the file."""
    package = open_package(path)
    data = b"".join(blocks(package, package.descriptor))
    described, sealed_at, layout = read_descriptor(data, schemas)
    _check_digest(described["resources"][0], package)
    columns = schemas.fields("exchange", layout, NOTICES)
    told = described["renkei"]
    counts = _counted(package, columns)
    _check_counts(told, counts)
    if described["name"] != f"{told['municipality']}-{told['serial']:08d}":
        raise AgencySerialDiffers(rule="name")
    known = {action: counts[action] for action in COUNTED_ACTIONS if counts[action]}
    other = counts.total() - sum(known.values())
    return AgencyFile(
        municipality=told["municipality"],
        counterparty=told["counterparty"],
        serial=told["serial"],
        sealed_at=sealed_at,
        previous=told["previous"],
        records=told["records"],
        counts={**known, "other": other} if other else known,
        register_totals=told["register_totals"],
        rows=lambda: _rows(package, columns),
    )


def check_expected(file: AgencyFile, expected: Expected) -> None:
    """See that a file is ours, from whom it should be, and the one that its name and its predecessor ask for.

    Raises `AgencyFileMisaddressed`, `AgencySerialDiffers`, `AgencyPredecessorDiffers`.
    """
    if file.municipality != expected.municipality:
        raise AgencyFileMisaddressed(rule="municipality")
    if not file.counterparty == expected.counterparty == expected.in_force(file.sealed_at):
        raise AgencyFileMisaddressed(rule="counterparty")
    if file.serial != expected.serial:
        raise AgencySerialDiffers(rule="serial")
    first = expected.serial == 1
    if (file.previous is None) != first or (expected.previous_known and file.previous != expected.previous):
        raise AgencyPredecessorDiffers(rule="previous")


def _check_digest(resource: Mapping[str, Any], package: Package) -> None:
    found = hashlib.sha256()
    for block in blocks(package, package.notices):
        found.update(block)
    if resource["bytes"] != package.notices.size or resource["hash"] != f"sha256:{found.hexdigest()}":
        raise AgencyPackageMalformed(rule="digest")


def _check_counts(told: Mapping[str, Any], counts: Counter[str]) -> None:
    if told["records"] != counts.total():
        raise AgencyTotalsWrong(rule="records")
    if told["counts"][NOTICES] != counts:
        raise AgencyTotalsWrong(rule="counts")


def _counted(package: Package, columns: tuple[str, ...]) -> Counter[str]:
    """Check the form of every row and count them by action."""
    counts = Counter[str]()
    for number, row in enumerate(_rows(package, columns), 1):
        if row["record_number"] != str(number):
            raise AgencySchemaMismatch(rule="record_number")
        if len(row["notice_id"]) != _ID_LENGTH or not _NOTICE_ID.issuperset(row["notice_id"]):
            raise AgencySchemaMismatch(rule="notice_id")
        if not _attempt(row["attempt"]):
            raise AgencySchemaMismatch(rule="attempt")
        counts[row["action"]] += 1
    return counts


def _attempt(text: str) -> bool:
    plain = text.isascii() and text.isdigit() and len(text) <= len(str(_MOST_ATTEMPTS))
    return plain and str(int(text)) == text and int(text) >= 1


def _rows(package: Package, columns: tuple[str, ...]) -> Iterator[Mapping[str, str]]:
    lines = _lines(package)
    if next(lines, None) != ",".join(columns):
        raise AgencySchemaMismatch(rule="header")
    for line in lines:
        values = split(line)
        if values is None:
            raise AgencySchemaMismatch(rule="quotation")
        if len(values) != len(columns):
            raise AgencySchemaMismatch(rule="columns")
        yield dict(zip(columns, values, strict=True))


def _lines(package: Package) -> Iterator[str]:
    """Yield the lines of the notices without their line ends; none is longer than agreed."""
    rest = b""
    for block in blocks(package, package.notices):
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            yield _text(line)
        if len(rest) > LONGEST_LINE:
            raise AgencySchemaMismatch(rule="line_length")
    if rest:
        raise AgencySchemaMismatch(rule="last_line")


def _text(line: bytes) -> str:
    if len(line) > LONGEST_LINE:
        raise AgencySchemaMismatch(rule="line_length")
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        raise AgencySchemaMismatch(rule="utf_8") from None
