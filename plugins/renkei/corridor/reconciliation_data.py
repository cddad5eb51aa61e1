"""Fills the reconciliation's model from the ledger, for a run's day or for a month: counts, dates and digests only."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import func, select

from renkei.corridor.answers import ACCEPTED
from renkei.corridor.house import House
from renkei.corridor.report_data import head_of, history_of, open_persons
from renkei.corridor.report_labels import Labels
from renkei.ledger import Tx
from renkei.ledger.states import (
    AgencyNoticeClass,
    Direction,
    ExtractState,
    FileState,
    NoticeState,
    OpenState,
)
from renkei.ledger.tables import (
    Acknowledgement,
    AgencyNotice,
    Extract,
    File,
    Notice,
    NoticeAttempt,
    Receipt,
    Worklist,
)
from renkei.reports import model

_HISTORY_DAYS: Final = 30
_SETTLED: Final = (FileState.ACKNOWLEDGED, FileState.VOID)
_AGREEING: Final = (AgencyNoticeClass.ALREADY_SO, AgencyNoticeClass.TO_APPLY)


def reconciliation(house: House, tx: Tx, period: model.Period, run_id: str, attempt: int) -> model.Reconciliation:
    """Return the reconciliation of a period as the ledger has it now."""
    labels = Labels(house.schemas, period.last)
    today = house.clock.now().date()
    charted = model.Period(period.scope, period.last - timedelta(days=_HISTORY_DAYS - 1), period.last)
    shown = period if period.scope is model.Scope.MONTH else charted
    notices = tx.session.scalars(
        select(AgencyNotice).where(AgencyNotice.since.between(shown.first, shown.last)).order_by(AgencyNotice.id)
    ).all()
    own = [each for each in notices if each.since >= period.first]
    files = _files(tx, period)
    extract = _latest_extract(tx, period.last)
    theirs = _agency_totals(tx)
    return model.Reconciliation(
        head=head_of(house, tx, period.last, run_id, attempt),
        period=period,
        files=tuple(_file(house, tx, file) for file in files),
        gap=_gap(house, tx, today),
        classes=_classes(own, labels),
        movement=_movement(tx, own, period),
        open=_open(tx, labels, today),
        worklists=_worklists(tx, period),
        agreement=_agreement(tx, extract, theirs, labels),
        statuses=_statuses(extract, theirs),
        sent=_sent(tx, shown, today),
        history=history_of(tx, shown.first, shown.last),
        inbound=_inbound(notices),
    )


def _files(tx: Tx, period: model.Period) -> Sequence[File]:
    """Return the agency files that were first seen in the period or are not settled yet."""
    files = tx.session.scalars(select(File).where(File.direction == Direction.IN).order_by(File.serial)).all()
    return [
        file
        for file in files
        if file.state not in _SETTLED or (file.seen_at and period.first <= file.seen_at.date() <= period.last)
    ]


def _file(house: House, tx: Tx, file: File) -> model.InboundFile:
    peer = house.peers.by_id(file.counterparty)
    answers = select(func.count()).select_from(Acknowledgement).where(Acknowledgement.serial == file.serial)
    return model.InboundFile(
        serial=file.serial,
        counterparty=model.Label(peer.id, peer.official_name, peer.english),
        state=model.InboundState(file.state),
        layer=file.layer,
        records=file.records,
        package_sha256=file.package_sha256,
        sealed_sha256=file.sealed_sha256,
        seen_at=file.seen_at,
        answers=tx.session.scalar(answers) or 0,
    )


def _gap(house: House, tx: Tx, today: date) -> model.Gap | None:
    """Return the first serial that is missing while a later one was seen."""
    listed = select(File.serial, File.seen_at).where(
        File.direction == Direction.IN, File.municipality == house.settings.municipality
    )
    seen = {serial: seen_at for serial, seen_at in tx.session.execute(listed)}  # noqa: C416 - rows, not pairs
    missing = next((serial for serial in range(1, max(seen, default=0)) if serial not in seen), None)
    if missing is None:
        return None
    since = min((at.date() for serial, at in seen.items() if serial > missing and at), default=today)
    return model.Gap(missing, since, max((today - since).days, 0))


def _classes(notices: Sequence[AgencyNotice], labels: Labels) -> tuple[model.ClassCount, ...]:
    counts = Counter(each.notice_class for each in notices if each.notice_class)
    return tuple(
        model.ClassCount(labels.agency_class(found), counts[found]) for found in AgencyNoticeClass if counts[found]
    )


def _movement(tx: Tx, notices: Sequence[AgencyNotice], period: model.Period) -> model.Movement:
    closed = tx.session.scalars(
        select(AgencyNotice).where(AgencyNotice.state == OpenState.CLOSED, AgencyNotice.closed_at.is_not(None))
    ).all()
    within = [each for each in closed if each.closed_at and period.first <= each.closed_at.date() <= period.last]
    persons = {each.registry_number for each in notices if each.registry_number}
    told = set(
        tx.session.scalars(
            select(Notice.registry_number).where(
                Notice.business_date.between(period.first, period.last), Notice.state != NoticeState.SILENT
            )
        )
    )
    return model.Movement(
        taken_in=len(notices),
        opened=sum(each.notice_class == AgencyNoticeClass.TO_APPLY or each.state is OpenState.OPEN for each in notices),
        applied=sum(each.notice_class == AgencyNoticeClass.TO_APPLY and each.decision_id is None for each in within),
        by_person=sum(each.decision_id is not None for each in within),
        own_same_person=len(persons & told),
    )


def _open(tx: Tx, labels: Labels, today: date) -> tuple[model.OpenClass, ...]:
    rows = tx.session.execute(
        select(AgencyNotice.notice_class, func.count(), func.min(AgencyNotice.since))
        .where(AgencyNotice.state == OpenState.OPEN, AgencyNotice.notice_class.is_not(None))
        .group_by(AgencyNotice.notice_class)
    )
    found = {notice_class: (number, oldest) for notice_class, number, oldest in rows}
    lines = []
    for each in AgencyNoticeClass:
        if each in found:
            number, oldest = found[each]
            ja, en = labels.agency_step(each)
            age = max((today - oldest).days, 0)
            lines.append(model.OpenClass(labels.agency_class(each), number, age, ja, en))
    return tuple(lines)


def _worklists(tx: Tx, period: model.Period) -> tuple[model.WorklistFile, ...]:
    found = tx.session.scalars(
        select(Worklist)
        .where(Worklist.business_date.between(period.first, period.last))
        .order_by(Worklist.business_date, Worklist.amendment)
    ).all()
    return tuple(
        model.WorklistFile(each.business_date, each.amendment, each.lines, str(each.sha256["xlsx"])) for each in found
    )


def _latest_extract(tx: Tx, last: date) -> Extract | None:
    return tx.session.scalars(
        select(Extract)
        .where(Extract.business_date <= last, Extract.state.in_([ExtractState.BASELINE, ExtractState.PROVEN]))
        .order_by(Extract.business_date.desc(), Extract.id.desc())
    ).first()


def _agency_totals(tx: Tx) -> dict[str, Any]:
    """Return what the agency last said of its register: in its newest file, else in its newest receipt."""
    file = tx.session.scalars(
        select(File)
        .where(File.direction == Direction.IN, File.totals.is_not(None))
        .order_by(File.sealed_at.desc(), File.serial.desc())
    ).first()
    receipt = tx.session.scalars(select(Receipt).order_by(Receipt.received_at.desc(), Receipt.id.desc())).first()
    if file and file.totals and (receipt is None or (file.sealed_at and file.sealed_at >= receipt.received_at)):
        return file.totals
    return (receipt.totals if receipt else None) or {}


def _agreement(tx: Tx, extract: Extract | None, theirs: dict[str, Any], labels: Labels) -> model.AgencyEquation | None:
    if extract is None or not theirs:
        return None
    ours, agency = extract.totals.get("by_category", {}), theirs.get("by_category", {})
    return model.AgencyEquation(
        ours=extract.residents,
        agency=int(theirs["residents"]),
        open_persons=len(open_persons(tx)),
        categories=tuple(
            model.CategoryTotal(labels.category(code), int(ours.get(code, 0)), int(agency.get(code, 0)))
            for code in sorted({*ours, *agency})
        ),
    )


def _statuses(extract: Extract | None, theirs: dict[str, Any]) -> tuple[model.StatusTotal, ...]:
    if extract is None or not theirs:
        return ()
    ours, agency = extract.totals.get("by_status", {}), theirs.get("by_status", {})
    order = sorted({*ours, *agency}, key=lambda status: (-int(ours.get(status, 0)), status))
    return tuple(
        model.StatusTotal(status, int(ours.get(status, 0)), int(agency.get(status, 0))) for status in order if status
    )


def _sent(tx: Tx, period: model.Period, today: date) -> tuple[model.SentTotals, ...]:
    """Return sent = accepted + refused + waiting of each file of the period."""
    files = tx.session.scalars(
        select(File)
        .where(File.direction == Direction.OUT, File.business_date.between(period.first, period.last))
        .order_by(File.serial)
    ).all()
    serials = [file.serial for file in files]
    codes: dict[int, Counter[str | None]] = {serial: Counter() for serial in serials}
    counted = (
        select(NoticeAttempt.serial, NoticeAttempt.code, func.count())
        .where(NoticeAttempt.serial.in_(serials))
        .group_by(NoticeAttempt.serial, NoticeAttempt.code)
    )
    for serial, code, number in tx.session.execute(counted):
        codes[serial][code] += number
    later = (
        select(NoticeAttempt.serial, func.count())
        .join(Notice, Notice.notice_id == NoticeAttempt.notice_id)
        .where(
            NoticeAttempt.serial.in_(serials),
            NoticeAttempt.code.is_not(None),
            NoticeAttempt.code != ACCEPTED,
            Notice.state == NoticeState.ACCEPTED,
        )
        .group_by(NoticeAttempt.serial)
    )
    corrected = {serial: number for serial, number in tx.session.execute(later)}  # noqa: C416 - rows, not pairs
    return tuple(
        model.SentTotals(
            serial=file.serial,
            business_date=file.business_date or period.first,
            sent=file.records or 0,
            accepted=codes[file.serial][ACCEPTED],
            refused=sum(number for code, number in codes[file.serial].items() if code not in {ACCEPTED, None}),
            waiting=codes[file.serial][None],
            corrected=corrected.get(file.serial, 0),
            age_days=None if file.receipted_at else max((today - (file.business_date or today)).days, 0),
        )
        for file in files
    )


def _inbound(notices: Sequence[AgencyNotice]) -> tuple[model.InboundDay, ...]:
    days: dict[date, Counter[str]] = {}
    for each in notices:
        kind = "open" if each.state is OpenState.OPEN else "applied" if each.notice_class in _AGREEING else "other"
        days.setdefault(each.since, Counter())[kind] += 1
    return tuple(
        model.InboundDay(day, counted["applied"], counted["open"], counted["other"])
        for day, counted in sorted(days.items())
    )
