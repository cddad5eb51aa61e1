"""What the verifier sees of the agency's direction: files, answers and notices against trail, store and digests."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from renkei.ledger.engine import Tx
from renkei.ledger.inbound import content_digest
from renkei.ledger.states import Direction, FileState
from renkei.ledger.store import file_sha256
from renkei.ledger.tables import Acknowledgement, AgencyNotice, File, Trail

_INGESTED: Final = "agency_file.ingested"
_SEALED: Final = "acknowledgement.sealed"
_TAKEN_IN: Final = frozenset({FileState.INGESTED, FileState.ACKNOWLEDGED})


def inbound_breaks(tx: Tx, home: Path) -> Iterator[tuple[str, str]]:
    """Yield where something of the agency's direction does not hold, and by which rule."""
    yield from _files(tx, home, _told(tx, _INGESTED))
    yield from _answers(tx, home, _told(tx, _SEALED))
    yield from _notices(tx)


def _told(tx: Tx, action: str) -> dict[str, Mapping[str, Any]]:
    """Return what the trail tells of an action, by its subject; the last telling counts."""
    rows = tx.session.scalars(select(Trail).where(Trail.action == action).order_by(Trail.number))
    return {row.subject: json.loads(row.facts) for row in rows}


def _files(tx: Tx, home: Path, told: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    query = select(File).where(File.direction == Direction.IN, File.state.in_(_TAKEN_IN), File.layer.is_(None))
    rows = {f"{row.serial:08d}": row for row in tx.session.scalars(query.order_by(File.serial))}
    for subject in sorted(told.keys() - rows.keys()):
        yield f"agency file {subject}", "told in the trail, gone from the ledger"
    for subject, row in rows.items():
        where, facts = f"agency file {subject}", told.get(subject)
        if facts is None or (facts["sealed"], facts["package"]) != (row.sealed_sha256, row.package_sha256):
            yield where, "the trail tells another file, or none"
            continue
        stored = home / (row.sealed_path or "-")
        yield from _digest(stored, row.sealed_sha256, f"{where}, sealed bytes")
        yield from _digest(stored.with_suffix(".signed"), facts["signed"], f"{where}, signed message")


def _answers(tx: Tx, home: Path, told: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for row in tx.session.scalars(select(Acknowledgement).order_by(Acknowledgement.id)):
        label = f"{row.serial:08d}.{row.answer}"
        where, facts = f"answer {label}", told.get(label)
        if facts is None or (facts["sealed"], facts["text"]) != (row.sealed_sha256, row.text_sha256):
            yield where, "the trail tells another answer, or none"
            continue
        yield from _digest(home / row.sealed_path, row.sealed_sha256, f"{where}, sealed bytes")
        yield from _digest((home / row.sealed_path).with_suffix(""), row.text_sha256, f"{where}, text")


def _notices(tx: Tx) -> Iterator[tuple[str, str]]:
    query = select(AgencyNotice.serial, AgencyNotice.record_number, AgencyNotice.content, AgencyNotice.content_sha256)
    for serial, record, content, digest in tx.session.execute(query.execution_options(yield_per=1000)):
        if content_digest(content) != digest:
            yield f"agency notice {serial:08d} record {record}", "the content differs from its digest"


def _digest(path: Path, expected: str | None, where: str) -> Iterator[tuple[str, str]]:
    try:
        found = file_sha256(path)
    except OSError:
        yield where, "missing"
        return
    if found != expected:
        yield where, "the digest differs from the ledger's"
