"""Opens and takes in the agency's files in the order of their serials (contract §2; schemas/README.md, Agency file).

Verified, read, stored; then the notices and the file's state enter the ledger in one transaction. A file that is the
agency's but not as agreed is refused with a code and keeps its serial; one that nobody can verify leaves its serial
missing, and what comes after waits.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import insert, select

from renkei import agency_file
from renkei.agency_file import AgencyFile, Expected
from renkei.corridor.agency_fetch import LARGEST, is_held
from renkei.corridor.groups import in_groups
from renkei.corridor.house import House
from renkei.corridor.locks import AGENCY_FILES, one_at_a_time
from renkei.corridor.opening import Unsealed, unseal
from renkei.corridor.quarantine import agency_name, write_letter
from renkei.corridor.sending import refuse_stopped
from renkei.corridor.work import private_folder
from renkei.dates import calendar_date
from renkei.errors import (
    AgencyFileMissing,
    AgencyFileRefused,
    AgencyFileReplaced,
    MessageRefused,
    PeerNotInForce,
    RenkeiError,
)
from renkei.ledger import Tx, durable
from renkei.ledger.effects import Effect, performing
from renkei.ledger.inbound import Gap, agency_files, content_digest, missing_serial, next_agency_serial, settled
from renkei.ledger.states import Direction, FileState, OpenState
from renkei.ledger.tables import AgencyNotice, File

OPENPGP: Final = "openpgp"
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class TakenIn:
    """Serials taken in, refused with an answer, impossible to verify, come again; notices; the missing serial."""

    ingested: tuple[int, ...] = ()
    refused: tuple[int, ...] = ()
    unverified: tuple[int, ...] = ()
    duplicates: tuple[int, ...] = ()
    records: int = 0
    gap: Gap | None = None

    def facts(self) -> dict[str, Any]:
        """Return references and counts, fit for an XCom."""
        gap = self.gap
        return {
            "ingested": list(self.ingested),
            "refused": list(self.refused),
            "unverified": list(self.unverified),
            "duplicates": list(self.duplicates),
            "records": self.records,
            "gaps": [{"serial": gap.serial, "since": gap.since.isoformat()}] if gap else [],
        }


@dataclass(slots=True)
class _Done:
    ingested: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    unverified: list[int] = field(default_factory=list)
    duplicates: list[int] = field(default_factory=list)
    records: int = 0


def take_in_agency_files(house: House, day: date) -> TakenIn:
    """Open what was fetched, in order, and take its notices in as of the business date `day`.

    Raises `AgencyFileReplaced` where another package stands under a serial that was taken in, `PeerStopped` until a
    person decided, and what `envelope` raises for our own side; the files before the failing one are done.
    """
    with one_at_a_time(house, "agency_files", AGENCY_FILES):
        _tidy(house)
        done = _Done()
        for file in _to_judge(house):
            _judge(house, file, done)
        while (held := _next(house)) is not None and _take_in(house, day, held, done):
            continue
        with house.ledger.reading() as tx:
            gap = missing_serial(tx, house.settings.municipality)
    return TakenIn(
        tuple(done.ingested), tuple(done.refused), tuple(done.unverified), tuple(done.duplicates), done.records, gap
    )


def check_agency_gap(house: House) -> None:
    """Raise `AgencyFileMissing` where a serial is missing for longer than agreed; called when all else is done."""
    with house.ledger.reading() as tx:
        gap = missing_serial(tx, house.settings.municipality)
    minutes = house.settings.agency_gap_deadline
    if gap is not None and house.clock.now() - gap.since > timedelta(minutes=minutes):
        since = gap.since.isoformat(timespec="minutes")
        raise AgencyFileMissing(serial=f"{gap.serial:08d}", since=since, minutes=minutes)


def inbound_folder(house: House, file: File) -> Path:
    """Return the folder in which a file of the agency's and our answers to it are kept."""
    return house.settings.inbound_dir / f"{file.serial:08d}-{(file.sealed_sha256 or '')[:12]}"


def _next(house: House) -> File | None:
    """Return the file whose turn it is, if its bytes are here."""
    with house.ledger.reading() as tx:
        serial = next_agency_serial(tx, house.settings.municipality)
        file = tx.session.get(File, (Direction.IN, house.settings.municipality, serial))
    return file if file is not None and is_held(file) else None


def _take_in(house: House, day: date, file: File, done: _Done) -> bool:
    """Take one file in or refuse it; return whether its serial is spent now."""
    refuse_stopped(house, file.counterparty)
    with private_folder(house.settings.work_dir) as work:
        try:
            out = _unseal(house, file, house.path(file.sealed_path or ""), file.counterparty, work)
        except MessageRefused as error:
            _refuse(house, file, OPENPGP, error, None)
            done.unverified.append(file.serial)
            return False
        try:
            told = agency_file.read(out.plain, house.schemas)
            agency_file.check_expected(told, _expected(house, file))
        except AgencyFileRefused as error:
            _store(house, file, out)
            _refuse(house, file, error.layer, error, out)
            done.refused.append(file.serial)
            return True
        stored = _store(house, file, out)
        if _enter(house, day, file, told, out, stored):
            done.ingested.append(file.serial)
            done.records += told.records
    _tidy(house)
    return True


def _unseal(house: House, file: File, sealed: Path, peer_id: str, work: Path) -> Unsealed:
    peer, name = house.peers.by_id(peer_id), agency_name(file)
    signers = peer.signers(house.clock.now())
    return unseal(house, signers, sealed, work, effect=Effect.OPEN_AGENCY_FILE, subject=name, most=LARGEST)


def _expected(house: House, file: File) -> Expected:
    with house.ledger.reading() as tx:
        before = tx.session.get(File, (Direction.IN, file.municipality, file.serial - 1))
    previous = before.package_sha256 if before else None
    return Expected(
        municipality=file.municipality,
        counterparty=file.counterparty,
        in_force=lambda instant: _in_force(house, instant),
        serial=file.serial,
        previous=previous,
        previous_known=previous is not None or file.serial == 1,
    )


def _in_force(house: House, instant: datetime) -> str | None:
    try:
        return house.peers.in_force(instant).id
    except PeerNotInForce:
        return None


def _store(house: House, file: File, out: Unsealed) -> Path:
    """Keep the sealed bytes, and the signed message that an auditor can verify; return where the sealed ones lie."""
    folder, name = inbound_folder(house, file), agency_name(file)
    stored = folder / name
    with performing(house.ledger, Effect.STORE_AGENCY_FILE, name, house.actor, sealed=file.sealed_sha256):
        durable.private_folder(folder)
        durable.copy_durably(house.path(file.sealed_path or ""), stored)
        durable.copy_durably(out.signed, stored.with_suffix(".signed"))
        durable.sync_folder(folder.parent)
    return stored


def _refuse(house: House, file: File, layer: str, error: RenkeiError, out: Unsealed | None) -> None:
    """Leave a file in quarantine with the layer and the error by which it failed, and a text for the agency."""
    write_letter(house, file, layer, error)
    with house.ledger.transaction(actor=house.actor) as tx:
        row = tx.session.get_one(File, (file.direction, file.municipality, file.serial))
        row.state, row.layer, row.reason = FileState.QUARANTINED, layer, type(error).__name__
        package = out.sha256 if out else None
        if out is not None:
            row.signer_fingerprint = out.signer_fingerprint
            row.package_sha256 = package if _with_package(tx, out.sha256) is None else None
        facts = {"layer": layer, "reason": row.reason, "rule": error.refs.get("rule")}
        tx.tell("agency_file.refused", f"{row.serial:08d}", {**facts, "sealed": row.sealed_sha256, "package": package})


def _with_package(tx: Tx, package: str) -> File | None:
    return tx.session.scalars(
        select(File).where(File.direction == Direction.IN, File.package_sha256 == package)
    ).first()


def _enter(house: House, day: date, file: File, told: AgencyFile, out: Unsealed, stored: Path) -> bool:
    """Enter the notices and the file's state in one transaction; return False where another process has done it."""
    with house.ledger.transaction(actor=house.actor) as tx:
        row = tx.session.get_one(File, (file.direction, file.municipality, file.serial))
        if settled(row) or row.sealed_sha256 != file.sealed_sha256:
            return False
        other = _with_package(tx, out.sha256)
        if other is not None:
            # It stood under another serial before and was refused there; here it belongs.
            other.package_sha256 = None
            tx.session.flush()
        for some in in_groups(_notices(house, day, file.serial, told), _AT_ONCE):
            tx.session.execute(insert(AgencyNotice), some)
        row.state, row.package_sha256, row.previous = FileState.INGESTED, out.sha256, told.previous
        row.records, row.counts, row.totals = told.records, dict(told.counts), dict(told.register_totals)
        row.business_date, row.sealed_at, row.sealed_path = day, told.sealed_at, house.relative(stored)
        row.signer_fingerprint = out.signer_fingerprint
        tx.trail(
            "agency_file.ingested",
            f"{row.serial:08d}",
            peer=row.counterparty,
            sealed=row.sealed_sha256,
            package=row.package_sha256,
            signed=out.signed_sha256,
            records=row.records,
            counts=row.counts,
        )
    return True


def _notices(house: House, day: date, serial: int, told: AgencyFile) -> Iterator[dict[str, Any]]:
    reasons = house.schemas.codes("agency_notice_reasons")
    for row in told.rows():
        yield {
            "serial": serial,
            "record_number": int(row["record_number"]),
            "notice_id": row["notice_id"],
            "attempt": int(row["attempt"]),
            # Codes and a date, or nothing: a sender can write a name into each.
            "action": row["action"] if row["action"] in agency_file.COUNTED_ACTIONS else "",
            "reason": row["reason"] if row["reason"] in reasons else "",
            "event_date": row["event_date"] if calendar_date(row["event_date"]) else "",
            "content": dict(row),
            "content_sha256": content_digest(row),
            "prepared": False,
            "since": day,
            "state": OpenState.OPEN,
        }


def _to_judge(house: House) -> list[File]:
    with house.ledger.reading() as tx:
        return [file for file in agency_files(tx, house.settings.municipality) if "judge" in (file.listed or {})]


def _judge(house: House, file: File, done: _Done) -> None:
    """Say what other bytes under a serial that was taken in are: the same package, another one, or nobody's."""
    refuse_stopped(house, file.counterparty)
    judged: Mapping[str, str] = (file.listed or {})["judge"]
    error: MessageRefused | None = None
    package = None
    with private_folder(house.settings.work_dir) as work:
        try:
            package = _unseal(house, file, house.path(judged["path"]), judged["peer"], work).sha256
        except MessageRefused as refused:
            error = refused
    with house.ledger.transaction(actor=house.actor) as tx:
        row = tx.session.get_one(File, (file.direction, file.municipality, file.serial))
        told = dict(row.listed or {})
        told.pop("judge", None)
        same = package is not None and package == row.package_sha256
        if same:
            told["again"] = [*told.get("again", []), judged["sealed"]]
        elif package is not None:
            row.stopped_reason = AgencyFileReplaced.__name__
        row.listed = told
        outcome = "again" if same else "replaced" if package is not None else "change_refused"
        facts = {"sealed": judged["sealed"], "package": package, "reason": type(error).__name__ if error else None}
        tx.tell(f"agency_file.{outcome}", f"{row.serial:08d}", facts)
    if same:
        house.path(judged["path"]).unlink(missing_ok=True)
        done.duplicates.append(file.serial)
    elif package is not None:
        raise AgencyFileReplaced(serial=f"{file.serial:08d}")


def _tidy(house: House) -> None:
    """Take out of quarantine what lies in the store by now; what was refused stays."""
    if not house.settings.quarantine_dir.is_dir():
        return
    kept = {path.stem: path for path in house.settings.quarantine_dir.glob("*.pgp")}
    with house.ledger.reading() as tx:
        files = agency_files(tx, house.settings.municipality)
    # Old bytes under a new serial have the digest of the old: they are needed until the new one is judged.
    needed = {file.sealed_sha256 for file in files if not settled(file) or file.layer is not None}
    for file in files:
        path = kept.get(file.sealed_sha256 or "")
        if path is not None and settled(file) and file.sealed_sha256 not in needed:
            path.unlink(missing_ok=True)
