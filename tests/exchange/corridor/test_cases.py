"""The particular cases of contract §7 (and §3, §4, §6 where they meet them), with extracts made by hand.

Each test lives through a few days of a small ward whose agency answers over the real line; at the end the two
registers agree, but for whom the ward lists as open.
"""

import csv
import hashlib
from datetime import date
from typing import Any

import pytest

from renkei.corridor import steps
from renkei.errors import CorrectionDropsEvent, DayHeld, DayWaits, KeyUnusable
from renkei.ledger import decisions, verify
from renkei.ledger.states import DayState, DecisionKind, NoticeState
from renkei.ledger.tables import Day, File, Notice, OpenItem, Trail
from tests.support.registers import (
    accepted_twice,
    agency_rows,
    differing,
    equations,
    listed_as_open,
    notice_id,
    reference,
    sent_records,
)
from tests.support.site import Site, small_ward

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


# --- planned move-outs --------------------------------------------------------------------------------------


def planned(site: Site, on: str = THIRD, number: str = ONE) -> None:
    site.tomorrow().event(
        number, "domestic_move_out", event_date=on, next_address="大阪府大阪市北区中之島一丁目3番20号"
    )
    lives(site)


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


# --- cancellations ------------------------------------------------------------------------------------------


def enters(site: Site, number: str = NEWCOMER, **fields: object) -> None:
    site.tomorrow().event(number, "move_in_from_abroad", **fields)


def enters_refused(site: Site) -> None:
    """Someone moves in whose entry the agency refuses."""
    site.agency.fault("refuse-records", code="R10", items="sex", records="1")
    enters(site)
    lives(site)
    assert state(site, NEWCOMER, 1) == ("refused", "R10")


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


# --- corrections and order ----------------------------------------------------------------------------------


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


# --- double registration ------------------------------------------------------------------------------------


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


# --- differences that do not close --------------------------------------------------------------------------


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


# --- days ---------------------------------------------------------------------------------------------------


def test_a_day_waits_for_the_extract_of_the_day_before_and_says_so(site: Site) -> None:
    site.seal(FIRST)
    site.tomorrow().event(ONE, "move_within", **MOVED)
    late = site.builder
    site.tomorrow().event(TWO, "move_within", **MOVED)
    site.extract()
    with pytest.raises(DayWaits) as waits:
        site.seal(SECOND)
    assert waits.value.refs["earlier"] == date.fromisoformat(FIRST)
    assert FIRST in str(waits.value)
    assert late
    late.write(site.extracts)
    # Whoever settles the earlier day seals the requested ones behind it.
    assert site.seal(FIRST).serials == (1, 2)
    site.publish(SECOND)
    assert site.answered(SECOND).complete
    assert differing(site, SECOND) == set()


def test_days_asked_for_backwards_are_sealed_forwards(site: Site) -> None:
    for number in (ONE, TWO, THREE):
        site.tomorrow().event(number, "move_within", **MOVED)
        site.extract()
    for day in (THIRD, SECOND):
        with pytest.raises(DayWaits) as waits:
            site.seal(day)
        assert waits.value.refs["why"] == "DayNotRequested"
    sealing = site.seal(FIRST)
    assert [day.isoformat() for day in sealing.days] == [FIRST, SECOND, THIRD]
    site.publish(THIRD)
    assert site.answered(THIRD).complete
    assert [site.file(serial).business_date.isoformat() for serial in (1, 2, 3)] == [FIRST, SECOND, THIRD]
    assert differing(site, THIRD) == set()


def test_an_own_extract_that_is_not_there_yet_is_waited_for(site: Site) -> None:
    found = site.seal(FIRST)
    assert (found.sealed, found.waits_for_extract, found.serials) == (False, True, ())


def half_gone(site: Site) -> str:
    builder = site.tomorrow()
    for number in range(1, 12):
        builder.event(f"{number:010}", "death")
    return site.extract()


def test_half_the_residents_gone_holds_the_day_until_a_person_releases_it(site: Site) -> None:
    day = half_gone(site)
    for _ in range(2):
        with pytest.raises(DayHeld):
            site.seal(day)
    assert open_items(site) == [("day", "half_gone")]
    assert site.rows(Notice) == []
    manifest = (site.extracts / day / "manifest.json").read_bytes()
    release(site, day, manifest)
    assert site.deliver(day).complete
    assert (open_items(site), site.file(1).records) == ([], 11)
    assert differing(site, day) == set()


def release(site: Site, day: str, manifest: bytes) -> None:
    with site.house(day) as house, house.ledger.transaction(actor="chief") as tx:
        digest = hashlib.sha256(manifest).hexdigest()
        decisions.ask(tx, DecisionKind.RELEASE, day, digest=digest, asker="chief", reason="a training registry")


def test_a_held_day_is_released_for_this_very_extract_only(site: Site) -> None:
    day = half_gone(site)
    with pytest.raises(DayHeld):
        site.seal(day)
    release(site, day, b"another manifest")
    with pytest.raises(DayHeld):
        site.seal(day)


def test_a_correction_that_comes_before_sealing_is_what_is_sealed(site: Site) -> None:
    day = half_gone(site)
    with pytest.raises(DayHeld):
        site.seal(day)
    assert site.builder
    right = site.builder.corrected()
    right.residents = {**right.residents}
    # The first said eleven deaths; a correction may only add, so it stays held, and no event is dropped.
    right.event(NEWCOMER, "move_in_from_abroad")
    site.extract(right)
    with pytest.raises(DayHeld):
        site.seal(day)
    release(site, day, (site.extracts / f"{day}.c1" / "manifest.json").read_bytes())
    assert site.deliver(day).complete
    assert site.file(1).records == 12
    assert differing(site, day) == set()


def unusable_recipient(site: Site) -> None:
    text = (site.home / "peers.toml").read_text(encoding="utf-8")
    (site.home / "peers.toml").write_text(text.replace(site.agency.fingerprint("moj"), "F" * 40), encoding="utf-8")


def taken_in_but_not_sealed(site: Site) -> str:
    """Take in a day whose sealing then fails for want of the agency's key."""
    site.tomorrow().event(ONE, "move_within", **MOVED)
    day = site.extract()
    unusable_recipient(site)
    with pytest.raises(KeyUnusable):
        site.seal(day)
    site.write_peers()
    assert site.rows(Day)[0].extract_id is not None
    return day


def test_a_correction_after_the_intake_adds_its_events(site: Site) -> None:
    day = taken_in_but_not_sealed(site)
    assert site.builder
    right = site.builder.corrected()
    right.event(TWO, "move_within", **MOVED)
    site.extract(right)
    assert site.deliver(day).complete
    assert {record[0] for record in sent_records(site, 1)} == {notice_id(ONE, 2), notice_id(TWO, 2)}
    told = equations(site, site.report(day).json)
    assert [told[name]["closes"] for name in ("registry", "notices", "agency")] == [True, True, True], told
    assert differing(site, day) == set()
    quiet(site)


def test_a_correction_that_drops_an_event_is_refused(site: Site) -> None:
    day = taken_in_but_not_sealed(site)
    assert site.builder
    wrong = site.builder.corrected()
    wrong.events.clear()
    site.extract(wrong)
    with pytest.raises(CorrectionDropsEvent):
        site.seal(day)


# --- whatever happens ---------------------------------------------------------------------------------------


def test_the_ledger_verifies_after_all_kinds_of_days(site: Site) -> None:
    enters(site, name_kanji=OUTSIDE)
    lives(site)
    planned(site, on=FOURTH)
    site.tomorrow().event(NEWCOMER, "error_correction", name_kanji="高橋").change(TWO, birth_date="1990-01-02")
    lives(site)
    quiet(site)
    with site.house() as house:
        assert verify(house.ledger, house.settings) == []
    assert {row.state for row in site.rows(Day)} == {DayState.SEALED}
    assert list(site.settings.work_dir.iterdir()) == []


def test_no_registry_number_or_name_stands_in_the_trail(site: Site) -> None:
    enters(site, name_kanji=OUTSIDE)
    lives(site)
    with (site.extracts / FIRST / "events.csv").open(encoding="utf-8", newline="") as lines:
        (row,) = csv.DictReader(lines)
    told = "\n".join(f"{each.subject} {each.facts}" for each in site.rows(Trail))
    assert all(row[name] not in told for name in ("registry_number", "name_roman", "card_number", "address"))
    assert steps.days_of({"days": [FIRST]}) == {date.fromisoformat(FIRST)}
