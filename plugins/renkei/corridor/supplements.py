"""A corrected extract of a day already sealed: what no file carried goes in the next one, marked (contract §6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import ClassVar

from sqlalchemy import func, select

from renkei.corridor import persons, queue
from renkei.corridor.entering import Tally
from renkei.corridor.equation import count_since_intake
from renkei.corridor.held_rows import settle_rows
from renkei.corridor.house import House
from renkei.corridor.intake import Reading, as_json, counts_of, enter_notices, last_proven
from renkei.errors import NothingToDecide
from renkei.ledger import Tx, decisions
from renkei.ledger.states import DayState, DecisionKind, ExtractState
from renkei.ledger.tables import Day, Decision, Extract
from renkei.registry import (
    Comparison,
    Event,
    check_correction,
    check_cut_off,
    compare_extract,
    extract_name,
    find_extract,
    open_extract,
    prove,
    sharing_a_card,
    totals,
)
from renkei.registry import Extract as ReadExtract


@dataclass(frozen=True, slots=True)
class Correction:
    """A corrected extract of a sealed day that waits for approval; `digest` is what is approved."""

    business_date: date
    folder: Path
    digest: str


@dataclass(frozen=True, slots=True)
class Supplement:
    """The matter to decide: what a corrected extract of a sealed day adds goes in the next file (contract §6)."""

    day: date
    manifest: str
    kind: ClassVar[DecisionKind] = DecisionKind.SUPPLEMENT
    spent_here: ClassVar[bool] = False

    @property
    def subject(self) -> str:
        """Return the day."""
        return self.day.isoformat()

    def before(self, house: House) -> None:
        """Nothing to look at."""

    def digest(self, tx: Tx) -> str:
        """Return the digest of the corrected extract."""
        del tx
        return self.manifest

    def carry_out(self, house: House, tx: Tx, decision: Decision) -> None:
        """Nothing: taking it in spends the decision."""

    def after(self, house: House) -> tuple[int, ...]:
        """Take the corrected extract in; its notices go in the next file sealed."""
        take_in_supplement(house, self.day)
        return ()


@dataclass(frozen=True, slots=True)
class _KnownWithout:
    """The ledger's knowledge, but that the waiting events are given together with the new ones.

    `before`: last history numbers by the extract that is corrected, for whom the ledger has not met yet.
    """

    known: persons.LedgerKnown = field(repr=False)
    before: Mapping[str, int] = field(repr=False)

    def last_history(self, registry_number: str) -> int | None:
        last = self.known.last_history(registry_number)
        return self.before.get(registry_number) if last is None else last

    def planned(self, registry_number: str) -> date | None:
        return self.known.planned(registry_number)

    def planned_due(self, business_date: date) -> Sequence[str]:
        del business_date
        return ()

    def waiting_events(self, registry_number: str) -> Sequence[Event]:
        del registry_number
        return ()


def corrections(house: House) -> list[Correction]:
    """Return the corrected extracts of sealed days that nobody has taken in yet, in the order of their days."""
    with house.ledger.reading() as tx:
        # A day without its extract was lost by a restore: it is read again first.
        read = select(Day).where(Day.state == DayState.SEALED, Day.extract_id.is_not(None))
        sealed = tx.session.scalars(read.order_by(Day.business_date)).all()
        known = {row.business_date: _highest(tx, row.business_date) for row in sealed}
    found = []
    for day, correction in known.items():
        folder = find_extract(house.settings.extracts, day)
        if folder is not None and folder.name != extract_name(day, correction):
            extract = open_extract(folder, municipality=house.settings.municipality, schemas=house.schemas)
            found.append(Correction(day, folder, extract.manifest.sha256))
    return found


def supplement_of(house: House, day: date) -> Supplement:
    """Return the matter about a day's corrected extract; raises `NothingToDecide` where there is none."""
    waiting = next((each for each in corrections(house) if each.business_date == day), None)
    if waiting is None:
        raise NothingToDecide(kind=DecisionKind.SUPPLEMENT, subject=day.isoformat())
    return Supplement(day, waiting.digest)


def take_in_supplement(house: House, day: date) -> int:
    """Take in the corrected extract of a sealed day, for which a decision stands; return its new events.

    The added events are proven together with what waits, against the last extract read. Raises `NothingToDecide`
    where there is no such extract, `DecisionRefused` and its kinds without an approved decision, `ExtractRefused`.
    """
    waiting = next((each for each in corrections(house) if each.business_date == day), None)
    if waiting is None:
        raise NothingToDecide(kind=DecisionKind.SUPPLEMENT, subject=day.isoformat())
    settings = house.settings
    extract = open_extract(waiting.folder, municipality=settings.municipality, schemas=house.schemas)
    with house.ledger.reading() as tx:
        before, number = last_proven(tx, day), _highest(tx, day)
        latest = last_proven(tx, date.max)
    check_cut_off(extract.manifest, before.cut_off)
    original = open_extract(
        settings.extracts / extract_name(day, number),
        municipality=settings.municipality,
        schemas=house.schemas,
    )
    check_correction(original, extract)
    compared = compare_extract(extract, original.residents, original.manifest.files[original.residents.name].rows)
    read = {(each.registry_number, each.history_number) for each in original.events}
    events = tuple(each for each in extract.events if (each.registry_number, each.history_number) not in read)
    residents = _latest_residents(house, extract, latest, day)
    with house.ledger.transaction(actor=house.actor) as tx:
        decisions.use(
            tx,
            DecisionKind.SUPPLEMENT,
            day.isoformat(),
            digest=extract.manifest.sha256,
            four_eyes=settings.four_eyes,
        )
        _enter(house, tx, day, extract, compared, events, residents)
    return len(events)


def _latest_residents(house: House, extract: ReadExtract, latest: Extract, day: date) -> Path:
    if latest.business_date == day:
        return extract.residents
    return house.settings.extracts / extract_name(latest.business_date, latest.correction) / extract.residents.name


def _enter(
    house: House,
    tx: Tx,
    day: date,
    extract: ReadExtract,
    compared: Comparison,
    events: tuple[Event, ...],
    residents: Path,
) -> None:
    numbers = {each.registry_number for each in events}
    known = persons.LedgerKnown(tx, day, extract.layout, numbers)
    waiting = [each for number in sorted(numbers) for each in known.waiting_events(number)]
    chain = sorted([*waiting, *events], key=lambda each: (each.registry_number, each.history_number))
    unchanged = Comparison(residents, residents, 0, 0, ())
    proof = prove(unchanged, chain, _KnownWithout(known, persons.last_numbers(compared)), day, extract.layout)
    tally = Tally()
    sharing = sharing_a_card(compared.differences, extract.residents)
    reading = Reading(extract, events, compared, proof, lambda: sharing)
    enter_notices(house, tx, day, reading, tally, supplement=True)
    persons.settle_proof(tx, house, persons.Found(proof, chain, unchanged, day, extract.manifest.sha256), tally)
    tx.session.flush()
    settle_rows(tx, compared, extract.manifest)
    queue.settle_all(tx, tally.persons)
    count_since_intake(tx, **tally.as_balance())
    first = tx.session.scalars(
        select(Extract).where(Extract.business_date == day).order_by(Extract.correction.desc())
    ).first()
    counted = totals(compared, extract.layout)
    tx.session.add(
        Extract(
            business_date=day,
            correction=extract.manifest.correction,
            manifest_sha256=extract.manifest.sha256,
            cut_off=extract.manifest.cut_off,
            previous_cut_off=extract.manifest.previous_cut_off,
            layout_version=extract.manifest.layout_version,
            state=ExtractState.PROVEN,
            residents=counted.residents,
            entries=(first.entries if first else 0) + compared.entries,
            deletions=(first.deletions if first else 0) + compared.deletions,
            events=len(extract.events),
            totals=as_json(counted),
            residents_sha256=extract.manifest.files["residents.csv"].sha256,
            events_sha256=extract.manifest.files["events.csv"].sha256,
            counts=counts_of(extract, proof),
        )
    )
    tx.trail(
        "supplement.taken_in",
        day.isoformat(),
        manifest=extract.manifest.sha256,
        correction=extract.manifest.correction,
        events=len(events),
        open=len(proof.opened),
        balance=tally.as_balance(),
    )


def _highest(tx: Tx, day: date) -> int:
    return tx.session.scalar(select(func.max(Extract.correction)).where(Extract.business_date == day)) or 0
