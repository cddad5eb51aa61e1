"""Whether the agency's register equals the ward's, person by person, outside those who wait for a person."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from demo_site.calls import agency
from demo_site.place import LAST_DAY, MUNICIPALITY, Place
from renkei.corridor.house import House
from renkei.ledger import Tx
from renkei.ledger.states import ExtractState, NoticeState, OpenState
from renkei.ledger.tables import AgencyNotice, Extract, Notice, Person
from renkei.notices import person_reference, register_values
from renkei.registry import find_extract

Register = dict[str, dict[str, str]]
WAITING = (NoticeState.HELD, NoticeState.BEHIND, NoticeState.REFUSED, NoticeState.DUE)


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the comparison came to: persons compared, persons that differ, persons left out as open."""

    persons: int
    different: int
    open: int

    @property
    def agree(self) -> bool:
        """Whether nobody differs."""
        return not self.different


def compare(place: Place, house: House) -> Agreement:
    """Compare both registers as of the latest proven day."""
    known, waiting, planned, folder = _ledger(house)
    keys = house.keys.remembering(known)

    def reference(number: str) -> str:
        return person_reference(keys.for_person(number), MUNICIPALITY, number)

    ours = _of_ward(house, folder, reference)
    return agreement(ours, _of_agency(place), frozenset(map(reference, waiting)), frozenset(map(reference, planned)))


def agreement(
    ours: Register, theirs: Register, left_out: frozenset[str], planned: frozenset[str] = frozenset()
) -> Agreement:
    """Compare two registers (reference → items) of living records; references left out do not count.

    A person with a planned notice is open only where the registers differ: what is planned has not been told yet.
    """
    everyone = (ours.keys() | theirs.keys()) - left_out
    different = {person for person in everyone if ours.get(person) != theirs.get(person)}
    waiting = different & planned
    return Agreement(len(everyone - waiting), len(different - waiting), len(left_out | waiting))


def _ledger(house: House) -> tuple[dict[str, str], set[str], set[str], Path]:
    """Return the key ids of known persons, registry numbers of open and of planned ones, the latest proven extract."""
    with house.ledger.reading() as tx:
        known = dict(tx.session.execute(select(Person.registry_number, Person.key_id)).tuples().all())
        waiting = set(tx.session.scalars(select(Person.registry_number).where(Person.state == OpenState.OPEN)))
        told = select(AgencyNotice.registry_number).where(AgencyNotice.state == OpenState.OPEN)
        waiting |= {number for number in tx.session.scalars(told) if number}
        waiting |= _having(tx, WAITING)
        planned = _having(tx, (NoticeState.PLANNED,))
        last = tx.session.scalars(
            select(Extract.business_date)
            .where(Extract.state.in_([ExtractState.BASELINE, ExtractState.PROVEN]))
            .order_by(Extract.business_date.desc())
        ).first()
    folder = find_extract(house.settings.extracts, last or LAST_DAY)
    if folder is None:
        raise FileNotFoundError(str(last))
    return known, waiting, planned, folder


def _having(tx: Tx, states: Sequence[NoticeState]) -> set[str]:
    """Return the registry numbers of persons with a notice in one of the states."""
    query = select(Notice.registry_number).where(Notice.state.in_(states), Notice.registry_number.is_not(None))
    return {str(number) for number in tx.session.scalars(query)}


def _of_ward(house: House, folder: Path, reference: Callable[[str], str]) -> Register:
    with (folder / "residents.csv").open(encoding="utf-8", newline="") as stream:
        return {
            reference(row["registry_number"]): register_values(row, house.schemas, LAST_DAY)
            for row in csv.DictReader(stream)
        }


def _of_agency(place: Place) -> Register:
    out = place.state / "register.csv"
    try:
        agency(place, "register", "--municipality", MUNICIPALITY, "--out", str(out))
        with out.open(encoding="utf-8", newline="") as stream:
            return {
                row.pop("person_reference"): row
                for row in csv.DictReader(stream)
                if row.pop("record_state") == "living"
            }
    finally:
        out.unlink(missing_ok=True)
