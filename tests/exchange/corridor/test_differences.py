"""What the proof leaves open, and what closes it (contract §6)."""

from tests.support.databases import on_both
from tests.support.lives import (
    MOVED,
    NEWCOMER,
    ONE,
    OUTSIDE,
    SECOND,
    THIRD,
    TWO,
    enters,
    lives,
    open_items,
    quiet,
    state,
)
from tests.support.registers import (
    agency_rows,
    differing,
    listed_as_open,
    notice_id,
    reference,
    sent_records,
)
from tests.support.site import Site, small_ward

pytestmark = on_both("site")


def test_a_gap_in_the_numbers_holds_the_person_until_the_missing_event_comes(site: Site) -> None:
    builder = site.tomorrow()
    builder.event(ONE, "move_within", **MOVED).event(ONE, "error_correction", birth_date="1990-01-02")
    missing = builder.events.pop(0)
    builder.events[0]["event_sequence"] = "1"
    builder.event(TWO, "move_within", **MOVED)
    lives(site)
    assert ("difference", "history_gap") in open_items(site)
    assert state(site, ONE, 3) == ("held", "difference_open")
    assert state(site, TWO, 2) == ("accepted", None)
    site.tomorrow().events.append({**missing, "event_sequence": "1"})
    lives(site)
    assert open_items(site) == []
    assert [state(site, ONE, n) for n in (2, 3)] == [("accepted", None)] * 2
    assert listed_as_open(site) == frozenset()


def test_a_change_without_an_event_stays_open_over_days(site: Site) -> None:
    site.tomorrow().change(ONE, birth_date="1990-01-02")
    lives(site)
    assert open_items(site) == [("difference", "change_without_event")]
    quiet(site)
    quiet(site)
    assert open_items(site) == [("difference", "change_without_event")]
    assert listed_as_open(site) == {ONE}
    # The agency still has what it had: only the open list explains the difference.
    assert differing(site, THIRD, but_for_open=False) == {reference(ONE)}


def test_a_change_without_an_event_is_closed_by_the_event_that_comes_later(site: Site) -> None:
    site.tomorrow().change(ONE, birth_date="1990-01-02")
    lives(site)
    site.tomorrow().event(ONE, "error_correction", birth_date="1990-01-02")
    lives(site)
    assert open_items(site) == []
    assert state(site, ONE, 2) == ("accepted", None)
    assert differing(site, SECOND, but_for_open=False) == set()


def test_a_row_that_ran_ahead_of_its_event_is_closed_by_that_event(site: Site) -> None:
    event = {"history_number": "2", "last_event_reason": "error_correction"}
    site.tomorrow().change(ONE, birth_date="1990-01-02", **event)
    lives(site)
    assert open_items(site) == [("difference", "change_without_event")]
    site.tomorrow().event(ONE, "error_correction", history_number=2)
    lives(site)
    assert (open_items(site), state(site, ONE, 2)) == ([], ("accepted", None))
    assert differing(site, SECOND, but_for_open=False) == set()


def test_a_resident_who_appeared_without_an_event_is_told_when_the_event_comes(site: Site) -> None:
    site.tomorrow().resident(NEWCOMER)
    lives(site)
    assert open_items(site) == [("difference", "entry_without_event")]
    site.tomorrow().event(NEWCOMER, "move_in_from_abroad", history_number=1)
    lives(site)
    assert (open_items(site), state(site, NEWCOMER, 1)) == ([], ("accepted", None))
    assert differing(site, SECOND, but_for_open=False) == set()


def test_a_resident_who_vanished_is_told_when_the_event_comes(site: Site) -> None:
    site.tomorrow().drop(ONE)
    assert site.builder
    site.builder.last[ONE] = small_ward().residents[ONE]
    lives(site)
    site.tomorrow().event(ONE, "death")
    lives(site)
    assert (open_items(site), state(site, ONE, 2)) == ([], ("accepted", None))
    assert differing(site, SECOND, but_for_open=False) == set()


def test_a_cancellation_whose_proof_closes_late_takes_its_held_original_with_it(site: Site) -> None:
    enters(site, name_kanji=OUTSIDE)
    lives(site)
    builder = site.tomorrow()
    builder.event(NEWCOMER, "household_change")
    builder.event(NEWCOMER, "cancellation_decrease", cancels_history_number=1, record_state="deleted")
    missing = builder.events.pop(0)
    builder.events[0]["event_sequence"] = "1"
    lives(site)
    assert ("difference", "history_gap") in open_items(site)
    site.tomorrow().events.append({**missing, "event_sequence": "1"})
    lives(site)
    assert [state(site, NEWCOMER, n)[0] for n in (1, 2, 3)] == ["never_told", "silent", "never_told"]
    assert open_items(site) == []


def test_a_resident_who_vanishes_without_an_event_stays_open(site: Site) -> None:
    site.tomorrow().drop(ONE)
    lives(site)
    quiet(site)
    assert open_items(site) == [("difference", "deletion_without_event")]
    assert reference(ONE) in agency_rows(site)


def test_there_and_back_on_one_day_is_proven_by_the_numbers(site: Site) -> None:
    assert site.builder
    home = site.builder.residents[ONE]["address"]
    site.tomorrow().event(ONE, "move_within", **MOVED).event(ONE, "move_within", address=home)
    lives(site)
    assert sent_records(site, 1) == [(notice_id(ONE, n), 1, "R00") for n in (2, 3)]
