"""The runs as a table and as a calendar: one line per business day and per other report, newest first."""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from renkei.ledger import Tx
from renkei.ledger.states import DayState, Direction, FileState, OpenState, Outcome
from renkei.ledger.tables import Day, File, OpenItem, Receipt, ReportRow

MUNICIPAL: Final = "municipal_notices"
PER_PAGE: Final = 50


class RunState(StrEnum):
    """How a business day or another run stands."""

    DONE = "done"
    PARTLY = "partly"
    REFUSED = "refused"
    WAITING = "waiting"
    BLOCKED = "blocked"
    WAIVED = "waived"
    WRITTEN = "written"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the table shows; an empty member does not filter."""

    first: date | None = None
    last: date | None = None
    kind: str = ""
    state: str = ""
    counterparty: str = ""
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class RunLine:
    """One line: a business day, or a report of another DAG. `report` is the number of its newest report."""

    business_date: date
    kind: str
    state: RunState
    serial: int | None
    counterparty: str
    notices: int
    published_at: datetime | None
    verified_at: datetime | None
    waits: int
    report: int | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the table; `more` tells whether another follows."""

    lines: tuple[RunLine, ...]
    number: int
    more: bool


def runs(tx: Tx, filters: Filters, page: int = 1) -> Page:
    """Return one page of the runs that pass the filters, newest first."""
    found: list[RunLine] = []
    wanted = page * PER_PAGE + 1
    if filters.kind in {"", MUNICIPAL}:
        found += _days(tx, filters, wanted)
    if filters.kind != MUNICIPAL and not (filters.state not in {"", RunState.WRITTEN} or filters.counterparty):
        found += [] if filters.waiting else _reports(tx, filters, wanted)
    found.sort(key=lambda line: (line.business_date, line.kind), reverse=True)
    first = (page - 1) * PER_PAGE
    return Page(tuple(found[first : first + PER_PAGE]), page, len(found) > first + PER_PAGE)


def calendar(tx: Tx, year: int) -> Mapping[date, RunLine]:
    """Return the business days of a year."""
    within = Filters(date(year, 1, 1), date(year, 12, monthrange(year, 12)[1]))
    return {line.business_date: line for line in _days(tx, within, 400)}


def latest(tx: Tx) -> RunLine | None:
    """Return the newest business day on which something was done."""
    lines = _days(tx, Filters(), 1)
    return lines[0] if lines else None


def years(tx: Tx) -> tuple[int, ...]:
    """Return the years that have business days, newest first."""
    first, last = tx.session.execute(select(func.min(Day.business_date), func.max(Day.business_date))).one()
    return tuple(range(last.year, first.year - 1, -1)) if first and last else ()


def counterparties(tx: Tx) -> tuple[str, ...]:
    """Return the counterparties for which files were sealed."""
    query = select(File.counterparty).where(File.direction == Direction.OUT).distinct().order_by(File.counterparty)
    return tuple(tx.session.scalars(query))


def kinds(tx: Tx) -> tuple[str, ...]:
    """Return the kinds of reports there are."""
    return tuple(tx.session.scalars(select(ReportRow.kind).distinct().order_by(ReportRow.kind)))


def _days(tx: Tx, filters: Filters, limit: int) -> list[RunLine]:
    query = select(Day).order_by(Day.business_date.desc())
    for condition in _between(Day.business_date, filters):
        query = query.where(condition)
    if filters.counterparty:
        serials = select(File.serial).where(File.direction == Direction.OUT, File.counterparty == filters.counterparty)
        query = query.where(Day.serial.in_(serials))
    found: list[RunLine] = []
    # A state is known only after its file was looked at; days are read in pieces until enough have passed.
    offset, piece = 0, max(limit, PER_PAGE)
    while len(found) < limit:
        days = tx.session.scalars(query.limit(piece).offset(offset)).all()
        found += [line for line in _lines(tx, days) if _passes(line, filters)]
        if len(days) < piece:
            break
        offset += piece
    return found[:limit]


def _between(column: InstrumentedAttribute[date], filters: Filters) -> Iterable[ColumnElement[bool]]:
    if filters.first:
        yield column >= filters.first
    if filters.last:
        yield column <= filters.last


def _passes(line: RunLine, filters: Filters) -> bool:
    return (not filters.state or line.state == filters.state) and (not filters.waiting or line.waits > 0)


def _lines(tx: Tx, days: Sequence[Day]) -> list[RunLine]:
    dates = [day.business_date for day in days]
    serials = [day.serial for day in days if day.serial]
    files = {
        file.serial: file
        for file in tx.session.scalars(select(File).where(File.direction == Direction.OUT, File.serial.in_(serials)))
    }
    received = select(Receipt.serial, Receipt.verified_at).where(Receipt.serial.in_(serials), Receipt.final)
    open_items = (
        select(OpenItem.business_date, func.count())
        .where(OpenItem.state == OpenState.OPEN, OpenItem.business_date.in_(dates))
        .group_by(OpenItem.business_date)
    )
    written = (
        select(ReportRow.business_date, func.max(ReportRow.id))
        .where(ReportRow.kind == MUNICIPAL, ReportRow.business_date.in_(dates))
        .group_by(ReportRow.business_date)
    )
    verified = {row[0]: row[1] for row in tx.session.execute(received)}
    waits = {row[0]: row[1] for row in tx.session.execute(open_items)}
    newest = {row[0]: row[1] for row in tx.session.execute(written)}
    lines = []
    for day in days:
        file = files.get(day.serial or 0)
        lines.append(
            RunLine(
                business_date=day.business_date,
                kind=MUNICIPAL,
                state=_state(day, file),
                serial=day.serial,
                counterparty=file.counterparty if file else "",
                notices=(file.records or 0) if file else 0,
                published_at=file.published_at if file else None,
                verified_at=verified.get(day.serial or 0),
                waits=waits.get(day.business_date, 0),
                report=newest.get(day.business_date),
            )
        )
    return lines


def _state(day: Day, file: File | None) -> RunState:
    if day.state is DayState.WAIVED:
        return RunState.WAIVED
    if file is None:
        return RunState.BLOCKED if day.blocked_by else RunState.WAITING
    if file.state is FileState.RECEIPTED and file.outcome is not None:
        return {
            Outcome.ACCEPTED: RunState.DONE,
            Outcome.PARTLY: RunState.PARTLY,
            Outcome.REFUSED: RunState.REFUSED,
        }[file.outcome]
    return RunState.BLOCKED if file.stopped_reason else RunState.WAITING


def _reports(tx: Tx, filters: Filters, limit: int) -> list[RunLine]:
    """Return the newest report of each day of the other kinds."""
    newest = select(func.max(ReportRow.id)).where(ReportRow.kind != MUNICIPAL)
    if filters.kind:
        newest = newest.where(ReportRow.kind == filters.kind)
    for condition in _between(ReportRow.business_date, filters):
        newest = newest.where(condition)
    newest = newest.group_by(ReportRow.kind, ReportRow.business_date).order_by(ReportRow.business_date.desc())
    rows = tx.session.scalars(select(ReportRow).where(ReportRow.id.in_(newest.limit(limit).scalar_subquery()))).all()
    return [
        RunLine(
            business_date=row.business_date,
            kind=row.kind,
            state=RunState.WRITTEN,
            serial=None,
            counterparty="",
            notices=0,
            published_at=None,
            verified_at=None,
            waits=0,
            report=row.id,
        )
        for row in rows
    ]
