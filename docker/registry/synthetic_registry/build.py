"""`build`: a population and one extract folder for each calendar day."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from synthetic_registry.addresses import Addresses
from synthetic_registry.agenda import Agenda, Pool
from synthetic_registry.clerk import Clerk
from synthetic_registry.counter import Counter
from synthetic_registry.dice import Dice
from synthetic_registry.extract import check_layout, stands, write_extract
from synthetic_registry.histories import Day
from synthetic_registry.office import Office
from synthetic_registry.people import CardNumbers, People
from synthetic_registry.population import SMALLEST, Population, populate
from synthetic_registry.registry import Registry
from synthetic_registry.story import Story
from synthetic_registry.tables import office_open, towns
from synthetic_registry.traffic import SHINJUKU, Traffic, expected_growth

SCENARIOS = {"normal": 1.0, "busy-april": 1.9}
AGENCY_ORIGIN_A_DAY = 5


class BuildError(Exception):
    """The build cannot be made as asked."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to build: how many residents live here `on` a day, from the baseline to the last day."""

    municipality: str
    residents: int
    on: date
    baseline: date
    last: date
    seed: int
    schemas: Path
    scenario: str = "normal"
    agency_origin: bool = False

    @property
    def scale(self) -> float:
        """The day's traffic, as a share of Shinjuku's."""
        return self.residents / SHINJUKU * SCENARIOS[self.scenario]

    @property
    def levelling_day(self) -> date:
        """The last working day up to `on`, on which the number of residents is brought to what was asked."""
        day = self.on
        while not office_open(day):
            day -= timedelta(days=1)
        return day


def build(plan: Plan, out: Path) -> Iterator[tuple[Day, Path]]:
    """Write the extracts and yield each closed day with its folder."""
    check(plan)
    population = _population(plan)
    difference = plan.residents - _residents_on(plan, population)
    previous: date | None = None
    for day, _ in _days(plan, population, difference):
        if day.business_date == plan.on and len(day.residents) != plan.residents:
            raise BuildError(f"{len(day.residents)} residents on {plan.on}: a fault of this program")
        yield day, write_extract(out, plan.municipality, day, previous)
        previous = day.business_date


def live(plan: Plan, out: Path, clerk: Clerk, asked: Iterable[date]) -> Iterator[tuple[Day, Path]]:
    """Live day by day: write the extract of each day that is asked for, and of those before it, once.

    The clerk enters the worklists that stand there when a day begins. A later call with the same worklists lives
    through the same days again and leaves the extracts that are there; `ExtractError` where they would differ.
    """
    check(plan)
    population = _population(plan)
    difference = plan.residents - _residents_on(plan, population)
    days = _days(plan, population, difference, clerk)
    previous: date | None = None
    for wanted in asked:
        if wanted > plan.last:
            raise BuildError(f"{wanted} lies after the last day, {plan.last}")
        while previous is None or previous < wanted:
            day, _ = next(days)
            folder = out / day.business_date.isoformat()
            if not stands(folder, day):
                folder = write_extract(out, plan.municipality, day, previous)
            previous = day.business_date
            yield day, folder


def check(plan: Plan) -> None:
    """Raise unless the plan can be built."""
    check_layout(plan.schemas)
    if plan.residents < SMALLEST:
        raise BuildError(f"at least {SMALLEST} residents, so that every kind of person is among them")
    if not plan.baseline <= plan.on <= plan.last:
        raise BuildError("the day of the residents' number lies outside the days of the build")


def _population(plan: Plan) -> Population:
    growth = 0.0
    day = plan.baseline + timedelta(days=1)
    while day <= plan.on:
        growth += expected_growth(day, plan.scale) if office_open(day) else 0
        day += timedelta(days=1)
    people = People(plan.baseline, Addresses(towns(plan.schemas)), CardNumbers(Dice(plan.seed, "cards")))
    if plan.levelling_day <= plan.baseline:
        growth = 0
    return populate(people, plan.residents - round(growth), Dice(plan.seed, "population"))


def _residents_on(plan: Plan, population: Population) -> int:
    """Rehearse up to the day of the residents' number: how many there would be."""
    if plan.levelling_day <= plan.baseline:
        return plan.residents
    rehearsal = replace(plan, last=plan.on)
    return [registered for _, registered in _days(rehearsal, population, 0)][-1]


def _days(plan: Plan, population: Population, difference: int, clerk: Clerk | None = None) -> Iterator[tuple[Day, int]]:
    """Live through the days: each closed day and how many residents there are then."""
    registry = Registry(plan.municipality)
    registry.found(population.residents)
    registry.open_day(plan.baseline)
    yield registry.close_day(), len(registry)
    agenda = Agenda(plan.baseline, plan.last, Dice(plan.seed, "agenda"))
    traffic = _everything(plan, population, registry, agenda)
    day = plan.baseline
    while day < plan.last:
        day += timedelta(days=1)
        registry.open_day(day)
        if office_open(day):
            traffic.plan(day)
            if plan.agency_origin:
                traffic.agency_origin(day, AGENCY_ORIGIN_A_DAY)
            if clerk:
                clerk.work(registry, traffic.pool, day)
            if day == plan.levelling_day:
                _level(traffic, day, difference + (clerk.deleted if clerk else 0), plan.seed)
            agenda.run(day)
        yield registry.close_day(), len(registry)


def _level(traffic: Traffic, day: date, difference: int, seed: int) -> None:
    """Some more arrivals or departures, with dice of their own: the rest of the day stays as rehearsed."""
    own = replace(traffic, dice=Dice(seed, "level"))
    if difference > 0:
        own.arrivals(day, difference)
    else:
        own.departures(day, -difference)


def _everything(plan: Plan, population: Population, registry: Registry, agenda: Agenda) -> Traffic:
    """People, counters, cases and traffic, all fresh: a rehearsal leaves nothing behind."""
    cards = CardNumbers(Dice(plan.seed, "cards"))
    cards.skip(2 * len(population.residents) + 1_000)
    people = People(plan.baseline, Addresses(towns(plan.schemas)), cards)
    counter = Counter(registry, people, population.next_number, list(population.gaps))
    pool = Pool(registry, population.kinds, Dice(plan.seed, "pool"))
    traffic = Traffic(registry, counter, agenda, pool, Dice(plan.seed, "traffic"), plan.scale)
    Story(registry, counter, agenda, pool, Dice(plan.seed, "story")).tell()
    Office(registry, counter, agenda, pool, Dice(plan.seed, "office"), traffic).work()
    return traffic
