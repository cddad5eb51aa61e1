"""Planned 転出 (contract §7): told on their day, or at the earlier arrival notice."""

from renkei.ledger.tables import File
from tests.support.lives import FOURTH, ONE, OUTSIDE, SECOND, THIRD, lives, open_items, planned, quiet, state
from tests.support.registers import (
    agency_rows,
    notice_id,
    reference,
    sent_records,
)
from tests.support.site import Site


def test_a_planned_move_out_is_told_on_its_day_and_not_before(site: Site) -> None:
    planned(site)
    assert (state(site, ONE, 2), site.file(1).records) == (("planned", None), 0)
    quiet(site)
    assert reference(ONE) in agency_rows(site)
    quiet(site)
    assert sent_records(site, 3) == [(notice_id(ONE, 2), 1, "R00")]
    assert reference(ONE) not in agency_rows(site)


def test_an_earlier_arrival_notice_makes_it_due(site: Site) -> None:
    planned(site, on="2019-04-05")
    moved = {"event_date": "2019-04-05", "arrival_notice_date": SECOND}
    site.tomorrow().event(ONE, "domestic_move_out", **moved)
    lives(site)
    assert [state(site, ONE, 2), state(site, ONE, 3)] == [("never_told", "superseded"), ("accepted", None)]
    assert reference(ONE) not in agency_rows(site)


def test_an_arrival_notice_of_the_planned_day_itself_makes_one_deletion(site: Site) -> None:
    planned(site, on=SECOND)
    site.tomorrow().event(ONE, "domestic_move_out", event_date=SECOND, arrival_notice_date=SECOND)
    lives(site)
    assert len(sent_records(site, 2)) == 1
    assert reference(ONE) not in agency_rows(site)


def test_an_arrival_notice_after_the_deletion_is_silent(site: Site) -> None:
    planned(site, on=SECOND)
    quiet(site)
    site.tomorrow().event(ONE, "domestic_move_out", event_date=SECOND, arrival_notice_date=THIRD)
    lives(site)
    assert state(site, ONE, 3) == ("silent", "already_deleted")


def test_a_planned_move_out_that_is_cancelled_before_its_day_is_never_told(site: Site) -> None:
    planned(site)
    site.tomorrow().event(ONE, "cancellation_increase", cancels_history_number=2)
    lives(site)
    quiet(site)
    assert [state(site, ONE, 2), state(site, ONE, 3)] == [("never_told", "cancelled_before_told")] * 2
    assert sum(file.records for file in site.rows(File)) == 0
    assert reference(ONE) in agency_rows(site)


def test_of_two_planned_days_the_later_event_counts(site: Site) -> None:
    planned(site, on=THIRD)
    site.tomorrow().event(ONE, "domestic_move_out", event_date=FOURTH)
    lives(site)
    quiet(site)
    assert reference(ONE) in agency_rows(site)
    quiet(site)
    assert [state(site, ONE, 2), state(site, ONE, 3)] == [("never_told", "superseded"), ("accepted", None)]
    assert reference(ONE) not in agency_rows(site)


def test_a_held_planned_move_out_gives_way_to_the_later_event(site: Site) -> None:
    site.tomorrow().event(ONE, "domestic_move_out", event_date=THIRD, next_address=OUTSIDE)
    lives(site)
    assert state(site, ONE, 2) == ("held", "outside_repertoire")
    site.tomorrow().event(ONE, "domestic_move_out", event_date=FOURTH, next_address="大阪府大阪市北区")
    lives(site)
    quiet(site)
    assert reference(ONE) in agency_rows(site)
    quiet(site)
    assert [state(site, ONE, 2), state(site, ONE, 3)] == [("never_told", "superseded"), ("accepted", None)]
    assert open_items(site) == []
