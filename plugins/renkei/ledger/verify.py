"""Recomputes the audit chain and every stored digest, for anyone who wants to see it hold (contract §10).

What it reads are the ledger, the head mark and the files that the ledger names; it changes nothing.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from renkei.errors import LedgerRestored
from renkei.ledger import trail
from renkei.ledger.columns import canonical_digest
from renkei.ledger.decisions import reason_digest
from renkei.ledger.engine import Ledger, Tx
from renkei.ledger.mark import NAME, Mark, assert_reached
from renkei.ledger.sealings import RESEALED
from renkei.ledger.states import Direction, FileState
from renkei.ledger.store import INPUTS, file_name, file_sha256
from renkei.ledger.tables import Decision, File, NoticeAttempt, Receipt, ReportRow, Trail, Worklist
from renkei.ledger.verify_inbound import inbound_breaks
from renkei.settings import Settings

_SEALINGS: Final = frozenset({"file.sealed", "file.adopted", RESEALED})


class Level(StrEnum):
    """A break that a person named and explained, or one that nobody did."""

    NAMED_BREAK = "named break"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not hold: where (a row or a file by its name) and which rule."""

    level: Level
    where: str
    rule: str


@dataclass(frozen=True, slots=True)
class _Told:
    """What the trail tells, row by row: digests of files by serial, of reasons by decision.

    `replaced`: sealings whose place a later one of the same package took.
    """

    files: dict[int, Mapping[str, Any]]
    replaced: list[Mapping[str, Any]]
    receipts: frozenset[str]
    reasons: dict[int, str]


def verify(ledger: Ledger, settings: Settings) -> list[Finding]:
    """Return all that does not hold; an empty list, or named breaks alone, is a pass.

    Raises what `Ledger.reading` raises: a ledger that cannot be read proves nothing.
    """
    mark, findings = _read_mark(ledger)
    with ledger.reading() as tx:
        told, chain = _read_trail(tx)
        return [
            *findings,
            *chain,
            *_reached(tx, mark),
            *_files(tx, told, settings.home),
            *_receipts(tx, told, settings.home),
            *_reports(tx, settings.home),
            *_worklists(tx, settings.home),
            *_decisions(tx, told),
            *_contents(tx),
            *(_broken(where, rule) for where, rule in inbound_breaks(tx, settings.home)),
        ]


def verdict(findings: list[Finding]) -> str:
    """Return `PASS`, `PASS with N named break(s)` or `FAIL`."""
    if any(finding.level is Level.BROKEN for finding in findings):
        return "FAIL"
    if not findings:
        return "PASS"
    return f"PASS with {len(findings)} named break{'' if len(findings) == 1 else 's'}"


def _broken(where: str, rule: str) -> Finding:
    return Finding(Level.BROKEN, where, rule)


def _read_trail(tx: Tx) -> tuple[_Told, list[Finding]]:
    """Walk the trail once: recompute it, and gather what the other checks compare with."""
    told = _Told({}, [], frozenset(), {})
    receipts: set[str] = set()
    named: list[Finding] = []

    def gathered() -> Iterator[Trail]:
        for row in trail.rows(tx.session):
            facts = json.loads(row.facts)
            if row.action in _SEALINGS:
                if row.action == RESEALED and facts["serial"] in told.files:
                    told.replaced.append(told.files[facts["serial"]])
                told.files[facts["serial"]] = facts
            elif row.action.startswith("receipt."):
                receipts.add(str(facts.get("receipt")))
            elif row.action == "decision.asked":
                told.reasons[facts["decision"]] = facts["reason_sha256"]
            elif row.action == trail.RESTORED:
                named.append(_restored(row, facts))
            yield row

    breaks = [_broken(f"trail {each.number}", each.rule) for each in trail.breaks_in(gathered())]
    return _Told(told.files, told.replaced, frozenset(receipts), told.reasons), [*breaks, *named]


def _restored(row: Trail, facts: Mapping[str, Any]) -> Finding:
    # The rows of the decision stand between the older head and this row.
    here, mark = facts["ledger_head"], facts["mark_head"]
    if here["number"] >= row.number:
        return _broken(f"trail {row.number}", "a restored row names a head behind it")
    return Finding(Level.NAMED_BREAK, f"trail {row.number}", f"restored at {here['number']}, had {mark['number']}")


def _read_mark(ledger: Ledger) -> tuple[Mark | None, list[Finding]]:
    try:
        return (ledger.mark.read() if ledger.mark else None), []
    except LedgerRestored:
        return None, [_broken(NAME, "the head mark is not whole")]


def _reached(tx: Tx, mark: Mark | None) -> Iterator[Finding]:
    try:
        assert_reached(tx.session, mark)
    except LedgerRestored:
        yield _broken(NAME, "the ledger does not reach its head mark")


def _files(tx: Tx, told: _Told, home: Path) -> Iterator[Finding]:
    rows = tx.session.scalars(select(File).where(File.direction == Direction.OUT).order_by(File.serial)).all()
    for serial in sorted(told.files.keys() - {row.serial for row in rows}):
        yield _broken(f"file {serial:08d}", "told in the trail, gone from the ledger")
    before: File | None = None
    for row in rows:
        where = f"file {row.serial:08d}"
        if row.serial != (before.serial if before else 0) + 1:
            yield _broken(where, "the serial before it is missing")
        known = before is None or before.package_sha256 is not None
        if known and row.previous is not None and row.previous != (before.package_sha256 if before else None):
            yield _broken(where, "names another predecessor")
        yield from _against_trail(row, told.files.get(row.serial), where)
        if row.state is not FileState.VOID:
            yield from _stored_bytes(row, home, where)
            yield from _replaced_bytes(row, told.replaced, home, where)
        before = row


def _against_trail(row: File, facts: Mapping[str, Any] | None, where: str) -> Iterator[Finding]:
    if facts is None:
        yield _broken(where, "the trail does not tell of it")
        return
    columns = {"package": row.package_sha256, "sealed": row.sealed_sha256, "inputs": row.inputs_sha256}
    for name, value in columns.items():
        if facts.get(name) != value:
            yield _broken(where, f"{name} digest differs from the trail's")


def _stored_bytes(row: File, home: Path, where: str) -> Iterator[Finding]:
    path = home / (row.sealed_path or "-")
    yield from _digest(path, row.sealed_sha256, f"{where}, sealed bytes")
    if row.inputs_sha256 is None:
        return
    inputs = path.with_name(INPUTS)
    findings = list(_digest(inputs, row.inputs_sha256, f"{where}, {INPUTS}"))
    yield from findings
    if not findings:
        told = json.loads(inputs.read_bytes())
        if (told["serial"], told["package_sha256"]) != (row.serial, row.package_sha256):
            yield _broken(f"{where}, {INPUTS}", "names another serial or package")


def _replaced_bytes(row: File, replaced: Sequence[Mapping[str, Any]], home: Path, where: str) -> Iterator[Finding]:
    """Look at the sealings of a package whose place a later one took: they are kept (contract §5)."""
    beside = Path(row.sealed_path or "-").with_name(file_name(row.municipality, row.serial))
    for facts in replaced:
        if facts["serial"] == row.serial:
            yield from _digest(home / facts.get("path", beside), facts["sealed"], f"{where}, earlier sealing")


def _receipts(tx: Tx, told: _Told, home: Path) -> Iterator[Finding]:
    for row in tx.session.scalars(select(Receipt).order_by(Receipt.id)):
        where = f"receipt {row.receipt_sha256[:12]}"
        if row.receipt_sha256 not in told.receipts:
            yield _broken(where, "the trail does not tell of it")
        yield from _digest(home / row.path, row.receipt_sha256, where)
        if row.signed_path is not None:
            yield from _digest(home / row.signed_path, row.signed_sha256, f"{where}, signed message")


def _reports(tx: Tx, home: Path) -> Iterator[Finding]:
    for row in tx.session.scalars(select(ReportRow).order_by(ReportRow.id)):
        for kind, path in (("html", row.path_html), ("csv", row.path_csv), ("json", row.path_json)):
            yield from _digest(home / path, row.sha256.get(kind), f"report {row.id}, {kind}")


def _worklists(tx: Tx, home: Path) -> Iterator[Finding]:
    for row in tx.session.scalars(select(Worklist).order_by(Worklist.id)):
        name = f"worklist-{row.business_date.isoformat()}{f'-a{row.amendment}' if row.amendment else ''}"
        for form, digest in row.sha256.items():
            yield from _digest(home / row.folder / f"{name}.{form}", str(digest), f"worklist {row.id}, {form}")


def _decisions(tx: Tx, told: _Told) -> Iterator[Finding]:
    for row in tx.session.scalars(select(Decision).order_by(Decision.id)):
        if told.reasons.get(row.id) != reason_digest(row):
            yield _broken(f"decision {row.id}", "the reason differs from the trail's digest")


def _contents(tx: Tx) -> Iterator[Finding]:
    query = select(NoticeAttempt).where(NoticeAttempt.content.is_not(None)).execution_options(yield_per=1000)
    for row in tx.session.scalars(query):
        if row.content_sha256 != canonical_digest(row.content):
            yield _broken(f"notice {row.notice_id} attempt {row.attempt}", "the content differs from its digest")


def _digest(path: Path, expected: str | None, where: str) -> Iterator[Finding]:
    try:
        found = file_sha256(path)
    except OSError:
        yield _broken(where, "missing")
        return
    if found != expected:
        yield _broken(where, "the digest differs from the ledger's")
