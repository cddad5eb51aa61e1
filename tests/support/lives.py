"""Days in the life of a small ward, written by hand: what the tests of the particular cases share."""

import hashlib
from typing import Any

import pytest

from renkei.errors import PeerNotInForce
from renkei.ledger import decisions
from renkei.ledger.states import DecisionKind
from renkei.ledger.tables import Day, Notice, OpenItem
from tests.support.registers import (
    accepted_twice,
    differing,
    equations,
    notice_id,
)
from tests.support.site import Site

ONE, TWO, THREE = "0000000001", "0000000002", "0000000003"
NEWCOMER = "0000000021"
FIRST, SECOND, THIRD, FOURTH = "2019-03-28", "2019-03-29", "2019-03-30", "2019-03-31"
OUTSIDE = "髙橋"  # the agency's repertoire has 高 and not 髙
MOVED = {"address": "東京都新宿区戸塚町一丁目2番3号", "address_fixed_date": FIRST}


def notice(site: Site, registry_number: str, history_number: int) -> Any:
    """Return the notice of an event."""
    (found,) = site.rows(Notice, notice_id=notice_id(registry_number, history_number))
    return found


def state(site: Site, registry_number: str, history_number: int) -> tuple[str, str | None]:
    found = notice(site, registry_number, history_number)
    return str(found.state), found.reason


def lives(site: Site) -> str:
    """Write the extract at hand, seal, publish, receive and report its day; every equation closes."""
    day = site.extract()
    assert site.deliver(day).complete
    told = equations(site, site.report(day).json)
    assert [told[name]["closes"] for name in ("registry", "notices", "agency")] == [True, True, True], told
    assert differing(site, day) == set()
    assert accepted_twice(site) == []
    return day


def quiet(site: Site) -> str:
    """Live through a day without events."""
    site.tomorrow()
    return lives(site)


def open_items(site: Site) -> list[tuple[str, str]]:
    return [(item.kind, item.rule) for item in site.rows(OpenItem) if item.state == "open"]


def planned(site: Site, on: str = THIRD, number: str = ONE) -> None:
    site.tomorrow().event(
        number, "domestic_move_out", event_date=on, next_address="大阪府大阪市北区中之島一丁目3番20号"
    )
    lives(site)


def enters(site: Site, number: str = NEWCOMER, **fields: object) -> None:
    site.tomorrow().event(number, "move_in_from_abroad", **fields)


def enters_refused(site: Site) -> None:
    """Someone moves in whose entry the agency refuses."""
    site.agency.fault("refuse-records", code="R10", items="sex", records="1")
    enters(site)
    lives(site)
    assert state(site, NEWCOMER, 1) == ("refused", "R10")


def half_gone(site: Site) -> str:
    builder = site.tomorrow()
    for number in range(1, 12):
        builder.event(f"{number:010}", "death")
    return site.extract()


def release(site: Site, day: str, manifest: bytes) -> None:
    with site.house(day) as house, house.ledger.transaction(actor="chief") as tx:
        digest = hashlib.sha256(manifest).hexdigest()
        kind, reason = DecisionKind.RELEASE_DAY, "a training registry"
        asked = decisions.ask(tx, kind, day, digest=digest, asker="clerk", reason=reason)
        decisions.approve(tx, asked.id, approver="chief", digest=digest)


def no_recipient(site: Site) -> None:
    """Let no key of the agency hold yet: nothing can be sealed to it."""
    text = (site.home / "peers.toml").read_text(encoding="utf-8")
    key = f'fingerprint = "{site.agency.fingerprint("moj")}"'
    (site.home / "peers.toml").write_text(text.replace(key, f"{key}, valid_from = 2030-01-01"), encoding="utf-8")


def taken_in(site: Site) -> str:
    """Write the extract at hand and take it in; its sealing fails for want of a key of the agency's."""
    day = site.extract()
    no_recipient(site)
    with pytest.raises(PeerNotInForce):
        site.seal(day)
    site.write_peers()
    assert max(site.rows(Day), key=lambda row: row.business_date).extract_id is not None
    return day


def taken_in_but_not_sealed(site: Site) -> str:
    """Take in a day with one event; it is not sealed."""
    site.tomorrow().event(ONE, "move_within", **MOVED)
    return taken_in(site)
