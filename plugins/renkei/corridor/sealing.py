"""Seals a business day: all that is due goes into the next serial (contract §2, §3, §5, §9).

Build with the next serial, seal, fsync, then one short transaction claims the serial; on conflict what was prepared
is thrown away. The sealed bytes and their digest are stored before the first network byte.
"""

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Table, func, insert, select, update

import renkei
from renkei import change_file, envelope
from renkei.change_file import Descriptor, Package, Record
from renkei.corridor.due import DueNotice, due_notices
from renkei.corridor.house import House
from renkei.corridor.locks import SEALING, one_at_a_time
from renkei.corridor.work import private_folder
from renkei.errors import SerialTaken
from renkei.ledger import Tx, trail
from renkei.ledger.columns import CanonicalText, canonical, canonical_digest
from renkei.ledger.durable import write_durably
from renkei.ledger.effects import Effect, performing
from renkei.ledger.mark import last_serial
from renkei.ledger.serials import claim_serial
from renkei.ledger.states import DayState, Direction, FileState, NoticeState
from renkei.ledger.store import INPUTS, file_name
from renkei.ledger.tables import Day, Extract, File, Notice, NoticeAttempt
from renkei.peers import Peer


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a file will be made of, read in one consistent state."""

    serial: int
    previous: str | None
    notices: tuple[DueNotice, ...]
    extract: Extract
    before: Extract
    head: trail.Head


@dataclass(frozen=True, slots=True)
class _Made:
    """A file as it was made: from which plan, for whom, when, and what came out."""

    plan: _Plan
    day: date
    peer: Peer
    package: Package
    sealed: envelope.Sealed
    sealed_at: datetime


@contextlib.contextmanager
def sealing_lock(house: House) -> Iterator[None]:
    """Let one process of this machine seal at a time; the ledger's unique serial guards across machines."""
    with one_at_a_time(house, "sealing", SEALING):
        _sweep(house)
        yield


def seal_day(house: House, day: date) -> int:
    """Seal what is due for a business day whose extract was taken in; return the serial.

    Raises `SerialTaken` if another machine was faster, and all that `envelope.seal` raises.
    """
    plan = _planned(house, day)
    sealed_at = house.clock.now().replace(microsecond=0)
    peer = house.peers.in_force(sealed_at)
    name = file_name(house.settings.municipality, plan.serial)
    with private_folder(house.settings.work_dir) as work:
        package = change_file.write(
            work / "package.zip",
            [_record(notice) for notice in plan.notices],
            _descriptor(house, plan, day, peer, sealed_at),
            house.schemas,
        )
        with performing(house.ledger, Effect.SEAL_PACKAGE, name, house.actor, package=package.sha256) as done:
            sealed = envelope.seal(
                package.path,
                work / name,
                home=house.settings.gnupg_seal_home,
                signer=house.settings.ward_fingerprint,
                recipient=peer.recipient(sealed_at),
                clock=house.clock,
            )
            done(sealed=sealed.sha256, bytes=sealed.bytes)
        made = _Made(plan, day, peer, package, sealed, sealed_at)
        inputs = _inputs(house, made)
        folder = house.settings.sealed_dir / f"{plan.serial:08d}-{sealed.sha256[:12]}"
        with performing(house.ledger, Effect.STORE_SEALED, name, house.actor, sealed=sealed.sha256):
            _store(folder, sealed.path, inputs)
    try:
        _claim(house, made, folder / name, hashlib.sha256(inputs).hexdigest())
    except SerialTaken:
        shutil.rmtree(folder)
        raise
    return plan.serial


def _planned(house: House, day: date) -> _Plan:
    with house.ledger.reading() as tx:
        row = tx.session.get_one(Day, day)
        extract = tx.session.get_one(Extract, row.extract_id)
        before = tx.session.scalars(
            select(Extract).where(Extract.cut_off == extract.previous_cut_off).order_by(Extract.id.desc())
        ).first()
        serial = last_serial(tx.session) + 1
        previous = tx.session.get(File, (Direction.OUT, house.settings.municipality, serial - 1))
        return _Plan(
            serial=serial,
            previous=previous.package_sha256 if previous else None,
            notices=tuple(due_notices(tx)),
            extract=extract,
            before=before or extract,
            head=trail.head(tx.session),
        )


def _record(notice: DueNotice) -> Record:
    return Record(notice.family, notice.attempt, notice.supplement, notice.content)


def _descriptor(house: House, plan: _Plan, day: date, peer: Peer, sealed_at: datetime) -> Descriptor:
    return Descriptor(
        municipality=house.settings.municipality,
        counterparty=peer.id,
        business_date=day,
        serial=plan.serial,
        sealed_at=sealed_at,
        previous=plan.previous,
        register_totals=plan.extract.totals,
        trail_head_number=plan.head.number,
        trail_head_hash=plan.head.hash,
    )


def _inputs(house: House, made: _Made) -> bytes:
    """Return `inputs.json`: everything the package was built from (contract §9); references and digests only."""
    plan, package, sealed = made.plan, made.package, made.sealed
    references = {each.person_reference for each in plan.notices} - {""}
    told: dict[str, Any] = {
        "product_version": renkei.__version__,
        "schemas": house.schemas.digest(),
        "municipality": house.settings.municipality,
        "counterparty": made.peer.id,
        "business_date": made.day.isoformat(),
        "serial": plan.serial,
        "previous": plan.previous,
        "sealed_at": made.sealed_at.isoformat(),
        "extract": _digests(plan.extract),
        "previous_extract": _digests(plan.before),
        "register_totals": plan.extract.totals,
        "trail_head": {"number": plan.head.number, "hash": plan.head.hash},
        "reference_keys": sorted({each.partition("-")[0] for each in references}),
        "notices": [notice.told() for notice in plan.notices],
        "package_sha256": package.sha256,
        "package_bytes": package.bytes,
        "records": package.records,
        "counts": package.counts,
        "sealed_sha256": sealed.sha256,
        "sealed_bytes": sealed.bytes,
        "signer": sealed.signer_fingerprint,
        "recipient": sealed.recipient_fingerprint,
        "algorithms": sealed.algorithms,
    }
    lines = [f'  "{name}": {_line_by_line(value)}' for name, value in sorted(told.items())]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _line_by_line(value: object) -> str:
    """Return a value as JSON: a list's members stand on a line each."""
    if not isinstance(value, list) or not value:
        return canonical(value)
    return "[\n    " + ",\n    ".join(map(canonical, value)) + "\n  ]"


def _digests(extract: Extract) -> dict[str, str]:
    return {
        "manifest": extract.manifest_sha256,
        "residents": extract.residents_sha256,
        "events": extract.events_sha256,
    }


def _store(folder: Path, sealed: Path, inputs: bytes) -> None:
    folder.mkdir(mode=0o700)
    sealed.rename(folder / sealed.name)
    write_durably(folder / INPUTS, inputs)
    for place in (folder, folder.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _claim(house: House, made: _Made, stored: Path, inputs_sha256: str) -> None:
    """Claim the serial, or raise `SerialTaken` where another was faster or what is due has changed."""
    plan, package, sealed = made.plan, made.package, made.sealed
    with house.ledger.transaction(actor=house.actor) as tx:
        row = tx.session.get_one(Day, made.day)
        is_due = Notice.state == NoticeState.DUE
        found = tx.session.execute(select(Notice.notice_id, Notice.attempt).where(is_due))
        due = {(row.notice_id, row.attempt) for row in found}
        told = {(notice.notice_id, notice.attempt) for notice in plan.notices}
        if last_serial(tx.session) + 1 != plan.serial or row.state is DayState.SEALED or due != told:
            raise SerialTaken(serial=plan.serial)
        claim_serial(
            tx,
            File(
                direction=Direction.OUT,
                municipality=house.settings.municipality,
                serial=plan.serial,
                counterparty=made.peer.id,
                state=FileState.SEALED,
                package_sha256=package.sha256,
                sealed_sha256=sealed.sha256,
                previous=plan.previous,
                records=package.records,
                counts={family: dict(counts) for family, counts in package.counts.items()},
                business_date=made.day,
                sealed_at=made.sealed_at,
                sealed_path=house.relative(stored),
                inputs_sha256=inputs_sha256,
                signer_fingerprint=sealed.signer_fingerprint,
                recipient_fingerprint=sealed.recipient_fingerprint,
            ),
        )
        # All that is due is what this file tells: compared above, and nobody else writes now.
        tx.session.execute(update(Notice).where(is_due).values(state=NoticeState.SEALED))
        if plan.notices:
            tx.session.execute(insert(cast("Table", NoticeAttempt.__table__)), _attempts(plan))
        row.state, row.serial, row.blocked_by = DayState.SEALED, plan.serial, None
        row.balance = {**(row.balance or {}), "sealed": len(plan.notices), **still_waiting(tx)}
        tx.trail(
            "file.sealed",
            stored.name,
            business_date=made.day,
            serial=plan.serial,
            counterparty=made.peer.id,
            package=package.sha256,
            sealed=sealed.sha256,
            previous=plan.previous,
            inputs=inputs_sha256,
            records=package.records,
            notices=canonical_digest([notice.told() for notice in plan.notices]),
        )


def _attempts(plan: _Plan) -> list[dict[str, Any]]:
    return [
        {
            "notice_id": each.notice_id,
            "attempt": each.attempt,
            "serial": plan.serial,
            "record_number": number,
            "content": None if each.text is None else CanonicalText(each.text),
            "content_sha256": each.content_sha256,
        }
        for number, each in enumerate(plan.notices, 1)
    ]


def still_waiting(tx: Tx) -> dict[str, int]:
    """Count what waits after a sealing, as the equation of contract §11 names it: held (or refused), and behind."""
    rows = tx.session.execute(select(Notice.state, func.count()).group_by(Notice.state))
    counts: dict[NoticeState, int] = {state: number for state, number in rows}  # noqa: C416  # a Row is no tuple to mypy
    held = counts.get(NoticeState.HELD, 0) + counts.get(NoticeState.REFUSED, 0)
    return {"held": held, "behind": counts.get(NoticeState.BEHIND, 0)}


def _sweep(house: House) -> None:
    """Throw away what a killed process prepared and never claimed; nobody else is sealing now."""
    with house.ledger.reading() as tx:
        known: Sequence[str | None] = tx.session.scalars(
            select(File.sealed_path).where(File.direction == Direction.OUT)
        ).all()
        reached = last_serial(tx.session)
    mark = house.ledger.mark.read() if house.ledger.mark else None
    # A ledger that was restored, or lost with its mark, has forgotten what these folders prove: `adopt` reads them.
    if (mark is None and not reached) or (mark is not None and mark.last_serial > reached):
        return
    kept = {Path(each).parent.name for each in known if each}
    for folder in house.settings.sealed_dir.iterdir():
        if folder.is_dir() and folder.name not in kept:
            shutil.rmtree(folder)
