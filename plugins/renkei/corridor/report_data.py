"""Fills the report's model from the ledger: references, codes, counts and digests, nobody's data."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from sqlalchemy import func, select

import renkei
from renkei.corridor import queue
from renkei.corridor.house import House
from renkei.corridor.report_exchange import ages, answers, sent
from renkei.corridor.report_labels import Labels
from renkei.ledger import Tx, trail
from renkei.ledger.states import (
    DayState,
    Direction,
    ExtractState,
    FileState,
    NoticeState,
    OpenState,
)
from renkei.ledger.tables import AgencyNotice, Day, Extract, File, Notice, NoticeAttempt, OpenItem, Person, Receipt
from renkei.peers import Peer
from renkei.reports import model

_HISTORY_DAYS: Final = 30


def run_report(house: House, tx: Tx, day: date, run_id: str, attempt: int) -> model.RunReport:
    """Return the report of one attempt of one run on its business day."""
    labels = Labels(house.schemas, day)
    row = tx.session.get(Day, day)
    extract = tx.session.get(Extract, row.extract_id) if row and row.extract_id else None
    files = tx.session.scalars(
        select(File).where(File.direction == Direction.OUT, File.business_date == day).order_by(File.serial)
    ).all()
    peer = house.peers.by_id(files[-1].counterparty) if files else house.peers.in_force(house.clock.now())
    return model.RunReport(
        head=_head(house, tx, _About(day, peer, extract, tuple(files)), run_id, attempt),
        day=_day(labels, row),
        intake=_intake(labels, extract),
        notices=_notices(tx, day, labels),
        sent=sent(house, files, labels),
        answers=answers(tx, files, labels),
        equations=_equations(tx, row, extract, list(files), labels),
        ages=ages(tx, files, labels, house.clock.now().date()),
        waits=_waits(tx, labels, house.clock.now().date()),
        history=history_of(tx, day - timedelta(days=_HISTORY_DAYS - 1), day),
    )


@dataclass(frozen=True, slots=True)
class _About:
    """What a report is about."""

    day: date
    peer: Peer
    extract: Extract | None
    files: tuple[File, ...]


def head_of(house: House, tx: Tx, day: date, run_id: str, attempt: int) -> model.Head:
    """Return the head of a report that is about no file of ours: the counterparty now in force, the day's extract."""
    extract = tx.session.scalars(
        select(Extract).where(Extract.business_date == day).order_by(Extract.id.desc())
    ).first()
    peer = house.peers.in_force(house.clock.now())
    head = _head(house, tx, _About(day, peer, extract, ()), run_id, attempt)
    flow = [each for each in house.peers.references_on(house.clock.now()) if each.flow == "d"]
    told = tuple(model.LegalReference(each.flow, each.name, each.law, each.order or None) for each in flow)
    return replace(head, references=(*told, *head.references))


def _head(house: House, tx: Tx, about: _About, run_id: str, attempt: int) -> model.Head:
    peer, extract = about.peer, about.extract
    now = house.clock.now()
    code = house.settings.municipality
    named = house.schemas.codes("municipalities").get(code, {"ja": code, "en": code})
    head = trail.head(tx.session)
    references = [each for each in house.peers.references_on(now) if each.flow != "d"]
    exported = any(file.state is FileState.EXPORTED for file in about.files)
    counts = (extract.counts or {}) if extract else {}
    return model.Head(
        municipality=model.Municipality(code, named["ja"], named["en"]),
        business_date=about.day,
        counterparty=model.Label(peer.id, peer.official_name, peer.english),
        agency_notice=peer.notice_name,
        references=tuple(
            model.LegalReference(each.flow, each.name, each.law, each.order or None) for each in references
        ),
        subjects=model.Subjects(extract.residents, int(counts.get("others", 0))) if extract else None,
        medium=model.Medium.MEDIA if exported else model.Medium.LINE,
        run_reference=model.shown_run(run_id),
        attempt=attempt,
        product_version=renkei.__version__,
        schemas_digest=house.schemas.digest(),
        clock=model.ClockNote(now, house.clock.faked),
        trail_head=model.TrailHead(head.number, head.hash),
    )


def _day(labels: Labels, row: Day | None) -> model.DayState:
    if row is None:
        return model.DayState(model.DayStateName.OPEN)
    blocked = labels.error(row.blocked_by) if row.blocked_by else None
    return model.DayState(model.DayStateName(row.state), blocked)


def _intake(labels: Labels, extract: Extract | None) -> model.Intake | None:
    if extract is None:
        return None
    counts = extract.counts or {}
    return model.Intake(
        state=model.ExtractState(extract.state),
        correction=extract.correction,
        layout_version=extract.layout_version,
        cut_off=extract.cut_off,
        previous_cut_off=extract.previous_cut_off,
        manifest_sha256=extract.manifest_sha256,
        files=tuple(
            model.ExtractFile(each["name"], each["rows"], each["bytes"], each["sha256"])
            for each in counts.get("files", [])
        ),
        persons_compared=int(counts.get("compared", 0)),
        persons_proven=int(counts.get("proven", 0)),
        persons_open=int(counts.get("open", 0)),
        refused_rule=labels.error(extract.refused_rule) if extract.refused_rule else None,
    )


def _notices(tx: Tx, day: date, labels: Labels) -> model.Notices:
    today = tx.session.scalars(select(Notice).where(Notice.business_date == day)).all()
    silent = [each for each in today if each.state is NoticeState.SILENT]
    told = [each for each in today if each.state is not NoticeState.SILENT]
    never = [each for each in today if each.state is NoticeState.NEVER_TOLD]
    return model.Notices(
        derived=labels.counted((each.family, labels.cause(each)) for each in told),
        silent=labels.counted((each.family, labels.silent(each.reason or "")) for each in silent),
        planned=_planned(tx),
        held=_held(tx, labels),
        behind=_behind(tx),
        never_told=labels.counted((each.family, labels.silent(each.reason or "")) for each in never),
        supplement=sum(each.supplement for each in today),
    )


def _planned(tx: Tx) -> tuple[model.PlannedGroup, ...]:
    rows = tx.session.execute(
        select(Notice.due_date, func.count())
        .where(Notice.state == NoticeState.PLANNED)
        .group_by(Notice.due_date)
        .order_by(Notice.due_date)
    ).all()
    return tuple(model.PlannedGroup(due, number) for due, number in rows if due)


def _held(tx: Tx, labels: Labels) -> tuple[model.HeldGroup, ...]:
    items = tx.session.scalars(
        select(OpenItem)
        .join(Notice, Notice.notice_id == OpenItem.notice_id)
        .where(OpenItem.state == OpenState.OPEN, Notice.state == NoticeState.HELD)
        .order_by(OpenItem.id)
    ).all()
    groups: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for item in items:
        groups.setdefault((item.rule, tuple(item.fields or ())), []).append(item.id)
    return tuple(
        model.HeldGroup(
            rule=labels.hold(rule),
            fields=tuple(each for each in fields if not each.startswith("U+")),
            code_points=tuple(each for each in fields if each.startswith("U+")),
            count=len(numbers),
            open_items=tuple(numbers),
        )
        for (rule, fields), numbers in sorted(groups.items())
    )


def _behind(tx: Tx) -> tuple[model.BehindGroup, ...]:
    persons = tx.session.scalars(
        select(Notice.registry_number).where(Notice.state == NoticeState.BEHIND).distinct()
    ).all()
    groups: Counter[int] = Counter()
    for person in persons:
        waits = queue.queue_of(tx, person or "")
        stop = next((each for each in waits if each.state in queue.STOPS), None)
        item = (
            None
            if stop is None
            else tx.session.scalar(
                select(OpenItem.id).where(OpenItem.notice_id == stop.notice_id, OpenItem.state == OpenState.OPEN)
            )
        )
        if item is not None:
            groups[item] += sum(each.state is NoticeState.BEHIND for each in waits)
    return tuple(model.BehindGroup(item, number) for item, number in sorted(groups.items()))


def _equations(tx: Tx, row: Day | None, extract: Extract | None, files: list[File], labels: Labels) -> model.Equations:
    return model.Equations(
        registry=_registry_equation(tx, extract),
        notices=_notice_equation(row),
        agency=_agency_equation(tx, extract, files, labels),
    )


def _registry_equation(tx: Tx, extract: Extract | None) -> model.RegistryEquation | None:
    if extract is None or extract.state is not ExtractState.PROVEN:
        return None
    before = tx.session.scalars(
        select(Extract).where(Extract.cut_off == extract.previous_cut_off).order_by(Extract.id.desc())
    ).first()
    if before is None:
        return None
    return model.RegistryEquation(before.residents, extract.entries, extract.deletions, extract.residents)


def _notice_equation(row: Day | None) -> model.NoticeEquation | None:
    names = ("waiting", "derived", "planned_now_due", "sealed", "held", "behind", "silent", "never_told")
    balance = (row.balance or {}) if row and row.state is DayState.SEALED else {}
    if not balance:
        return None
    return model.NoticeEquation(**{name: int(balance.get(name, 0)) for name in names})


def _agency_equation(tx: Tx, extract: Extract | None, files: list[File], labels: Labels) -> model.AgencyEquation | None:
    serials = [file.serial for file in files]
    receipt = tx.session.scalars(
        select(Receipt).where(Receipt.serial.in_(serials)).order_by(Receipt.serial.desc())
    ).first()
    if extract is None or receipt is None or not receipt.totals:
        return None
    ours, theirs = extract.totals.get("by_category", {}), receipt.totals.get("by_category", {})
    return model.AgencyEquation(
        ours=extract.residents,
        agency=int(receipt.totals["residents"]),
        open_persons=len(open_persons(tx)),
        categories=tuple(
            model.CategoryTotal(labels.category(code), int(ours.get(code, 0)), int(theirs.get(code, 0)))
            for code in sorted({*ours, *theirs})
        ),
    )


def open_persons(tx: Tx) -> frozenset[str]:
    """Return the registry numbers of the persons about whom the agency may rightly know something else.

    Personal: for comparing registers inside the ward; only their number leaves.
    """
    states = {*queue.WAITS, NoticeState.DUE, NoticeState.SEALED}
    waiting = tx.session.scalars(select(Notice.registry_number).where(Notice.state.in_(states)))
    unproven = tx.session.scalars(select(Person.registry_number).where(Person.state == OpenState.OPEN))
    differing = tx.session.scalars(select(OpenItem.registry_number).where(OpenItem.state == OpenState.OPEN))
    told = tx.session.scalars(select(AgencyNotice.registry_number).where(AgencyNotice.state == OpenState.OPEN))
    return frozenset(each for each in (*waiting, *unproven, *differing, *told) if each)


def _waits(tx: Tx, labels: Labels, today: date) -> tuple[model.Wait, ...]:
    items = tx.session.scalars(
        select(OpenItem).where(OpenItem.state == OpenState.OPEN).order_by(OpenItem.since, OpenItem.id)
    ).all()
    return tuple(
        model.Wait(
            open_item=item.id,
            kind=model.WaitKind(item.kind),
            rule=labels.open_rule(item),
            fields=tuple(each for each in item.fields or () if not each.startswith("U+")),
            business_date=item.business_date,
            since=item.since.date(),
            age_days=max((today - item.since.date()).days, 0),
            next_step_ja=labels.next_step(item)[0],
            next_step_en=labels.next_step(item)[1],
        )
        for item in items
    )


def history_of(tx: Tx, first: date, last: date) -> tuple[model.HistoryDay, ...]:
    """Return the sealed days of a period with what the agency answered, for the chart."""
    days = tx.session.scalars(
        select(Day)
        .where(Day.business_date.between(first, last), Day.state == DayState.SEALED)
        .order_by(Day.business_date)
    ).all()
    answered = {
        (serial, code): number
        for serial, code, number in tx.session.execute(
            select(NoticeAttempt.serial, NoticeAttempt.code, func.count()).group_by(
                NoticeAttempt.serial, NoticeAttempt.code
            )
        ).all()
    }
    history = []
    for row in days:
        codes = {code: number for (serial, code), number in answered.items() if serial == row.serial and code}
        accepted = codes.pop("R00", 0)
        balance = row.balance or {}
        held = int(balance.get("held", 0)) + int(balance.get("behind", 0))
        history.append(model.HistoryDay(row.business_date, accepted, sum(codes.values()), held))
    return tuple(history)
