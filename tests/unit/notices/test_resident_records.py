"""Family a: which events make a notice, what it says, and when it falls due (domain §3–4, contract §7)."""

from datetime import date

import pytest

from renkei.notices import Known, notice_id, person_reference
from tests.support.notices import DAY, KEYS, REGISTRY_NUMBER, WARD, Derive, before, event

ENTRIES = (
    "domestic_move_in",
    "move_in_from_abroad",
    "status_acquired_while_resident",
    "birth",
    "loss_of_japanese_nationality",
    "ex_officio_entry",
)
DELETIONS = ("domestic_move_out", "move_out_abroad", "death", "naturalisation", "ex_officio_deletion")
CORRECTIONS = ("move_within", "minor_correction", "ex_officio_correction", "error_correction")


class TestAction:
    """Every reason of the standard that is noticed, with its action."""

    @pytest.mark.parametrize("reason", ENTRIES)
    def test_entries(self, derived: Derive, reason: str) -> None:
        (notice, *_) = derived(event(reason))
        assert (notice.state, notice.action, notice.content["record_state"]) == ("due", "entry", "living")

    @pytest.mark.parametrize("reason", DELETIONS)
    def test_deletions_carry_the_last_address(self, derived: Derive, reason: str) -> None:
        (notice,) = derived(event(reason, record_state="deleted"), before())
        assert (notice.state, notice.action) == ("due", "deletion")
        assert notice.content["address"] == before()["address"]

    @pytest.mark.parametrize("reason", CORRECTIONS)
    def test_corrections_of_a_noticed_item(self, derived: Derive, reason: str) -> None:
        (notice, *_) = derived(event(reason, address="東京都新宿区戸塚町一丁目2番"), before())
        assert (notice.state, notice.action) == ("due", "correction")
        assert notice.content["address"] == "東京都新宿区戸塚町一丁目2番"


class TestIdentityAndClass:
    """Who sends what about whom, under which law, as notice or relay (standard 4.5.7)."""

    def test_the_wire_row(self, derived: Derive) -> None:
        (notice,) = derived(event("domestic_move_in", history_number="7"))
        key = KEYS.newest
        expected = {
            "notice_id": notice_id(key, WARD, "resident_records", REGISTRY_NUMBER, "7"),
            "person_reference": person_reference(key, WARD, REGISTRY_NUMBER),
            "business_date": "2019-04-02",
            "history_number": "7",
            "event_reason": "domestic_move_in",
            "article": "入管法61条の8の2",
            "legal_class": "both",
            "transmission": "notice",
        }
        assert {name: notice.content[name] for name in expected} == expected
        assert (notice.notice_id, notice.person_reference) == (
            expected["notice_id"],
            expected["person_reference"],
        )

    def test_the_id_does_not_depend_on_the_day_of_the_extract(self, derived: Derive) -> None:
        (first,) = derived(event("birth"))
        (again,) = derived(event("birth"), day=date(2019, 4, 9))
        assert first.notice_id == again.notice_id

    def test_nothing_personal_shows_in_its_repr(self, derived: Derive) -> None:
        (notice,) = derived(event("birth"))
        for value in (REGISTRY_NUMBER, notice.content["name_roman"], notice.content["card_number"]):
            assert value not in repr(notice)


class TestForbiddenItems:
    """個人番号, 住民票コード, household and insurance never go out, whatever the registry's row holds."""

    def test_only_the_layouts_columns_go_out(self, derived: Derive) -> None:
        found = event("birth", my_number="123456789018", resident_code="12345678901", relationship="子")
        (notice,) = derived(found)
        assert not {"my_number", "resident_code", "relationship", "registry_number"} & notice.content.keys()
        assert not {"123456789018", "12345678901", "子", REGISTRY_NUMBER} & set(notice.content.values())

    def test_the_common_name_is_not_sent(self, derived: Derive) -> None:
        (notice,) = derived(event("birth", common_name="通称"))
        assert "通称" not in notice.content.values()


class TestSilence:
    """Events that make no notice, each with its reason."""

    @pytest.mark.parametrize(
        ("reason", "rule"),
        [
            ("household_split", "household"),
            ("household_merge", "household"),
            ("household_change", "household"),
            ("head_of_household_change", "household"),
            ("my_number_change", "forbidden_item"),
            ("resident_code_change", "forbidden_item"),
            ("sheet_renewal", "sheet_only"),
            ("sheet_recreation", "sheet_only"),
            ("common_name_entry", "switch_off"),
            ("common_name_deletion", "switch_off"),
        ],
    )
    def test_silent_reasons(self, derived: Derive, reason: str, rule: str) -> None:
        (notice,) = derived(event(reason), before())
        assert (notice.state, notice.rule, dict(notice.content)) == ("silent", rule, {})

    def test_renumbering_changes_the_address_and_stays_silent(self, derived: Derive) -> None:
        (notice,) = derived(event("address_renumbering", address="東京都新宿区百人町9番"), before())
        assert (notice.state, notice.rule) == ("silent", "switch_off")

    @pytest.mark.parametrize("reason", CORRECTIONS)
    def test_a_correction_that_changes_no_noticed_item(self, derived: Derive, reason: str) -> None:
        (notice, *_) = derived(event(reason, common_name="別名", postal_code="1600022"), before())
        assert (notice.state, notice.rule) == ("silent", "nothing_changed")

    def test_a_change_of_what_the_category_never_carries_is_none(self, derived: Derive) -> None:
        old = before(resident_category="special_permanent", status_of_residence="", expiry_date="")
        found = event("error_correction", **{**old, "status_of_residence": "特別永住者", "history_number": "2"})
        (notice,) = derived(found, old)
        assert (notice.state, notice.rule) == ("silent", "nothing_changed")

    def test_a_silent_reason_that_changed_a_noticed_item_is_held(self, derived: Derive) -> None:
        (notice,) = derived(event("household_change", address="東京都新宿区百人町9番"), before())
        assert (notice.state, notice.rule, notice.fields) == (
            "held",
            "silent_reason_changes_items",
            ("address",),
        )

    def test_the_cancellation_of_a_silent_event(self, derived: Derive) -> None:
        found = event("cancellation_correction", cancels_history_number="1", cancelled_reason="household_split")
        (notice,) = derived(found, before())
        assert (notice.state, notice.rule) == ("silent", "original_silent")


class TestPlannedMoveOut:
    """A 転出 is noticed when its day comes, or at the earlier arrival notice (standard 1.1.5, 4.5.7)."""

    @pytest.mark.parametrize(
        ("event_date", "arrival", "state", "due"),
        [
            ("2019-04-10", "", "planned", date(2019, 4, 10)),
            ("2019-04-10", "2019-04-08", "planned", date(2019, 4, 8)),
            ("2019-04-10", "2019-04-12", "planned", date(2019, 4, 10)),
            ("2019-04-10", "2019-04-01", "due", DAY),
            ("2019-04-02", "", "due", DAY),
            ("2019-03-20", "", "due", DAY),
        ],
    )
    def test_due_day(self, derived: Derive, event_date: str, arrival: str, state: str, due: date) -> None:
        found = event("domestic_move_out", record_state="deleted", event_date=event_date, arrival_notice_date=arrival)
        (notice,) = derived(found, before())
        assert (notice.state, notice.due_date) == (state, due)
        assert notice.content["event_date"] == event_date

    def test_a_held_one_keeps_its_day(self, derived: Derive) -> None:
        found = event("domestic_move_out", record_state="deleted", event_date="2019-04-10", sex="9")
        (notice,) = derived(found, before())
        assert (notice.state, notice.due_date) == ("held", date(2019, 4, 10))

    def test_gives_no_residence_report(self, derived: Derive) -> None:
        found = event("domestic_move_out", record_state="deleted", card_presented="1")
        assert [notice.family for notice in derived(found, before())] == ["resident_records"]

    def test_an_arrival_notice_after_the_deletion_tells_nothing_new(self, derived: Derive) -> None:
        found = event("domestic_move_out", record_state="deleted", arrival_notice_date="2019-04-01")
        (notice,) = derived(found, None)
        assert (notice.state, notice.rule) == ("silent", "already_deleted")

    @pytest.mark.parametrize("reason", ["domestic_move_in", "death", "move_within"])
    def test_nothing_else_may_lie_ahead_of_its_processing(self, derived: Derive, reason: str) -> None:
        state = "deleted" if reason == "death" else "living"
        found = event(reason, record_state=state, event_date="2019-04-03", address="東京都新宿区百人町9番")
        (notice, *_) = derived(found, None if reason == "domestic_move_in" else before())
        assert (notice.state, notice.rule) == ("held", "future_event_date")


class TestCancellation:
    """A cancellation is a notice of its own that names its original."""

    def test_names_the_originals_notice(self, derived: Derive) -> None:
        (original,) = derived(event("domestic_move_out", record_state="deleted"), before())
        found = event(
            "cancellation_increase",
            history_number="3",
            cancels_history_number="2",
            cancelled_reason="domestic_move_out",
            cancelled_event_date="2019-04-02",
        )
        (notice,) = derived(found, None)
        assert (notice.state, notice.action, notice.cancels_history_number) == ("due", "cancellation", 2)
        assert notice.cancels == notice.content["cancels"] == original.notice_id
        assert (notice.content["cancelled_reason"], notice.content["cancelled_event_date"]) == ("", "")

    def test_names_reason_and_date_of_an_original_older_than_the_ledger(self, derived: Derive) -> None:
        found = event(
            "cancellation_decrease",
            record_state="deleted",
            cancels_history_number="1",
            cancelled_reason="domestic_move_in",
            cancelled_event_date="2014-05-01",
        )
        (notice,) = derived(found, before(), known=Known(original_in_ledger=False))
        assert (notice.state, notice.content["cancels"]) == ("due", "")
        assert notice.content["cancelled_reason"] == "domestic_move_in"
        assert notice.content["cancelled_event_date"] == "2014-05-01"

    @pytest.mark.parametrize("columns", [{}, {"cancelled_reason": "domestic_move_in"}])
    def test_is_held_when_it_names_nothing(self, derived: Derive, columns: dict[str, str]) -> None:
        (notice,) = derived(event("cancellation_decrease", record_state="deleted", **columns), before())
        assert (notice.state, notice.rule) == ("held", "cancellation_without_original")

    def test_is_held_when_it_names_itself(self, derived: Derive) -> None:
        (notice,) = derived(event("cancellation_correction", cancels_history_number="2"), before())
        assert (notice.state, notice.rule) == ("held", "cancellation_of_later_event")

    def test_gives_no_residence_report(self, derived: Derive) -> None:
        found = event("cancellation_correction", cancels_history_number="1", card_presented="1", filing_article="23")
        assert [notice.family for notice in derived(found, before())] == ["resident_records"]


class TestEcho:
    """Silent only if each noticed item it changed has the value that a notice taken in gave (contract §7)."""

    ORIGIN = {"origin": "agency_notice", "origin_notice_id": "ab" * 16}  # noqa: RUF012

    def test_what_the_notice_gave_is_not_sent_back(self, derived: Derive) -> None:
        found = event("ex_officio_correction", card_number="ZZ12345678ZZ", **self.ORIGIN)
        (notice,) = derived(found, before(), known=Known({"card_number": "ZZ12345678ZZ"}))
        assert (notice.state, notice.rule) == ("silent", "echo")

    @pytest.mark.parametrize("taken_in", [{"card_number": "YY12345678YY"}, {"expiry_date": "2021-06-30"}, {}])
    def test_anything_more_is_noticed(self, derived: Derive, taken_in: dict[str, str]) -> None:
        found = event("ex_officio_correction", card_number="ZZ12345678ZZ", **self.ORIGIN)
        (notice,) = derived(found, before(), known=Known(taken_in))
        assert (notice.state, notice.action) == ("due", "correction")

    def test_no_such_notice_is_held(self, derived: Derive) -> None:
        found = event("ex_officio_correction", card_number="ZZ12345678ZZ", **self.ORIGIN)
        (notice,) = derived(found, before())
        assert (notice.state, notice.rule) == ("held", "origin_notice_unknown")

    @pytest.mark.parametrize(("taken_in", "state"), [({"record_state": "deleted"}, "silent"), ({"sex": "2"}, "due")])
    def test_a_deletion_is_an_echo_of_a_loss_only(self, derived: Derive, taken_in: dict[str, str], state: str) -> None:
        found = event("ex_officio_deletion", record_state="deleted", **self.ORIGIN)
        (notice,) = derived(found, before(), known=Known(taken_in))
        assert notice.state == state

    def test_gives_no_residence_report(self, derived: Derive) -> None:
        found = event("move_within", address="東京都新宿区百人町9番", card_presented="1", **self.ORIGIN)
        assert len(derived(found, before())) == 1


class TestDoubleRegistration:
    """The deletion carries the kept person's reference."""

    def test_names_whom_is_kept(self, derived: Derive) -> None:
        found = event("double_registration", record_state="deleted", kept_registry_number="0000000009")
        (notice,) = derived(found, before())
        assert notice.content["kept"] == person_reference(KEYS.newest, WARD, "0000000009")

    @pytest.mark.parametrize(("kept", "rule"), [("", "kept_missing"), (REGISTRY_NUMBER, "kept_is_self")])
    def test_is_held_when_it_names_nobody_else(self, derived: Derive, kept: str, rule: str) -> None:
        found = event("double_registration", record_state="deleted", kept_registry_number=kept)
        (notice,) = derived(found, before())
        assert (notice.state, notice.rule) == ("held", rule)


class TestConflicts:
    """What contradicts itself is held for a person."""

    @pytest.mark.parametrize(
        ("reason", "state", "living_before", "rule"),
        [
            ("domestic_move_in", "deleted", False, "state_conflict"),
            ("death", "living", True, "state_conflict"),
            ("cancellation_increase", "deleted", False, "state_conflict"),
            ("domestic_move_in", "living", True, "already_living"),
            ("death", "deleted", False, "no_living_record"),
            ("error_correction", "living", False, "no_living_record"),
        ],
    )
    def test_state(self, derived: Derive, reason: str, state: str, living_before: bool, rule: str) -> None:
        found = event(reason, record_state=state, cancels_history_number="1")
        (notice,) = derived(found, before() if living_before else None)
        assert (notice.state, notice.rule) == ("held", rule)

    @pytest.mark.parametrize("reason", ["no_such_reason", ""])
    def test_an_unknown_reason(self, derived: Derive, reason: str) -> None:
        (notice,) = derived(event(reason), before())
        assert (notice.state, notice.rule, notice.fields[0]) == ("held", "unknown_reason", "event_reason")

    def test_a_processing_date_after_the_business_date(self, derived: Derive) -> None:
        (notice,) = derived(event("birth", processing_date="2019-04-03"))
        assert (notice.state, notice.rule) == ("held", "processing_after_business_date")
