"""Everything about one person in the order of time: what was told, in which file, by which rule, and what came back.

Personal: shown to whoever may, never logged; the look-up itself stands in the trail by the person's reference.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from renkei.corridor.report_labels import Labels
from renkei.ledger import Tx
from renkei.ledger.tables import AgencyNotice, Decision, EventRead, File, Notice, NoticeAttempt, OpenItem, Person
from renkei.reports.model import Label
from renkei.schemas import Schemas


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened: `kind` of the texts, what it is called, references, names of items."""

    day: date
    kind: str
    what: Label | None
    references: tuple[str, ...]
    fields: tuple[str, ...] = field(default=())
    state: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """What the ledger knows of a person; `reference` is the pseudonym, None for somebody unknown."""

    reference: str | None
    entries: tuple[Entry, ...]


def story(tx: Tx, schemas: Schemas, registry_number: str) -> Story:
    """Return everything about one person, oldest first."""
    person = tx.session.get(Person, registry_number)
    entries = [
        *_events(tx, registry_number),
        *_notices(tx, schemas, registry_number),
        *_agency_notices(tx, schemas, registry_number),
        *_items(tx, schemas, registry_number),
    ]
    entries.sort(key=lambda entry: (entry.day, entry.kind))
    return Story(person.reference if person else None, tuple(entries))


def _events(tx: Tx, number: str) -> Iterator[Entry]:
    for event in tx.session.scalars(select(EventRead).where(EventRead.registry_number == number)):
        yield Entry(event.business_date, "event", None, (f"#{event.history_number}",))


def _notices(tx: Tx, schemas: Schemas, number: str) -> Iterator[Entry]:
    notices = tx.session.scalars(select(Notice).where(Notice.registry_number == number)).all()
    for notice in notices:
        labels = Labels(schemas, notice.business_date)
        source = f"#{notice.history_number}" if notice.history_number else notice.own_number or ""
        yield Entry(
            notice.business_date,
            "notice",
            labels.cause(notice),
            (source, notice.notice_id[:12], *_why(labels, notice)),
            tuple(str(each) for each in notice.fields or ()),
            str(notice.state),
        )
        yield from _attempts(tx, labels, notice)
        if notice.released_by:
            yield from _decision(tx, notice.released_by)


def _why(labels: Labels, notice: Notice) -> tuple[str, ...]:
    if not notice.reason:
        return ()
    found = labels.silent(notice.reason)
    return (notice.reason, found.ja) if found.ja != notice.reason else (notice.reason, labels.hold(notice.reason).ja)


def _attempts(tx: Tx, labels: Labels, notice: Notice) -> Iterator[Entry]:
    rows = tx.session.execute(
        select(NoticeAttempt, File)
        .join(File, (File.serial == NoticeAttempt.serial) & (File.direction == "out"))
        .where(NoticeAttempt.notice_id == notice.notice_id)
        .order_by(NoticeAttempt.attempt)
    )
    for attempt, file in rows:
        where = f"{attempt.serial:08d}-{attempt.record_number}"
        day = file.business_date or notice.business_date
        yield Entry(day, "sent", None, (where, notice.notice_id[:12]), state=str(file.state))
        if attempt.code and attempt.answered_at:
            items = tuple(str(each) for each in attempt.items or ())
            yield Entry(attempt.answered_at.date(), "receipt", labels.receipt(attempt.code), (where,), items)


def _agency_notices(tx: Tx, schemas: Schemas, number: str) -> Iterator[Entry]:
    for notice in tx.session.scalars(select(AgencyNotice).where(AgencyNotice.registry_number == number)):
        labels = Labels(schemas, notice.since)
        found = labels.agency_class(notice.notice_class) if notice.notice_class else None
        where = f"{notice.serial:08d}-{notice.record_number}"
        evidence = tuple(str(each) for each in notice.evidence or ())
        yield Entry(
            notice.since, "agency_notice", found, (where, notice.notice_id[:12], *evidence),
            tuple(str(each) for each in notice.fields or ()), str(notice.state),
        )  # fmt: skip
        if notice.decision_id:
            yield from _decision(tx, notice.decision_id)


def _items(tx: Tx, schemas: Schemas, number: str) -> Iterator[Entry]:
    for item in tx.session.scalars(select(OpenItem).where(OpenItem.registry_number == number)):
        rule = Labels(schemas, item.business_date).open_rule(item)
        fields = tuple(str(each) for each in item.fields or ())
        yield Entry(item.business_date, "item", rule, (str(item.id),), fields, str(item.state))
        if item.decision_id:
            yield from _decision(tx, item.decision_id)


def _decision(tx: Tx, number: int) -> Iterator[Entry]:
    row = tx.session.get(Decision, number)
    if row is not None:
        people = (row.asker, row.approver or "")
        yield Entry(row.at.date(), "decision", None, (str(row.id), row.kind, *filter(None, people)))
