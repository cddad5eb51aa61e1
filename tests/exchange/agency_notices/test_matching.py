"""Notices against the last proven extract and what the ledger knows: each gets its class; a rerun changes nothing."""

import random

import pytest

from renkei.ledger import verify
from renkei.ledger.observers import Effect
from renkei.ledger.tables import CardHistory, Trail
from tests.support.agency_notices import classes, notices, put, told
from tests.support.databases import on_both
from tests.support.extracts import ExtractBuilder
from tests.support.killed import dies_at
from tests.support.matched import FIRST, NEW_CARD, ONE, RENEWED, THREE, TWO, a_day, matched, only, row
from tests.support.site import Site


class TestClasses:
    @on_both("site")
    def test_every_notice_of_a_file_gets_one(self, site: Site) -> None:
        put(
            site,
            told(row(site), **RENEWED),
            told(row(site, TWO)),
            told(row(site, THREE), more={"municipality": "131016"}),
            told(row(site, THREE), expiry_date="2024-02-30"),
            told({**row(site, THREE), "name_roman": "NOBODY HERE", "card_number": "YY00000001YY"}),
        )
        found = matched(site)
        assert found.facts() == {
            "business_date": FIRST,
            "extract": "2019-03-27",
            "classes": {"to_apply": 1, "already_so": 1, "not_ours": 1, "not_acceptable": 1, "waits_for_us": 1},
            "closed": 0,
            "waiting": 1,
        }
        assert {each.notice_class: each.state for each in notices(site)} == {
            "to_apply": "open",
            "already_so": "closed",
            "not_ours": "closed",
            "not_acceptable": "closed",
            "waits_for_us": "open",
        }
        assert [each.final_at is None for each in notices(site)] == [False, False, False, False, True]
        assert [each.fields for each in notices(site)][3] == ["expiry_date"]

    def test_a_second_run_finds_nothing_new(self, site: Site) -> None:
        put(site, told(row(site), **RENEWED), told(row(site, TWO)))
        matched(site)
        before = [(each.notice_class, each.final_at, each.matched_on) for each in notices(site)]
        trail = len(site.rows(Trail))
        assert matched(site).classes == {}
        assert before == [(each.notice_class, each.final_at, each.matched_on) for each in notices(site)]
        assert len(site.rows(Trail)) == trail

    def test_a_run_killed_before_its_mark_is_ended_by_the_next(self, site: Site) -> None:
        put(site, told(row(site), **RENEWED), told(row(site, TWO)))
        assert dies_at(lambda: matched(site), Effect.WRITE_HEAD, "before")
        assert matched(site).classes == {}
        assert classes(site) == {(1, 1): "to_apply", (1, 2): "already_so"}
        with site.house() as house:
            assert verify(house.ledger, house.settings) == []

    def test_without_a_notice_nothing_is_written(self, site: Site) -> None:
        trail = len(site.rows(Trail))
        assert matched(site).facts()["classes"] == {}
        assert len(site.rows(Trail)) == trail

    def test_the_order_of_unrelated_notices_does_not_matter(self, site: Site) -> None:
        rows = [row(site, f"{number:010}") for number in range(1, 13)]
        contents = [told(each, **{**RENEWED, "card_number": f"ZZ{n:08}ZZ"}) for n, each in enumerate(rows[:4])]
        contents += [told(each) for each in rows[4:8]]
        contents += [
            told({**each, "card_number": f"YY{n:08}YY"}, expiry_date="2024-06-30") for n, each in enumerate(rows[8:])
        ]
        random.Random(5).shuffle(contents)
        put(site, *contents[:6])
        put(site, *contents[6:])
        matched(site)
        found = {each.notice_id: each.notice_class for each in notices(site)}
        assert found == {
            each["notice_id"]: "already_so"
            if each in contents and each["expiry_date"] == each["expiry_date_before"]
            else "to_apply"
            for each in contents
        }


class TestRepeats:
    @pytest.mark.parametrize("again", ["same_id", "same_content"])
    @pytest.mark.parametrize("later", [True, False], ids=["in a later file", "in the same file"])
    def test_a_repeated_notice_is_a_duplicate(self, site: Site, again: str, later: bool) -> None:
        first = told(row(site), **RENEWED)
        second = {**first, "attempt": "2"} if again == "same_id" else {**first, "notice_id": "f" * 32}
        if later:
            put(site, first)
            matched(site)
            put(site, second)
        else:
            put(site, first, second)
        matched(site)
        assert [(each.notice_class, each.state) for each in notices(site)] == [
            ("to_apply", "open"),
            ("duplicate", "closed"),
        ]
        assert notices(site)[1].rule == again

    def test_one_that_was_not_acceptable_may_come_again_corrected(self, site: Site) -> None:
        bad = told(row(site), expiry_date="2024-02-30")
        put(site, bad)
        matched(site)
        put(site, {**told(row(site), **RENEWED), "notice_id": bad["notice_id"], "attempt": "2"})
        matched(site)
        assert list(classes(site).values()) == ["not_acceptable", "to_apply"]

    def test_what_waits_is_no_duplicate_of_itself(self, site: Site) -> None:
        put(site, told({**row(site), "name_roman": "NOBODY HERE", "card_number": "YY00000001YY"}))
        matched(site)
        matched(site)
        assert only(site).notice_class == "waits_for_us"


class TestOtherNoticesOfThePerson:
    def test_an_earlier_event_taken_in_after_a_later_one_is_out_of_order(self, site: Site) -> None:
        put(site, told(row(site), expiry_date="2024-06-30", more={"event_date": "2019-03-26"}))
        matched(site)
        put(site, told(row(site), expiry_date="2023-06-30", more={"event_date": "2019-03-20"}))
        matched(site)
        assert list(classes(site).values()) == ["to_apply", "out_of_order"]

    def test_the_next_one_builds_on_a_proposal_still_open(self, site: Site) -> None:
        put(site, told(row(site), "card_reissue", **NEW_CARD))
        matched(site)
        again = {"card_number": "ZZ00000002ZZ"}
        put(site, told({**row(site), **NEW_CARD}, "card_reissue", **again, more={"event_date": "2019-03-27"}))
        matched(site)
        assert list(classes(site).values()) == ["to_apply", "to_apply"]
        assert notices(site)[1].rule == "former_card"
        site.tomorrow().event(ONE, "ex_officio_correction", **again)
        assert matched(site, a_day(site)).closed == 2

    def test_a_contradiction_within_a_file_is_a_conflict_for_both(self, site: Site) -> None:
        put(site, told(row(site), expiry_date="2024-06-30"), told(row(site), expiry_date="2025-06-30"))
        matched(site)
        assert [(each.notice_class, each.rule) for each in notices(site)] == 2 * [("conflict", "contradicted_in_file")]


class TestFormerCards:
    @on_both("site")
    def test_a_number_that_left_the_row_leads_to_the_person(self, site: Site) -> None:
        old = row(site)
        site.tomorrow().event(ONE, "ex_officio_correction", card_number="ZZ00000005ZZ")
        day = a_day(site)
        assert [(each.card_number, each.registry_number) for each in site.rows(CardHistory)] == [
            (old["card_number"], ONE)
        ]
        put(site, told({**old, "name_roman": "SPELT OTHERWISE"}, expiry_date="2024-06-30"), day=day)
        matched(site, day)
        assert (only(site).notice_class, only(site).rule) == ("to_apply", "former_card")

    def test_a_number_that_came_and_went_within_a_day_is_kept(self, site: Site) -> None:
        builder = site.tomorrow()
        builder.event(ONE, "ex_officio_correction", card_number="ZZ00000005ZZ")
        builder.event(ONE, "ex_officio_correction", card_number="ZZ00000006ZZ")
        a_day(site)
        assert {each.card_number for each in site.rows(CardHistory)} == {"AB00000001CD", "ZZ00000005ZZ"}


class TestGone:
    @pytest.mark.parametrize(
        ("reason", "rule"),
        [
            ("domestic_move_out", "gone_moved"),
            ("move_out_abroad", "gone_moved"),
            ("death", "gone_died"),
            ("naturalisation", "gone_naturalised"),
            ("ex_officio_deletion", "gone_ex_officio"),
        ],
    )
    def test_nothing_is_applied_to_a_deleted_record(self, site: Site, reason: str, rule: str) -> None:
        was = row(site)
        more = {"next_municipality_code": "131016", "next_address": "東京都千代田区"} if "move" in reason else {}
        site.tomorrow().event(ONE, reason, **more)
        day = a_day(site)
        put(site, told(was, **RENEWED), told({**was, "card_number": "YY00000001YY"}, expiry_date="2024-06-30"), day=day)
        matched(site, day)
        assert [(each.notice_class, each.rule, each.registry_number, each.state) for each in notices(site)] == 2 * [
            ("moved_away", rule, ONE, "closed")
        ]
        assert [(each.evidence or [])[0] for each in notices(site)] == ["former_card", "identity_gone"]

    def test_somebody_who_came_back_is_living_again(self, site: Site) -> None:
        was = row(site)
        site.tomorrow().event(ONE, "move_out_abroad", next_address="ベトナム")
        a_day(site)
        site.tomorrow().event(ONE, "move_in_from_abroad", card_number="ZZ00000005ZZ")
        day = a_day(site)
        put(site, told(was, expiry_date="2024-06-30"), day=day)
        matched(site, day)
        assert (only(site).notice_class, only(site).registry_number) == ("to_apply", ONE)

    def test_the_last_end_counts_and_who_lives_is_not_gone(self, site: Site) -> None:
        was = row(site)
        site.tomorrow().event(ONE, "move_out_abroad", next_address="ベトナム")
        a_day(site)
        site.tomorrow().event(ONE, "move_in_from_abroad", name_roman="ANOTHER NAME", card_number="ZZ00000005ZZ")
        back = a_day(site)
        unknown = {**was, "card_number": "YY00000001YY"}
        put(site, told(unknown, status_of_residence="定住者"), day=back)
        matched(site, back)
        assert (only(site).evidence or [])[0] == "identity_gone"
        assert (only(site).notice_class, only(site).prepared) == ("to_apply", False)
        site.tomorrow().event(ONE, "death")
        end = a_day(site)
        put(site, told(unknown, expiry_date="2024-06-30"), day=end)
        matched(site, end)
        assert [each.rule for each in notices(site)][1] == "gone_died"


class TestWaits:
    def test_for_the_day_of_a_planned_move_out_and_then_tells_that_the_person_left(self, site: Site) -> None:
        was = row(site)
        site.tomorrow().event(
            ONE,
            "domestic_move_out",
            event_date="2019-03-29",
            next_municipality_code="131016",
            next_address="東京都千代田区",
        )
        day = a_day(site)
        put(site, told(was, **RENEWED), day=day)
        matched(site, day)
        assert (only(site).notice_class, only(site).rule, only(site).final_at) == ("waits_for_us", "own_planned", None)
        site.tomorrow()
        day = a_day(site)
        assert matched(site, day).facts()["classes"] == {"moved_away": 1}
        assert (only(site).rule, only(site).final_at is None) == ("gone_moved", False)

    def test_for_a_held_notice_of_the_persons_own(self, site: Site) -> None:
        site.tomorrow().event(ONE, "ex_officio_correction", name_roman="NAME", expiry_date="2019-99-99")
        day = a_day(site)
        put(
            site,
            told(row(site, TWO)),
            told({**row(site), "expiry_date": "2021-06-30"}, status_of_residence="定住者"),
            day=day,
        )
        matched(site, day)
        assert [(each.notice_class, each.rule) for each in notices(site)] == [
            ("already_so", "current_card"),
            ("waits_for_us", "own_held"),
        ]

    def test_for_an_open_proof(self, site: Site) -> None:
        was = row(site)
        site.tomorrow().change(ONE, address="東京都新宿区戸塚町一丁目1番1号")
        day = a_day(site)
        put(site, told(was, **RENEWED), day=day)
        matched(site, day)
        assert (only(site).notice_class, only(site).rule) == ("waits_for_us", "proof_open")

    def test_for_a_newcomer_who_reports_within_the_time_of_the_law(self, site: Site) -> None:
        newcomer = ExtractBuilder("2019-03-29").resident("0000000099").residents["0000000099"]
        put(site, told(newcomer, status_of_residence="定住者"))
        matched(site)
        assert only(site).rule == "not_yet_here"
        site.tomorrow().event("0000000099", "move_in_from_abroad")
        day = a_day(site)
        assert matched(site, day).facts()["classes"] == {"to_apply": 1}
        assert only(site).registry_number == "0000000099"

    def test_for_a_newcomer_no_longer_than_that(self, site: Site) -> None:
        site.write_settings(arrival_wait_days=2)
        nobody = {**row(site), "name_roman": "NOBODY HERE", "card_number": "YY00000001YY"}
        put(site, told(nobody, more={"event_date": "2019-03-25"}))
        matched(site)
        assert only(site).notice_class == "waits_for_us"
        site.tomorrow()
        day = a_day(site)
        assert matched(site, day).facts()["classes"] == {"not_found": 1}
        assert (only(site).state, only(site).rule) == ("open", "nobody")
