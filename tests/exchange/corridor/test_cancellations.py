"""Cancellations, corrections and the queue of one person (contract §3, §4, §7)."""

from renkei.ledger.states import NoticeState
from tests.support.lives import (
    FOURTH,
    MOVED,
    NEWCOMER,
    ONE,
    OUTSIDE,
    SECOND,
    THREE,
    TWO,
    enters,
    enters_refused,
    lives,
    notice,
    open_items,
    quiet,
    state,
)
from tests.support.registers import (
    agency_rows,
    notice_id,
    reference,
    sent_records,
)
from tests.support.site import Site


def test_entry_and_cancellation_of_one_day_both_go_in_order(site: Site) -> None:
    enters(site)
    assert site.builder
    site.builder.event(NEWCOMER, "cancellation_decrease", cancels_history_number=1, record_state="deleted")
    lives(site)
    assert sent_records(site, 1) == [(notice_id(NEWCOMER, 1), 1, "R00"), (notice_id(NEWCOMER, 2), 1, "R00")]
    assert notice(site, NEWCOMER, 2).cancels == notice_id(NEWCOMER, 1)


def test_the_cancellation_of_an_accepted_entry_follows_it(site: Site) -> None:
    enters(site)
    lives(site)
    site.tomorrow().event(NEWCOMER, "cancellation_decrease", cancels_history_number=1, record_state="deleted")
    lives(site)
    assert state(site, NEWCOMER, 2) == ("accepted", None)
    assert reference(NEWCOMER) not in agency_rows(site)


def test_a_held_entry_and_its_cancellation_are_never_told(site: Site) -> None:
    enters(site, name_kanji=OUTSIDE)
    lives(site)
    assert state(site, NEWCOMER, 1) == ("held", "outside_repertoire")
    site.tomorrow().event(NEWCOMER, "cancellation_decrease", cancels_history_number=1, record_state="deleted")
    lives(site)
    assert [state(site, NEWCOMER, n) for n in (1, 2)] == [("never_told", "cancelled_before_told")] * 2
    assert open_items(site) == []


def test_a_notice_that_waits_behind_and_its_cancellation_are_never_told(site: Site) -> None:
    enters_refused(site)
    site.tomorrow().event(NEWCOMER, "move_within", **MOVED)
    lives(site)
    assert state(site, NEWCOMER, 2) == ("behind", None)
    before = site.builder.residents[NEWCOMER]["former_address"] if site.builder else ""
    address = "東京都新宿区大久保一丁目22番2号"
    site.tomorrow().event(
        NEWCOMER, "cancellation_correction", cancels_history_number=2, address=address, former_address=before
    )
    lives(site)
    assert [state(site, NEWCOMER, n) for n in (2, 3)] == [("never_told", "cancelled_before_told")] * 2
    assert state(site, NEWCOMER, 1) == ("refused", "R10")


def test_a_refused_entry_and_its_cancellation_are_never_told(site: Site) -> None:
    enters_refused(site)
    site.tomorrow().event(NEWCOMER, "cancellation_decrease", cancels_history_number=1, record_state="deleted")
    lives(site)
    assert [state(site, NEWCOMER, n) for n in (1, 2)] == [("never_told", "cancelled_before_told")] * 2
    assert open_items(site) == []


def test_the_cancellation_of_a_silent_event_is_silent(site: Site) -> None:
    site.tomorrow().event(ONE, "household_change")
    lives(site)
    site.tomorrow().event(ONE, "cancellation_correction", cancels_history_number=2)
    lives(site)
    assert [state(site, ONE, 2)[0], state(site, ONE, 3)] == ["silent", ("silent", "original_silent")]


def test_the_cancellation_of_an_event_older_than_the_ledger_names_reason_and_date(site: Site) -> None:
    facts = {"cancelled_reason": "move_in_from_abroad", "cancelled_event_date": "2017-04-01"}
    site.tomorrow().event(ONE, "cancellation_decrease", cancels_history_number=1, record_state="deleted", **facts)
    lives(site)
    found = notice(site, ONE, 2)
    assert (found.state, found.cancels) == (NoticeState.ACCEPTED, None)
    assert {name: found.content[name] for name in facts} == facts


def test_a_correction_is_told_by_the_notice_that_waited_for_it(site: Site) -> None:
    enters(site, name_kanji=OUTSIDE)
    lives(site)
    site.tomorrow().event(NEWCOMER, "error_correction", name_kanji="高橋")
    lives(site)
    assert state(site, NEWCOMER, 1) == ("accepted", None)
    assert state(site, NEWCOMER, 2) == ("silent", "told_by_resend")
    assert notice(site, NEWCOMER, 2).told_by == notice_id(NEWCOMER, 1)
    assert [code for _, _, code in sent_records(site, 2)] == ["R00"]
    assert open_items(site) == []


def test_a_correction_of_something_else_waits_behind(site: Site) -> None:
    enters_refused(site)
    site.tomorrow().event(NEWCOMER, "error_correction", birth_date="1990-01-02")
    lives(site)
    assert [state(site, NEWCOMER, n)[0] for n in (1, 2)] == ["refused", "behind"]


def test_a_later_event_that_repeats_the_bad_character_goes_with_its_correction(site: Site) -> None:
    enters(site, name_kanji=OUTSIDE)
    lives(site)
    site.tomorrow().event(NEWCOMER, "move_within", **MOVED)
    lives(site)
    assert [state(site, NEWCOMER, n) for n in (1, 2)] == [("held", "outside_repertoire")] * 2
    site.tomorrow().event(NEWCOMER, "error_correction", name_kanji="高橋")
    lives(site)
    assert sent_records(site, 3) == [(notice_id(NEWCOMER, n), 1, "R00") for n in (1, 2)]
    assert state(site, NEWCOMER, 3) == ("silent", "told_by_resend")
    assert open_items(site) == []


def test_a_held_planned_move_out_that_is_corrected_still_waits_for_its_day(site: Site) -> None:
    site.tomorrow().event(ONE, "domestic_move_out", event_date=FOURTH, name_kanji=OUTSIDE)
    lives(site)
    assert state(site, ONE, 2) == ("held", "outside_repertoire")
    site.tomorrow().event(ONE, "error_correction", name_kanji="高橋", record_state="living", event_date=SECOND)
    lives(site)
    assert reference(ONE) in agency_rows(site)
    quiet(site)
    assert reference(ONE) in agency_rows(site)
    quiet(site)
    assert state(site, ONE, 2) == ("accepted", None)
    assert reference(ONE) not in agency_rows(site)


def test_other_people_s_notices_go_while_one_waits(site: Site) -> None:
    site.agency.fault("refuse-records", code="R10", items="sex", event_reason="move_in_from_abroad")
    enters(site)
    assert site.builder
    site.builder.event(TWO, "move_within", **MOVED)
    lives(site)
    site.tomorrow().event(NEWCOMER, "move_within", **MOVED).event(THREE, "move_within", **MOVED)
    lives(site)
    assert [state(site, NEWCOMER, n)[0] for n in (1, 2)] == ["refused", "behind"]
    assert [state(site, TWO, 2), state(site, THREE, 2)] == [("accepted", None)] * 2


def test_several_events_of_one_person_on_one_day_stay_in_order(site: Site) -> None:
    enters(site)
    assert site.builder
    site.builder.event(NEWCOMER, "move_within", **MOVED).event(NEWCOMER, "death")
    lives(site)
    assert sent_records(site, 1) == [(notice_id(NEWCOMER, n), 1, "R00") for n in (1, 2, 3)]
    assert reference(NEWCOMER) not in agency_rows(site)


def test_a_correction_that_changes_nothing_noticed_is_silent(site: Site) -> None:
    site.tomorrow().event(ONE, "error_correction", postal_code="1690073")
    lives(site)
    assert state(site, ONE, 2) == ("silent", "nothing_changed")


def test_two_living_records_with_one_card_number_are_held_until_one_goes(site: Site) -> None:
    assert site.builder
    card = site.builder.residents[ONE]["card_number"]
    enters(site, card_number=card)
    lives(site)
    assert state(site, NEWCOMER, 1) == ("held", "double_registration")
    assert ("hold", "double_registration") in open_items(site)


def test_the_deletion_of_a_double_registration_carries_the_kept_person(site: Site) -> None:
    site.tomorrow().event(TWO, "double_registration", kept_registry_number=ONE)
    lives(site)
    assert state(site, TWO, 2) == ("accepted", None)
    assert notice(site, TWO, 2).content["kept"] == reference(ONE)
    assert agency_rows(site).keys() & {reference(ONE), reference(TWO)} == {reference(ONE)}
