"""A person decides, a second one approves: short forms for the tests."""

from pathlib import Path

from renkei.corridor import deciding
from renkei.ledger.tables import Notice, OpenItem, Trail
from tests.support.site import Site

DAY = "2019-03-28"


def decide(
    site: Site, matter: deciding.Matter, *, day: str = DAY, reason: str = "checked at the desk"
) -> deciding.Decided:
    with site.house(day) as house:
        return deciding.decide(house, matter, asker="clerk", reason=reason)


def approve(site: Site, decision: int, *, who: str = "chief", target: Path | None = None) -> deciding.Decided:
    with site.house(DAY) as house:
        return deciding.approve(house, decision, approver=who, target=target)


def only_item(site: Site) -> OpenItem:
    (item,) = [each for each in site.rows(OpenItem) if each.state == "open"]
    return item


def states(site: Site) -> dict[str, int]:
    found: dict[str, int] = {}
    for notice in site.rows(Notice):
        found[notice.state.value] = found.get(notice.state.value, 0) + 1
    return found


def actions(site: Site) -> list[str]:
    return [row.action for row in site.rows(Trail)]
