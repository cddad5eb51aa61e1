"""What a notice asks of the record: its class by the values before and after (domain §7)."""

import pytest

from renkei.matching import Case, Match, ToldNotice, judge
from tests.support.agency_notices import ITEMS, told
from tests.unit.matching.wards import FORMS, Row, Ward, resident

ONE = resident(1, name_roman="GARCIA MARIA", birth_date="1985-03-04")
TWIN = {**ONE, "registry_number": "0000000002", "name_roman": "GARCIA JUANA", "card_number": "AB00000002CD"}
RENEWED = {"expiry_date": "2024-06-30", "card_number": "AB99999999CD", "period_of_stay": "0503"}


def ward(*rows: Row) -> Ward:
    return Ward([*rows, *(resident(number) for number in range(10, 15))])


def case(row: Row | None, content: Row, **more: object) -> Case:
    notice = ToldNotice.of((1, 1), content, ITEMS)
    return Case(notice, Match("current_card", ONE["registry_number"]), row=row, **more)  # type: ignore[arg-type]


class TestLivingRecord:
    def test_everything_told_stands_there(self) -> None:
        found = ward({**ONE, **RENEWED}).judged(told(ONE, **RENEWED))
        assert (found.notice_class, found.prepared) == ("already_so", False)

    def test_nothing_of_it_stands_there(self) -> None:
        found = ward(ONE).judged(told(ONE, **RENEWED))
        assert (found.notice_class, found.rule, found.prepared) == ("to_apply", "card_before", True)
        assert found.evidence == ("card_before", "card_number", "name_roman", "birth_date", "sex", "nationality")

    def test_a_part_of_it_stands_there(self) -> None:
        found = ward({**ONE, "expiry_date": "2024-06-30"}).judged(told(ONE, **RENEWED))
        assert found.notice_class == "to_apply"

    def test_a_third_value_is_a_conflict_that_names_the_item(self) -> None:
        found = ward({**ONE, "expiry_date": "2022-01-01"}).judged(told(ONE, **RENEWED))
        assert (found.notice_class, found.rule, found.fields) == ("conflict", "another_value", ("expiry_date",))

    @pytest.mark.parametrize("item", ["birth_date", "sex", "nationality", "birth_date_wording"])
    def test_another_person_behind_the_number_is_a_conflict(self, item: str) -> None:
        other = {"birth_date": "1970-01-01", "sex": "3", "nationality": "NPL", "birth_date_wording": "1985年頃"}
        found = ward({**ONE, item: other[item]}).judged(told(ONE, **RENEWED))
        assert (found.notice_class, found.rule, found.fields) == ("conflict", "another_person", (item,))

    def test_a_corrected_birth_date_is_applied(self) -> None:
        found = ward(ONE).judged(told(ONE, "item_correction", birth_date="1985-03-05"))
        assert found.notice_class == "to_apply"

    def test_a_name_told_in_another_form_is_no_change(self) -> None:
        found = ward({**ONE, "name_roman": "Garcia  Lopez"}).judged(told(ONE, "name_change", name_roman="GARCIA LOPEZ"))
        assert found.notice_class == "already_so"

    def test_a_correction_of_nothing_but_the_spelling_is_one(self) -> None:
        lower = {**ONE, "name_roman": "GARCIA maria"}
        content = told(lower, "item_correction", name_roman="GARCIA MARIA")
        assert ward(lower).judged(content).notice_class == "to_apply"
        assert ward(ONE).judged(content).notice_class == "already_so"

    def test_proposals_still_open_are_thought_of(self) -> None:
        content = told({**ONE, "card_number": "ZZ00000001ZZ"}, "card_reissue", card_number="ZZ00000002ZZ")
        assert judge(case(ONE, content), FORMS).notice_class == "conflict"
        assert judge(case(ONE, content, ahead={"card_number": "ZZ00000001ZZ"}), FORMS).notice_class == "to_apply"


class TestPrepared:
    def test_never_for_a_special_permanent_resident(self) -> None:
        row = {**ONE, "resident_category": "special_permanent", "card_number": "SP00000001AA"}
        found = ward(row).judged(told(row, "card_reissue", card_number="SP00000002AA"))
        assert (found.notice_class, found.prepared) == ("to_apply", False)

    def test_never_where_the_name_is_somebody_elses(self) -> None:
        found = ward(ONE).judged(told({**ONE, "name_roman": "OTHER NAME"}, **RENEWED))
        assert (found.notice_class, found.prepared) == ("to_apply", False)
        assert "name_roman" not in found.evidence

    def test_words_in_another_order_do_no_harm(self) -> None:
        found = ward(ONE).judged(told({**ONE, "name_roman": "MARIA GARCIA"}, **RENEWED))
        assert (found.notice_class, found.prepared) == ("to_apply", True)

    def test_never_where_a_value_would_break_the_list(self) -> None:
        found = ward(ONE).judged(told(ONE, "name_change", name_roman="GARCIA|MARIA"))
        assert (found.notice_class, found.prepared) == ("to_apply", False)


class TestTwins:
    def test_the_number_of_one_and_the_name_of_the_other_is_a_conflict(self) -> None:
        mixed = {**TWIN, "card_number": ONE["card_number"]}
        found = ward(ONE, TWIN).judged(told(mixed, **RENEWED))
        assert (found.notice_class, found.rule) == ("conflict", "twin")

    def test_a_notice_about_a_twin_who_does_not_live_here_is_never_applied(self) -> None:
        found = ward(ONE).judged(told({**TWIN, "card_number": "ZZ00000001ZZ"}, **RENEWED))
        assert (found.notice_class, found.rule) == ("not_found", "weak_part_of_name")

    def test_twins_of_one_name_are_both_candidates(self) -> None:
        alike = {**TWIN, "name_roman": ONE["name_roman"]}
        found = ward(ONE, alike).judged(told({**ONE, "card_number": "ZZ00000001ZZ"}, **RENEWED))
        assert (found.notice_class, found.rule) == ("not_found", "weak_several")

    def test_the_own_number_leads_to_the_right_one(self) -> None:
        assert [each.notice_class for each in ward(ONE, TWIN).judgements(told(ONE, **RENEWED), told(TWIN))] == [
            "to_apply",
            "already_so",
        ]


class TestLoss:
    def test_a_living_record_is_to_be_deleted(self) -> None:
        assert ward(ONE).judged(told(ONE, "status_loss")).notice_class == "to_apply"

    def test_a_living_record_without_anything_told_is_still_to_be_deleted(self) -> None:
        bare = {**ONE, "status_of_residence": "", "period_of_stay": "", "expiry_date": "", "card_number": ""}
        content = told(bare, "status_loss")
        assert judge(case(bare, content), FORMS).notice_class == "to_apply"

    def test_a_record_deleted_ex_officio_is_already_so(self) -> None:
        assert judge(case(None, told(ONE, "status_loss"), gone="gone_ex_officio"), FORMS).notice_class == "already_so"

    @pytest.mark.parametrize("how", ["gone_moved", "gone_died", "gone_naturalised", "gone_unknown"])
    def test_a_record_that_ended_otherwise_is_not_resident_here(self, how: str) -> None:
        found = judge(case(None, told(ONE, "status_loss"), gone=how), FORMS)
        assert (found.notice_class, found.rule) == ("moved_away", how)


class TestBesideTheRecord:
    @pytest.mark.parametrize("own", ["own_held", "own_behind", "own_planned", "proof_open"])
    def test_the_persons_own_notice_comes_first(self, own: str) -> None:
        found = judge(case(ONE, told(ONE, **RENEWED), own=own), FORMS)
        assert (found.notice_class, found.rule) == ("waits_for_us", own)

    def test_nobody_found_waits_while_a_newcomer_may_report(self) -> None:
        notice = ToldNotice.of((1, 1), told(ONE), ITEMS)
        found = judge(Case(notice, Match("nobody"), newcomer=True), FORMS)
        assert (found.notice_class, found.rule) == ("waits_for_us", "not_yet_here")
        assert judge(Case(notice, Match("nobody")), FORMS).notice_class == "not_found"

    def test_candidates_are_never_applied(self) -> None:
        notice = ToldNotice.of((1, 1), told(ONE, **RENEWED), ITEMS)
        match = Match("weak_name_birth", candidates=("0000000001",))
        assert judge(Case(notice, match), FORMS).notice_class == "not_found"
        assert judge(Case(notice, match, newcomer=True), FORMS).notice_class == "waits_for_us"

    def test_a_deleted_record_is_never_corrected(self) -> None:
        found = judge(case(None, told(ONE, **RENEWED), gone="gone_moved"), FORMS)
        assert (found.notice_class, found.rule) == ("moved_away", "gone_moved")


class TestSeveralOfOnePerson:
    def test_two_values_for_one_day_in_one_file_are_a_conflict_for_both(self) -> None:
        found = ward(ONE).judgements(told(ONE, expiry_date="2024-06-30"), told(ONE, expiry_date="2025-06-30"))
        assert [(each.notice_class, each.rule, each.fields) for each in found] == 2 * [
            ("conflict", "contradicted_in_file", ("expiry_date",))
        ]

    def test_one_that_goes_on_where_the_other_ended_is_none(self) -> None:
        first = told(ONE, "card_reissue", card_number="ZZ00000001ZZ")
        second = told({**ONE, "card_number": "ZZ00000001ZZ"}, "card_reissue", card_number="ZZ00000002ZZ")
        assert "contradicted_in_file" not in {each.rule for each in ward(ONE).judgements(first, second)}
        second = told({**ONE, "card_number": "ZZ00000001ZZ"}, "renewal", expiry_date="2024-06-30")
        assert [each.notice_class for each in ward(ONE).judgements(first, second)] == ["to_apply", "to_apply"]

    def test_the_same_value_twice_is_none(self) -> None:
        found = ward(ONE).judgements(
            told(ONE, expiry_date="2024-06-30"), told(ONE, "status_change", expiry_date="2024-06-30")
        )
        assert {each.notice_class for each in found} == {"to_apply"}

    def test_an_earlier_day_after_a_later_one_is_out_of_order(self) -> None:
        later = told(ONE, expiry_date="2024-06-30", more={"event_date": "2019-03-26"})
        earlier = told(ONE, expiry_date="2023-06-30", more={"event_date": "2019-03-20"})
        assert [each.notice_class for each in ward(ONE).judgements(later, earlier)] == ["to_apply", "out_of_order"]
        assert [each.notice_class for each in ward(ONE).judgements(earlier, later)] == ["to_apply", "to_apply"]

    def test_another_item_of_an_earlier_day_is_in_order(self) -> None:
        later = told(ONE, expiry_date="2024-06-30", more={"event_date": "2019-03-26"})
        earlier = told(ONE, "name_change", name_roman="GARCIA LOPEZ", more={"event_date": "2019-03-20"})
        assert [each.notice_class for each in ward(ONE).judgements(later, earlier)] == ["to_apply", "to_apply"]
