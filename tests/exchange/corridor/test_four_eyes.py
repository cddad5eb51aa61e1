"""Four eyes for what matters most: who asked cannot approve, what changed needs asking again, once is all."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pytest

from renkei import errors
from renkei.corridor import deciding, matters
from renkei.corridor.house import House
from renkei.corridor.resealing import reseal_of
from renkei.corridor.supplements import supplement_of
from renkei.ledger.tables import Day, Decision, File, Notice
from tests.support.site import Site

DAY, NEXT, APRIL = "2019-03-28", "2019-03-29", "2019-04-01"
ONE = "0000000001"


def moved(site: Site, number: str, town: str) -> str:
    site.tomorrow().event(number, "move_within", address=f"東京都新宿区{town}1番2号")
    return site.extract()


def lost(site: Site) -> None:
    """A file was published, and the agency has lost it."""
    site.agency.stop()
    site.agency.start(every=3600)
    site.write_peers()
    site.publish(site.seal(moved(site, ONE, "四谷")).days[0].isoformat())
    lose(site)


def lose(site: Site) -> None:
    for path in site.agency.folder("moj", "inbox").glob("*.pgp"):
        path.unlink()


def sealed(site: Site) -> None:
    site.seal(moved(site, ONE, "四谷"))


def requested(site: Site) -> None:
    assert not site.seal(DAY).sealed


def too_many(site: Site) -> None:
    builder = site.tomorrow()
    for number in range(1, 13):
        builder.event(f"{number:010}", "death")
    held(site)


def held(site: Site) -> None:
    with pytest.raises(errors.DayHeld):
        site.seal(site.extract())


def corrected(site: Site) -> None:
    site.seal(moved(site, ONE, "四谷"))
    assert site.builder is not None
    site.extract(site.builder.corrected().event("0000000002", "move_within", address="東京都新宿区若松町3番4号"))


def again(site: Site) -> None:
    assert site.builder is not None
    site.extract(site.builder.corrected().event("0000000003", "move_within", address="東京都新宿区市谷町5番6号"))


def another_hold(site: Site) -> None:
    again(site)
    with pytest.raises(errors.DayHeld):
        site.seal(DAY)


def another_sealing(site: Site) -> None:
    with site.house() as house, house.ledger.transaction() as tx:
        tx.session.get_one(File, ("out", "131041", 1)).sealed_sha256 = "0" * 64
        tx.trail("test.changed", "1")


def blocked(site: Site) -> None:
    with site.house() as house, house.ledger.transaction() as tx:
        tx.session.get_one(Day, date.fromisoformat(DAY)).blocked_by = "ManifestInvalid"
        tx.trail("test.changed", DAY)


@dataclass(frozen=True)
class Case:
    """How it comes about, what is asked for, what changes it, and what has happened once it is carried out."""

    before: Callable[[Site], None]
    matter: Callable[[House], deciding.Matter]
    changed: Callable[[Site], None]
    happened: Callable[[Site], bool]
    at: str = DAY


CASES = {
    "resend": Case(
        lost,
        lambda _: matters.Resend(1),
        another_sealing,
        lambda site: any(site.agency.folder("moj", "inbox").glob("1*.pgp")),
    ),
    "reseal": Case(
        sealed,
        lambda house: reseal_of(house, 1),
        another_sealing,
        lambda site: site.file(1).counterparty == "isa",
        at=APRIL,
    ),
    "waive": Case(
        requested,
        lambda _: matters.Waive(date.fromisoformat(DAY)),
        blocked,
        lambda site: [day.state for day in site.rows(Day)] == ["waived"],
    ),
    "release_day": Case(
        too_many,
        lambda _: matters.ReleaseDay(date.fromisoformat(DAY)),
        another_hold,
        lambda site: [day.state for day in site.rows(Day)] == ["sealed"],
    ),
    "supplement": Case(
        corrected,
        lambda house: supplement_of(house, date.fromisoformat(DAY)),
        again,
        lambda site: any(notice.supplement for notice in site.rows(Notice)),
        at=NEXT,
    ),
}


def ask(site: Site, case: Case) -> deciding.Decided:
    with site.house(case.at) as house:
        return deciding.decide(house, case.matter(house), asker="clerk", reason="checked at the desk")


def approve(site: Site, case: Case, decision: int, who: str) -> deciding.Decided:
    with site.house(case.at) as house:
        return deciding.approve(house, decision, approver=who)


@pytest.mark.parametrize("kind", CASES)
class TestEveryMatter:
    """Of each kind that the settings name: asked for, nothing happens; a second person approves, it happens once."""

    def test_it_waits_for_a_second_person_and_happens_once(self, site: Site, kind: str) -> None:
        case = CASES[kind]
        case.before(site)
        asked = ask(site, case)
        assert not asked.done
        assert ask(site, case).decision == asked.decision
        for who in ("clerk", " CLERK ", ""):
            with pytest.raises(errors.SecondPersonNeeded):
                approve(site, case, asked.decision, who)
            assert not case.happened(site)
        assert approve(site, case, asked.decision, "chief").done
        assert case.happened(site)
        (row,) = site.rows(Decision, kind=kind)
        assert (row.asker, row.approver, row.used_at is None) == ("clerk", "chief", False)
        lose(site)
        with pytest.raises((errors.DecisionUsed, errors.NothingToDecide, errors.ResealNeedless)):
            approve(site, case, asked.decision, "chief")

    def test_what_has_changed_since_must_be_asked_for_again(self, site: Site, kind: str) -> None:
        case = CASES[kind]
        case.before(site)
        asked = ask(site, case)
        case.changed(site)
        with pytest.raises(errors.DecisionOfAnotherRequest):
            approve(site, case, asked.decision, "chief")
        assert not case.happened(site)
        assert ask(site, case).decision != asked.decision
