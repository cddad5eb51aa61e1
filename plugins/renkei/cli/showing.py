"""What the commands show: references, states and counts; a registry number only where it is asked for."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy import func, select

from renkei.cli.texts import say
from renkei.corridor.house import House
from renkei.corridor.quarantine import letter_path
from renkei.corridor.rebuild import rebuild
from renkei.corridor.report_labels import Labels
from renkei.corridor.resealing import outlived
from renkei.corridor.supplements import corrections
from renkei.errors import VerificationFailed
from renkei.ledger import Ledger, Tx, decisions, verdict, verify
from renkei.ledger.inbound import agency_files, missing_serial
from renkei.ledger.states import DayState, Direction, FileState, OpenState
from renkei.ledger.tables import Day, File, Notice, OpenItem
from renkei.settings import Settings

_UNDELIVERED: Final = (FileState.SEALED, FileState.SENDING, FileState.PUBLISHED, FileState.UNKNOWN)


def serials(numbers: Iterable[int]) -> str:
    """Return serials as file names bear them, or a dash."""
    return ", ".join(f"{number:08d}" for number in numbers) or "-"


def counts(found: Mapping[str, int]) -> str:
    """Return counts by their names, or a dash."""
    return " ".join(f"{name}={count}" for name, count in sorted(found.items())) or "-"


def show_status(house: House) -> None:
    """Print days, files, and how much waits."""
    with house.ledger.reading() as tx:
        for day in tx.session.scalars(select(Day).order_by(Day.business_date)):
            serial = serials([day.serial]) if day.serial else "-"
            say("day", day=day.business_date, state=day.state, serial=serial, blocked=day.blocked_by or "")
        for file in _files(tx):
            facts = {"peer": file.counterparty, "state": file.state, "outcome": file.outcome or "-"}
            say("files", serial=serials([file.serial]), records=file.records or 0, **facts)
        states = tx.session.execute(select(Notice.state, func.count()).group_by(Notice.state)).all()
        notices = " ".join(f"{state}={count}" for state, count in sorted((str(s), c) for s, c in states))
        say("counts", notices=notices or "-", items=len(_open_items(tx)))


def show_waiting(house: House, *, persons: bool) -> None:
    """Print what waits for a person, each with its next step."""
    with house.ledger.reading() as tx:
        shown = _show_items(house, tx, persons=persons) + _show_decisions(tx) + _show_files(house, tx) + _show_days(tx)
        shown += _show_agency(house, tx)
    for each in corrections(house):
        say("corrected", day=each.business_date)
        shown += 1
    if not shown:
        say("nothing")


def show_quarantine(house: House) -> None:
    """Print which of the agency's files failed, at which layer, and where the text for the agency lies."""
    with house.ledger.reading() as tx:
        failed = [file for file in agency_files(tx, house.settings.municipality) if file.layer is not None]
    for file in failed:
        refs = {"serial": serials([file.serial]), "peer": file.counterparty, "state": file.state}
        say("quarantined", **refs, layer=file.layer, reason=file.reason, letter=letter_path(house, file))
    if not failed:
        say("nothing")


def show_verified(ledger: Ledger, settings: Settings) -> None:
    """Print what does not hold, then the verdict; raises `VerificationFailed`."""
    findings = verify(ledger, settings)
    for finding in findings:
        say("finding", level=finding.level, where=finding.where, rule=finding.rule)
    result = verdict(findings)
    if result == "FAIL":
        counts = Counter(finding.level for finding in findings)
        raise VerificationFailed(findings=sum(counts.values()))
    print(result)


def show_rebuilt(house: House, serial: int) -> None:
    """Print that a package rebuilt is the one that was sealed."""
    found = rebuild(house, serial)
    say("rebuilt", serial=serials([found.serial]), records=found.records, package=found.package_sha256)


def _show_items(house: House, tx: Tx, *, persons: bool) -> int:
    items = _open_items(tx)
    for item in items:
        labels = Labels(house.schemas, item.business_date)
        next_ja, next_en = labels.next_step(item)
        say(
            "item",
            item=item.id,
            kind=item.kind,
            day=item.business_date,
            rule=labels.open_rule(item).ja,
            fields=",".join(map(str, item.fields or [])) or "-",
            person=(item.registry_number or "-") if persons else "",
            next_ja=next_ja,
            next_en=next_en,
        )
    return len(items)


def _show_decisions(tx: Tx) -> int:
    rows = decisions.waiting(tx)
    for row in rows:
        say("decision", decision=row.id, kind=row.kind, subject=row.subject, asker=row.asker)
    return len(rows)


def _show_files(house: House, tx: Tx) -> int:
    shown = 0
    for file in _files(tx):
        serial = serials([file.serial])
        if file.state is FileState.VOID:
            continue
        if file.stopped_reason:
            say("stopped", serial=serial, peer=file.counterparty, reason=file.stopped_reason)
        elif file.state is FileState.EXPORTED:
            say("exported", serial=serial)
        elif file.state in _UNDELIVERED and outlived(house, file):
            say("outlived", serial=serial, peer=file.counterparty)
        elif file.state is FileState.UNKNOWN:
            say("unknown", serial=serial)
        else:
            continue
        shown += 1
    return shown


def _show_agency(house: House, tx: Tx) -> int:
    """Print what stops the agency's direction: a missing serial, a counterparty that put another package."""
    gap = missing_serial(tx, house.settings.municipality)
    if gap is not None:
        say("agency_gap", serial=serials([gap.serial]), since=gap.since.isoformat(timespec="minutes"))
    stopped = [file for file in agency_files(tx, house.settings.municipality) if file.stopped_reason]
    for file in stopped:
        refs = {"serial": serials([file.serial]), "peer": file.counterparty}
        say("agency_stopped", **refs, reason=file.stopped_reason)
    return len(stopped) + (gap is not None)


def _show_days(tx: Tx) -> int:
    rows = tx.session.scalars(select(Day).where(Day.state == DayState.REQUESTED).order_by(Day.business_date)).all()
    for day in rows:
        say("blocked", day=day.business_date, why=day.blocked_by or "-")
    return len(rows)


def _files(tx: Tx) -> list[File]:
    return list(tx.session.scalars(select(File).where(File.direction == Direction.OUT).order_by(File.serial)))


def _open_items(tx: Tx) -> list[OpenItem]:
    return list(tx.session.scalars(select(OpenItem).where(OpenItem.state == OpenState.OPEN).order_by(OpenItem.id)))
