"""A SIGKILL before and after every outside effect of the one list; an ordinary rerun then ends the day.

The list is walked: an effect that no day performs, and no test here otherwise, fails.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from renkei.corridor import deciding
from renkei.corridor.media import Export, GiveBack
from renkei.ledger import effects, verify
from renkei.ledger.effects import Effect
from renkei.ledger.tables import Notice
from tests.support.databases import on_both
from tests.support.killed import AGENCY_ALONE, dies_at
from tests.support.registers import accepted_twice, agency_notices, answers_given, differing, forget_the_server
from tests.support.site import Site

pytestmark = on_both("site")

# Killed by the tests of the steps that perform them: here below, test_inbound_kills.py and test_resealing.py.
ELSEWHERE = {Effect.EXPORT_MEDIA, Effect.WRITE_BUNDLE, Effect.RESEAL_PACKAGE, Effect.STORE_RESEALED, *AGENCY_ALONE}
ONE, TWO = "0000000001", "0000000002"


def a_day(site: Site, day: str) -> Callable[[], None]:
    def steps() -> None:
        site.deliver(day)
        site.report(day)

    return steps


def prepared(site: Site, number: str) -> str:
    """A day with an event, a report with it, and an entry."""
    builder = site.tomorrow()
    builder.event(number, "move_within", address="東京都新宿区戸塚町一丁目2番3号", card_presented="1")
    builder.event(f"{int(number) + 20:010}", "move_in_from_abroad")
    return site.extract()


def whole(site: Site, day: str, serial: int) -> None:
    """Everything arrived once, nothing is in doubt, nothing lies about."""
    file = site.file(serial)
    assert (file.state, file.outcome) == ("receipted", "accepted")
    assert differing(site, day) == set()
    assert {row.state for row in site.rows(Notice)} == {"accepted"}
    assert accepted_twice(site) == []
    assert {row["code"] for row in agency_notices(site)} == {"R00"}
    assert [row["serial"] for row in answers_given(site)] == list(range(1, serial + 1))
    assert list(site.settings.work_dir.iterdir()) == []
    assert [path for path in site.agency.folder("moj", "inbox").iterdir() if not path.name.startswith(".tmp-")] == []
    with site.house() as house:
        assert verify(house.ledger, house.settings) == []
        assert effects.unsettled(house.ledger) == []


@pytest.mark.parametrize("effect", [each for each in Effect if each not in ELSEWHERE])
def test_a_day_killed_at_an_effect_is_ended_by_a_rerun(site: Site, effect: Effect) -> None:
    for serial, moment in enumerate(("before", "after"), 1):
        day = prepared(site, f"{serial:010}")
        if serial > 1 and effect is Effect.PROBE_SERVER:
            forget_the_server(site)
        assert dies_at(a_day(site, day), effect, moment), f"a day does not perform {effect}"
        a_day(site, day)()
        whole(site, day, serial)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_export_killed_on_the_way_is_given_back_to_the_line(site: Site, tmp_path: Path, moment: str) -> None:
    day = prepared(site, ONE)
    site.seal(day)
    site.agency.stop()

    def export() -> None:
        with site.house(day) as house:
            deciding.decide(house, Export(1, tmp_path), asker="chief", reason="the line is down")

    assert dies_at(export, Effect.EXPORT_MEDIA, moment)
    assert site.file(1).state == "exported"
    site.agency.start(every=0.05)
    site.write_peers()
    with site.house(day) as house:
        deciding.decide(house, GiveBack(1), asker="chief", reason="the line is up again")
    a_day(site, day)()
    file = site.file(1)
    assert (file.state, file.outcome) == ("receipted", "accepted")
    assert differing(site, day) == set()
    assert len(answers_given(site)) == 1
