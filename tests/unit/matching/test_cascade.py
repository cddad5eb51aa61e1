"""Who is meant: card number, former number, identity, candidates (domain §7); nothing weak is ever a match."""

import pytest

from tests.support.agency_notices import told
from tests.unit.matching.wards import Row, Ward, resident

ONE = resident(1, name_roman="GARCIA MARIA", birth_date="1985-03-04")
OTHERS = [resident(number) for number in range(2, 9)]
STRANGER = {"card_number": "ZZ00000001ZZ"}


def ward(*rows: Row) -> Ward:
    return Ward([*rows, *OTHERS])


class TestCardNumbers:
    def test_the_number_after_stands_in_the_row(self) -> None:
        found = ward(ONE).match(told(ONE, more={"card_number_before": "AA00000000AA"}))
        assert (found.rule, found.registry_number) == ("current_card", ONE["registry_number"])

    def test_the_number_before_stands_in_the_row(self) -> None:
        found = ward(ONE).match(told(ONE, "card_reissue", **STRANGER))
        assert (found.rule, found.registry_number) == ("card_before", ONE["registry_number"])

    def test_a_number_that_the_person_once_bore(self) -> None:
        site = Ward([ONE, *OTHERS], former={"ZZ00000001ZZ": {ONE["registry_number"]}})
        found = site.match(told({**ONE, **STRANGER}, expiry_date="2024-01-01"))
        assert (found.rule, found.registry_number) == ("former_card", ONE["registry_number"])

    def test_a_number_that_two_once_bore_decides_nothing(self) -> None:
        site = Ward(OTHERS, former={"ZZ00000001ZZ": {"0000000002", "0000000003"}})
        assert site.match(told({**ONE, **STRANGER})).registry_number is None

    def test_a_number_that_two_bear_now_decides_nothing(self) -> None:
        twin = {**resident(20, name_roman="ANOTHER"), "card_number": ONE["card_number"]}
        nameless = {**ONE, "name_roman": "SOMEBODY ELSE", "birth_date": "1950-01-01"}
        found = ward(ONE, twin).match(told(nameless))
        assert (found.rule, found.registry_number) == ("card_shared", None)
        assert found.candidates == (ONE["registry_number"], twin["registry_number"])

    def test_where_two_bear_it_the_identity_decides(self) -> None:
        twin = {**resident(20, name_roman="ANOTHER"), "card_number": ONE["card_number"]}
        found = ward(ONE, twin).match(told(ONE))
        assert (found.rule, found.registry_number) == ("identity", ONE["registry_number"])

    def test_a_number_given_by_an_earlier_notice_leads_the_later_one(self) -> None:
        first = told(ONE, "card_reissue", card_number="ZZ00000001ZZ")
        second = told({**ONE, "card_number": "ZZ00000001ZZ"}, "card_reissue", card_number="ZZ00000002ZZ")
        found = ward(ONE).matches(first, second)
        assert [(each.rule, each.registry_number) for each in found] == [
            ("card_before", ONE["registry_number"]),
            ("former_card", ONE["registry_number"]),
        ]

    def test_numbers_alone_take_one_pass(self) -> None:
        site = ward(ONE)
        site.matches(told(ONE), told(OTHERS[0]))
        assert site.passes == 1


class TestIdentity:
    def test_one_alone_is_found(self) -> None:
        found = ward(ONE).match(told({**ONE, **STRANGER}))
        assert (found.rule, found.registry_number) == ("identity", ONE["registry_number"])

    def test_kanji_alone_are_enough(self) -> None:
        row = {**ONE, "name_roman": "", "name_kanji": "張偉"}
        found = ward(row).match(told({**row, **STRANGER, "name_kanji": "张 偉"}))
        assert found.rule == "identity"

    def test_the_name_before_counts_as_well(self) -> None:
        found = ward(ONE).match(told({**ONE, **STRANGER}, "name_change", name_roman="GARCIA LOPEZ MARIA"))
        assert found.rule == "identity"

    def test_a_birth_date_in_words(self) -> None:
        row = {**ONE, "birth_date": "", "birth_date_wording": "1985年頃"}
        assert ward(row).match(told({**row, **STRANGER})).rule == "identity"

    def test_without_any_birth_date_nobody_is_found(self) -> None:
        row = {**ONE, "birth_date": ""}
        assert ward(row).match(told({**row, **STRANGER})).rule == "nobody"

    def test_two_of_the_same_identity_are_candidates(self) -> None:
        double = {**ONE, "registry_number": "0000000030", "card_number": "YY00000001YY"}
        found = ward(ONE, double).match(told({**ONE, **STRANGER}))
        assert (found.rule, found.registry_number) == ("weak_several", None)
        assert found.candidates == (ONE["registry_number"], "0000000030")

    def test_a_living_person_comes_before_a_deleted_one(self) -> None:
        site = Ward([ONE, *OTHERS], former={"ZZ00000001ZZ": {"0000009999"}})
        assert site.match(told({**ONE, **STRANGER})).registry_number == ONE["registry_number"]

    def test_a_deleted_person_is_found_by_the_last_row(self) -> None:
        site = Ward(OTHERS, left=[{**ONE, "registry_number": "0000009999"}])
        found = site.match(told({**ONE, **STRANGER}))
        assert (found.rule, found.registry_number) == ("identity_gone", "0000009999")


class TestWeakCandidates:
    @pytest.mark.parametrize(
        ("row", "rule"),
        [
            ({**ONE, "sex": "1" if ONE["sex"] == "2" else "2"}, "weak_name_birth"),
            ({**ONE, "nationality": "NPL"}, "weak_name_birth"),
            ({**ONE, "name_roman": "OTHER NAME", "card_number": "ZZ00000007ZZ"}, "weak_card"),
            ({**ONE, "name_roman": "OTHER NAME", "card_number": "ZZ00000010ZZ"}, "weak_card"),
            ({**ONE, "name_roman": "GARCIA JUANA"}, "weak_part_of_name"),
            ({**ONE, "name_roman": "MARIA GARCIA"}, "weak_part_of_name"),
        ],
    )
    def test_are_offered_by_the_strongest_rule_and_never_matched(self, row: Row, rule: str) -> None:
        found = ward(row).match(told({**ONE, **STRANGER}))
        assert (found.rule, found.registry_number, found.candidates) == (rule, None, (row["registry_number"],))

    @pytest.mark.parametrize(
        "row",
        [
            {**ONE, "birth_date": "1985-03-05"},
            {**ONE, "name_roman": "OTHER NAME"},
            {**ONE, "name_roman": "GARCIA JUANA", "nationality": "NPL"},
            {**ONE, "name_roman": "OTHER NAME", "card_number": "ZZ00000077ZZ"},
        ],
    )
    def test_too_little_in_common_offers_nobody(self, row: Row) -> None:
        found = ward(row).match(told({**ONE, **STRANGER}))
        assert (found.rule, found.candidates) == ("nobody", ())

    def test_are_five_at_most(self) -> None:
        many = [{**ONE, "registry_number": f"{n:010}", "card_number": f"YY{n:08}YY"} for n in range(100, 120)]
        assert len(Ward(many).match(told({**ONE, **STRANGER})).candidates) == 5


def test_a_row_with_quoted_values_is_read_like_any_other() -> None:
    row = {**ONE, "name_roman": 'GARCIA, "MARIA"', "address": 'a, "b"'}
    assert ward(row).match(told(row)).rule == "current_card"
    assert ward(row).match(told({**row, **STRANGER})).rule == "identity"
