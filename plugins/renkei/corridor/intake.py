"""Takes in a day's extract: read, compared with the last proven day, proven, its notices entered in one transaction."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select

from renkei.corridor import persons, queue
from renkei.corridor.card_numbers import remember_left
from renkei.corridor.entering import Origin, Tally, enter, waiting
from renkei.corridor.held_rows import settle_rows
from renkei.corridor.house import House
from renkei.corridor.shelf import shelf_of
from renkei.errors import DayHeld, DecisionRefused, ExtractMissing
from renkei.ledger import Tx, decisions
from renkei.ledger.columns import canonical_digest
from renkei.ledger.states import DecisionKind, ExtractState
from renkei.ledger.tables import Day, EventRead, Extract
from renkei.notices import Derived, derive, derive_handover, derive_report
from renkei.registry import (
    Comparison,
    Event,
    Handover,
    Hold,
    Proof,
    Report,
    Residents,
    Totals,
    check_correction,
    check_cut_off,
    check_volume,
    compare_extract,
    extract_name,
    find_extract,
    open_extract,
    prove,
    row_of,
    sharing_a_card,
    totals,
)
from renkei.registry import Extract as ReadExtract


@dataclass(frozen=True, slots=True)
class Reading:
    """An extract with the events that are new in it, and how its persons' proof ended."""

    extract: ReadExtract
    events: tuple[Event, ...] = field(repr=False)
    comparison: Comparison
    proof: Proof
    sharing: Callable[[], frozenset[str]] = field(repr=False)
    """Returns who shares a card number that is new this day; it may still be looked for."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A day's extract, proven against the one before: what goes into the ledger."""

    extract: ReadExtract
    events: tuple[Event, ...] = field(repr=False)
    comparison: Comparison
    proof: Proof
    totals: Totals
    entries: int
    deletions: int
    corrects: Extract | None
    sharing: Callable[[], frozenset[str]] = field(repr=False)
    held: DayHeld | None
    """Why the day cannot be true, unless a person released this very extract."""


def take_in(house: House, day: date, *, sealed: Path | None = None) -> None:
    """Take in a day's extract, or its correction that came before the day was sealed; done before, it does nothing.

    `sealed`: the folder from which a file of the day was made, to be read again by a ledger that has lost it.
    Raises `ExtractMissing`, the kinds of `ExtractRefused`, and `DayHeld` until a person has released the day.
    """
    folder = sealed or find_extract(house.settings.extracts, day)
    if folder is None:
        raise ExtractMissing(business_date=day.isoformat())
    with house.ledger.reading() as tx:
        row = tx.session.get_one(Day, day)
        there = tx.session.get(Extract, row.extract_id) if row.extract_id else None
        before = last_proven(tx, day)
    if there is not None and extract_name(day, there.correction) == folder.name:
        return
    with ThreadPoolExecutor(1) as beside:
        read = _read(house, day, folder, before, there, beside)
        if sealed is not None:
            read = replace(read, held=None)
        _enter_or_hold(house, day, read)


def _enter_or_hold(house: House, day: date, read: _Read) -> None:
    try:
        with house.ledger.transaction(actor=house.actor) as tx:
            _enter(house, tx, day, read)
    except DecisionRefused:
        if read.held is None:
            raise
        with house.ledger.transaction(actor=house.actor) as tx:
            persons.open_day(tx, day, str(read.held.refs["rule"]), read.extract.manifest.sha256)
        raise read.held from None


def last_proven(tx: Tx, day: date) -> Extract:
    """Return the last extract before a day that was proven or accepted as the baseline."""
    return tx.session.scalars(
        select(Extract)
        .where(
            Extract.business_date < day,
            Extract.state.in_([ExtractState.BASELINE, ExtractState.PROVEN]),
        )
        .order_by(Extract.business_date.desc(), Extract.correction.desc())
        .limit(1)
    ).one()


def _read(
    house: House, day: date, folder: Path, before: Extract, there: Extract | None, beside: ThreadPoolExecutor
) -> _Read:
    settings = house.settings
    extract = open_extract(folder, municipality=settings.municipality, schemas=house.schemas)
    check_cut_off(extract.manifest, before.cut_off)
    events, base = extract.events, before
    if there is not None:
        original = open_extract(
            settings.extracts / extract_name(day, there.correction),
            municipality=settings.municipality,
            schemas=house.schemas,
        )
        check_correction(original, extract)
        there_too = {(each.registry_number, each.history_number) for each in original.events}
        events = tuple(e for e in events if (e.registry_number, e.history_number) not in there_too)
        base = there
    residents = settings.extracts / extract_name(base.business_date, base.correction) / extract.residents.name
    comparison = compare_extract(extract, residents, base.residents)
    sharing = beside.submit(sharing_a_card, comparison.differences, extract.residents)
    with house.ledger.reading() as tx:
        numbers = {each.key.decode() for each in comparison.differences} | {each.registry_number for each in events}
        known = persons.LedgerKnown(tx, day, extract.layout, numbers)
        proof = prove(comparison, events, known, day, extract.layout)
    return _Read(
        extract=extract,
        events=events,
        comparison=comparison,
        proof=proof,
        totals=totals(comparison, extract.layout, _totals_of(base)),
        entries=proof.entries + (there.entries if there else 0),
        deletions=proof.deletions + (there.deletions if there else 0),
        corrects=there,
        sharing=sharing.result,
        held=_held_for_volume(comparison, proof, day),
    )


def _totals_of(extract: Extract) -> Totals:
    told = extract.totals
    return Totals(int(told["residents"]), told["by_category"], told["by_status"])


def _held_for_volume(comparison: Comparison, proof: Proof, day: date) -> DayHeld | None:
    try:
        check_volume(comparison, proof, day)
    except DayHeld as held:
        return held
    return None


def _release(house: House, tx: Tx, day: date, digest: str) -> None:
    """Spend, with the intake, the decision that this very extract is true; raises `DecisionRefused` without one."""
    decisions.use(tx, DecisionKind.RELEASE_DAY, day.isoformat(), digest=digest, four_eyes=house.settings.four_eyes)
    persons.close_day(tx, day, f"released for {digest[:12]}")


def _enter(house: House, tx: Tx, day: date, read: _Read) -> None:
    row = tx.session.get_one(Day, day)
    if row.extract_id is not None and (read.corrects is None or row.extract_id != read.corrects.id):
        return
    manifest = read.extract.manifest
    if read.held is not None:
        _release(house, tx, day, manifest.sha256)
    extract = Extract(
        business_date=day,
        correction=manifest.correction,
        manifest_sha256=manifest.sha256,
        cut_off=manifest.cut_off,
        previous_cut_off=manifest.previous_cut_off,
        layout_version=manifest.layout_version,
        state=ExtractState.PROVEN,
        residents=read.totals.residents,
        entries=read.entries,
        deletions=read.deletions,
        events=len(read.extract.events),
        totals=as_json(read.totals),
        residents_sha256=manifest.files["residents.csv"].sha256,
        events_sha256=manifest.files["events.csv"].sha256,
        counts=counts_of(read.extract, read.proof),
    )
    tx.session.add(extract)
    tally = Tally(waiting=0 if read.corrects else waiting(tx))
    reading = Reading(read.extract, read.events, read.comparison, read.proof, read.sharing)
    enter_notices(house, tx, day, reading, tally)
    # After today's events: one of them may have taken a plan back, or put another in its place.
    fallen = queue.fall_due(tx, day)
    tally.planned_now_due = len(fallen)
    tally.persons.update(each.registry_number for each in fallen if each.registry_number)
    found = persons.Found(read.proof, read.events, read.comparison, day, manifest.sha256)
    persons.settle_proof(tx, house, found, tally)
    tx.session.flush()
    settle_rows(tx, read.comparison, manifest)
    queue.settle_all(tx, tally.persons)
    row.extract_id = extract.id
    row.balance = _added(row.balance, tally) if read.corrects else tally.as_balance()
    tx.trail(
        "extract.taken_in",
        day.isoformat(),
        manifest=manifest.sha256,
        correction=manifest.correction,
        residents=read.totals.residents,
        events=len(read.events),
        proven=len(read.proof.closed),
        open=len(read.proof.opened),
        balance=tally.as_balance(),
    )


def _added(balance: Mapping[str, int] | None, tally: Tally) -> dict[str, int]:
    """Return the balance of a day whose correction came before sealing: what waited first, plus what came."""
    first, more = dict(balance or {}), tally.as_balance()
    return {name: first.get(name, 0) + more[name] for name in more}


def enter_notices(house: House, tx: Tx, day: date, read: Reading, tally: Tally, *, supplement: bool = False) -> None:
    """Derive and enter the notices of an extract's new events, and of its reports and handovers."""
    proven, layout = read.proof.closed, read.extract.layout
    holds = {(hold.file, hold.line): hold for hold in read.extract.holds}
    remember_left(tx, read.comparison, read.events, layout.residents, day)
    numbers = {each.registry_number for each in read.events}
    shelf_of(tx).cover(numbers)
    rows = _rows_before(tx, read, day)
    keys = persons.keys_of(tx, house.keys, numbers, rows)
    facts: dict[str, Any] = {
        "schemas": house.schemas,
        "keys": keys,
        "municipality": house.settings.municipality,
        "business_date": day,
    }
    of_events = []
    entered: dict[str, set[int]] = {}
    for event in read.events:
        number = event.registry_number
        before, earlier = rows.get(number), entered.setdefault(number, set())
        derived = derive(event, before, known=persons.known_for(tx, event, earlier), **facts)
        of_events.append((event, derived, Origin(event.row, before, proven=number in proven, supplement=supplement)))
        earlier.add(event.history_number)
        rows[number] = event.record if not event.deletes or event.planned_on(day) else None
    twins = read.sharing()
    for event, derived, origin in of_events:
        hold, shares = holds.get((layout.events.file, event.line)), event.registry_number in twins
        found = [_held(_shared(each, shares), hold) for each in derived]
        enter(tx, found, origin, house.schemas, tally)
        _remember_event(tx, event, day, read, waits=not origin.proven)
    opened = {each.registry_number for each in read.proof.opened} | (persons.unproven(tx) - proven)
    reports = [(each, derive_report(each, **facts), layout.residence_reports.file) for each in read.extract.reports]
    handed = [(each, derive_handover(each, **facts), layout.certificates.file) for each in read.extract.handovers]
    others: list[tuple[Handover | Report, tuple[Derived, ...], str]] = [*reports, *handed]
    for each, derived, file in others:
        origin = Origin(each.row, None, proven=each.registry_number not in opened, supplement=supplement)
        found = [_held(notice, holds.get((file, each.line))) for notice in derived]
        enter(tx, found, origin, house.schemas, tally)
    shelf_of(tx).write()


def _rows_before(tx: Tx, read: Reading, day: date) -> dict[str, Mapping[str, str] | None]:
    """Return the living row of each person with events before the day's first event, None where there was none."""
    table = read.extract.layout.residents
    first = {event.registry_number: event for event in reversed(read.events)}
    lines = {each.key.decode(): each.before for each in read.comparison.differences}
    same, plans = Residents(read.extract.residents), persons.plans_on(tx, day)
    rows: dict[str, Mapping[str, str] | None] = {}
    for number, event in first.items():
        line = lines[number] if number in lines else same.find(number)
        plan = plans.get(number)
        rows[number] = None if line is None or (plan is not None and plan <= day) else row_of(table, line)
        rows[number] = persons.as_last_proven(tx, number, rows[number], event)
    return rows


def _shared(derived: Derived, shares: bool) -> Derived:  # noqa: FBT001  # a fact of the notice's person
    """Hold what would tell of a living record whose card number another living record bears too."""
    if not shares or derived.action not in {"entry", "correction"} or derived.state != "due":
        return derived
    return replace(derived, state="held", rule="double_registration", fields=("card_number",))


def _held(derived: Derived, hold: Hold | None) -> Derived:
    """Hold what the registry room found wrong with the row, unless the notice is held or silent already."""
    if hold is None or derived.state not in {"due", "planned"}:
        return derived
    return replace(derived, state="held", rule=hold.rule, fields=(hold.column,))


def _remember_event(tx: Tx, event: Event, day: date, read: Reading, *, waits: bool) -> None:
    shelf = shelf_of(tx)
    if event.history_number not in shelf.events[event.registry_number]:
        content = {name: value for name, value in event.row.items() if name != "event_sequence"}
        row = {
            "registry_number": event.registry_number,
            "history_number": event.history_number,
            "row_sha256": canonical_digest(content),
            "business_date": day,
            "cut_off": read.extract.manifest.cut_off,
        }
        if waits:
            shelf.add_event(EventRead(**row, row=dict(event.row)))
        else:
            shelf.add_bare_event(row | {"row": None})


def as_json(found: Totals) -> dict[str, Any]:
    """Return totals as the ledger, the descriptor and the report bear them."""
    return {
        "residents": found.residents,
        "by_category": dict(found.by_category),
        "by_status": dict(found.by_status),
    }


def counts_of(extract: ReadExtract, proof: Proof | None) -> dict[str, Any]:
    """Return the counts that a report shows about an extract."""
    others = sum(not each.registry_number for each in extract.reports)
    others += sum(not each.registry_number for each in extract.handovers)
    opened = len(proof.opened) if proof else 0
    closed = len(proof.closed) if proof else 0
    return {
        "others": others,
        "compared": closed + opened,
        "proven": closed,
        "open": opened,
        "files": [
            {"name": name, "rows": facts.rows, "bytes": facts.bytes, "sha256": facts.sha256}
            for name, facts in extract.manifest.files.items()
        ],
    }
