"""What the tests of matching share: the small ward, its rows, one step of matching."""

from datetime import date

from renkei.corridor import steps
from renkei.ledger.tables import AgencyNotice
from tests.support.agency_notices import notices
from tests.support.site import Site

ONE, TWO, THREE = "0000000001", "0000000002", "0000000003"
FIRST = "2019-03-28"
NEW_CARD = {"card_number": "ZZ00000001ZZ"}
RENEWED = {"expiry_date": "2024-06-30", **NEW_CARD}


def row(site: Site, number: str = ONE) -> dict[str, str]:
    assert site.builder is not None
    return site.builder.residents[number]


def matched(site: Site, day: str = FIRST) -> steps.Matching:
    with site.house(day) as house:
        return steps.match_agency_notices(house, date.fromisoformat(day))


def only(site: Site) -> AgencyNotice:
    (found,) = notices(site)
    assert isinstance(found, AgencyNotice)
    return found


def a_day(site: Site) -> str:
    """Write and seal the extract that was begun."""
    day = site.extract()
    site.deliver(day)
    return day
