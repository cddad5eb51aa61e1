"""A corrected extract of a sealed day: the notices that no file carried go in the next file, after approval."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from renkei.corridor import deciding
from renkei.corridor.supplements import corrections, supplement_of, take_in_supplement
from renkei.errors import CorrectionDropsEvent, DecisionMissing, NothingToDecide, SecondPersonNeeded
from renkei.ledger.states import NoticeState
from renkei.ledger.tables import Notice, NoticeAttempt, OpenItem
from tests.support.databases import database_of, on_both
from tests.support.extracts import ExtractBuilder, cut_off
from tests.support.site import Site, make_site

pytestmark = on_both("site")

MOVED, STAYED = "0000000001", "0000000002"
THURSDAY, FRIDAY = date(2019, 3, 28), date(2019, 3, 29)


@pytest.fixture
def first() -> ExtractBuilder:
    """The baseline's day with two residents."""
    return ExtractBuilder("2019-03-27", baseline=True).resident(MOVED).resident(STAYED)


@pytest.fixture
def site(request: pytest.FixtureRequest, tmp_path: Path, first: ExtractBuilder) -> Iterator[Site]:
    """A site on the baseline."""
    made = make_site(tmp_path / "home", builder=first, server=database_of(request))
    yield made
    made.remove()


def corrected(site: Site, thursday: ExtractBuilder) -> ExtractBuilder:
    """Write a second extract of Thursday with one event more."""
    second = thursday.corrected().event(MOVED, "move_within", address="東京都新宿区戸塚町一丁目1番1号")
    second.write(site.extracts)
    return second


def approve(site: Site, *, approver: str | None) -> None:
    """Ask for the supplement, and let another person approve it, who thereby has it taken in."""
    with site.house("2019-03-29") as house:
        asked = deciding.decide(house, supplement_of(house, THURSDAY), asker="sato", reason="the desk forgot an event")
        assert not asked.done
        if approver:
            assert deciding.approve(house, asked.decision, approver=approver).done


class TestSupplement:
    """Thursday is sealed; then its corrected extract comes."""

    def test_its_notice_goes_in_the_next_file_marked(self, site: Site, first: ExtractBuilder) -> None:
        thursday = first.next_day()
        thursday.write(site.extracts)
        site.run("2019-03-28")
        second = corrected(site, thursday)
        approve(site, approver="suzuki")
        with site.house("2019-03-29") as house:
            assert corrections(house) == []
        second.next_day().write(site.extracts)
        site.run("2019-03-29")
        (attempt,) = site.rows(NoticeAttempt, serial=2)
        (notice,) = site.rows(Notice, notice_id=attempt.notice_id)
        assert (notice.supplement, notice.state, notice.business_date) == (True, NoticeState.ACCEPTED, THURSDAY)
        assert "戸塚町" in site.agency.register()

    def test_it_closes_what_the_next_day_left_open(self, site: Site, first: ExtractBuilder) -> None:
        thursday = first.next_day()
        thursday.write(site.extracts)
        site.run("2019-03-28")
        second = corrected(site, thursday)
        friday = second.next_day().event(MOVED, "move_within", address="東京都新宿区戸塚町二丁目2番2号")
        friday.previous_cut_off = cut_off(THURSDAY)  # made before anyone knew of the correction
        friday.write(site.extracts)
        site.run("2019-03-29")
        (item,) = site.rows(OpenItem, kind="difference")
        assert item.rule == "history_gap"
        approve(site, approver="suzuki")
        (item,) = site.rows(OpenItem, kind="difference")
        assert item.state == "closed"
        friday.next_day().write(site.extracts)
        site.run("2019-03-30")
        sent = site.rows(NoticeAttempt, serial=3)
        assert [each.content["history_number"] for each in sorted(sent, key=lambda each: each.record_number)] == [
            "2",
            "3",
        ]
        assert {each.code for each in sent} == {"R00"}

    def test_nothing_goes_without_a_second_person(self, site: Site, first: ExtractBuilder) -> None:
        thursday = first.next_day()
        thursday.write(site.extracts)
        site.run("2019-03-28")
        with site.house("2019-03-29") as house, pytest.raises(NothingToDecide):
            take_in_supplement(house, THURSDAY)
        corrected(site, thursday)
        with site.house("2019-03-29") as house, pytest.raises(DecisionMissing):
            take_in_supplement(house, THURSDAY)
        approve(site, approver=None)
        with site.house("2019-03-29") as house, pytest.raises(SecondPersonNeeded):
            take_in_supplement(house, THURSDAY)
        with pytest.raises(SecondPersonNeeded):
            approve(site, approver="sato")

    def test_an_event_once_read_is_never_dropped(self, site: Site, first: ExtractBuilder) -> None:
        thursday = first.next_day().event(STAYED, "move_within", address="東京都新宿区戸塚町三丁目3番3号")
        thursday.write(site.extracts)
        site.run("2019-03-28")
        first.next_day().corrected().write(site.extracts)
        with pytest.raises(CorrectionDropsEvent):
            approve(site, approver="suzuki")
