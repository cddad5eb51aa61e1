"""The agency's side of a business day: its own file, made once, about persons of whom it can know everything."""

from datetime import date

from sqlalchemy import select

from demo_site.calls import agency
from demo_site.house import opened
from demo_site.place import MUNICIPALITY, Place, write_private
from renkei.corridor.report_data import open_persons
from renkei.ledger.states import NoticeState
from renkei.ledger.tables import Notice
from renkei.notices import person_reference

SCENARIO = "normal"


def tell(place: Place, day: date) -> None:
    """Let the agency make its file of a day; a second time it does nothing."""
    # What the ward holds back or has only planned the agency cannot know, so its scenario could not say what is right.
    left_out = place.state / "left-out"
    write_private(left_out, "".join(f"{reference}\n" for reference in _waiting(place)))
    arguments = ["--municipality", MUNICIPALITY, "--date", day.isoformat(), "--scenario", SCENARIO]
    agency(place, "notices", *arguments, "--leave-out", str(left_out))


def _waiting(place: Place) -> list[str]:
    planned = select(Notice.registry_number).where(Notice.state == NoticeState.PLANNED)
    with opened(place) as house, house.ledger.reading() as tx:
        numbers = open_persons(tx) | {number for number in tx.session.scalars(planned) if number}
    return sorted(person_reference(house.keys.for_person(number), MUNICIPALITY, number) for number in numbers)
