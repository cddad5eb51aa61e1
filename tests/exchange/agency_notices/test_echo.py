"""What the agency told and the clerk entered does not go back to the agency; anything more does (contract §7)."""

from datetime import date

import pytest

from renkei.corridor import steps
from renkei.ledger.tables import AgencyNotice, CardHistory, Notice
from tests.support.agency_notices import put, told
from tests.support.deciding import only_item
from tests.support.registers import agency_notices
from tests.support.site import Site

ONE, TWO = "0000000001", "0000000002"
RENEWED = {"expiry_date": "2024-06-30", "card_number": "AB99999999CD", "period_of_stay": "0503"}


def matched(site: Site, day: str) -> steps.Matching:
    with site.house(day) as house:
        return steps.match_agency_notices(house, date.fromisoformat(day))


def told_about(site: Site, day: str, number: str = ONE, reason: str = "renewal", **after: str) -> str:
    """A day on which the agency tells of somebody; return the notice's id."""
    assert site.builder is not None
    notice = told(site.builder.residents[number], reason, **after)
    put(site, notice, day=day)
    matched(site, day)
    return notice["notice_id"]


def entered(site: Site, notice: str, number: str = ONE, reason: str = "ex_officio_correction", **fields: str) -> str:
    """The next day, on which the clerk enters it; sealed and answered."""
    site.tomorrow().event(number, reason, origin="agency_notice", origin_notice_id=notice, **fields)
    day = site.extract()
    site.deliver(day)
    return day


def test_what_the_clerk_enters_from_the_worklist_is_silent_and_closes_the_proposal(site: Site) -> None:
    site.tomorrow()
    first = site.extract()
    site.deliver(first)
    notice = told_about(site, first, **RENEWED)
    [proposal] = site.rows(AgencyNotice)
    assert (proposal.notice_class, proposal.state, proposal.prepared) == ("to_apply", "open", True)

    second = entered(site, notice, **RENEWED)

    [silent] = site.rows(Notice)
    assert (silent.state, silent.reason) == ("silent", "echo")
    assert agency_notices(site) == []
    found = matched(site, second)
    assert (found.closed, found.classes) == (1, {})
    [proposal] = site.rows(AgencyNotice)
    assert proposal.state == "closed"
    assert str(proposal.closed_by).startswith(f"applied {second} ")
    assert {(row.card_number, row.registry_number) for row in site.rows(CardHistory)} == {
        ("AB00000001CD", ONE),
        ("AB99999999CD", ONE),
    }


def test_one_item_more_is_noticed(site: Site) -> None:
    site.tomorrow()
    first = site.extract()
    site.deliver(first)
    notice = told_about(site, first, **RENEWED)

    entered(site, notice, **RENEWED, address="東京都新宿区戸塚町一丁目2番3号")

    [sent] = site.rows(Notice)
    assert (sent.state, sent.action) == ("accepted", "correction")


def test_another_value_is_noticed(site: Site) -> None:
    site.tomorrow()
    first = site.extract()
    site.deliver(first)
    notice = told_about(site, first, **RENEWED)

    entered(site, notice, **{**RENEWED, "expiry_date": "2025-06-30"})

    [sent] = site.rows(Notice)
    assert sent.state == "accepted"


@pytest.mark.parametrize("named", ["0" * 32, ""])
def test_an_origin_that_was_never_taken_in_is_held(site: Site, named: str) -> None:
    entered(site, named, **RENEWED)
    assert only_item(site).rule == "origin_notice_unknown"


def test_a_notice_about_somebody_else_is_no_origin(site: Site) -> None:
    site.tomorrow()
    first = site.extract()
    site.deliver(first)
    notice = told_about(site, first, TWO, **RENEWED)
    entered(site, notice, **RENEWED)
    assert only_item(site).rule == "origin_notice_unknown"


def test_an_event_that_names_no_notice_may_repeat_any_of_its_person(site: Site) -> None:
    site.tomorrow()
    first = site.extract()
    site.deliver(first)
    told_about(site, first, **RENEWED)
    told_about(site, first, reason="name_change", name_roman="INVENTED OTHER")
    entered(site, "", **RENEWED)
    assert [row.reason for row in site.rows(Notice)] == ["echo"]


def test_a_loss_that_the_clerk_enters_is_silent_and_closed(site: Site) -> None:
    site.tomorrow()
    first = site.extract()
    site.deliver(first)
    notice = told_about(site, first, reason="status_loss")

    second = entered(site, notice, reason="ex_officio_deletion")

    assert [row.reason for row in site.rows(Notice)] == ["echo"]
    assert matched(site, second).closed == 1
    assert agency_notices(site) == []
