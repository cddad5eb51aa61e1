"""Family b: the relay of a person's own report of the place of residence (domain §3)."""

from datetime import date

import pytest

from renkei.notices import Derived, derive_report, notice_id, person_reference
from renkei.schemas import Schemas
from tests.support.extracts import ExtractBuilder
from tests.support.notices import DAY, KEYS, REGISTRY_NUMBER, WARD, Derive, Row, before, event

NEW_ADDRESS = "東京都新宿区百人町9番"


def report(schemas: Schemas, **columns: str) -> Derived:
    row = ExtractBuilder(DAY).report("0000000077", **columns).reports[0]
    (notice,) = derive_report(Row(row), schemas=schemas, keys=KEYS, municipality=WARD, business_date=DAY)
    return notice


class TestWithAnEvent:
    """One visit usually gives two notices: the event, then the report."""

    def test_two_notices_from_one_visit_a_then_b(self, derived: Derive) -> None:
        found = event("move_within", address=NEW_ADDRESS, card_presented="1")
        record, relay = derived(found, before())
        assert [record.family, relay.family] == ["resident_records", "residence_reports"]
        assert relay.notice_id == notice_id(KEYS.newest, WARD, "residence_reports", REGISTRY_NUMBER, "2")
        expected = {
            "person_reference": record.person_reference,
            "history_number": "2",
            "article": "入管法19条の9",
            "legal_class": "immigration",
            "transmission": "relay",
            "report_date": "2019-04-02",
            "address": NEW_ADDRESS,
            "cancels": "",
        }
        assert {name: relay.content[name] for name in expected} == expected

    def test_none_without_the_card(self, derived: Derive) -> None:
        assert len(derived(event("move_within", address=NEW_ADDRESS), before())) == 1

    def test_none_without_a_filing(self, derived: Derive) -> None:
        found = event("ex_officio_correction", address=NEW_ADDRESS, card_presented="1")
        assert len(derived(found, before())) == 1

    def test_none_for_a_filing_that_reports_no_residence(self, derived: Derive) -> None:
        found = event("household_change", card_presented="1", filing_article="25", filing_date="2019-04-02")
        assert [notice.family for notice in derived(found, before())] == ["resident_records"]

    def test_is_made_though_the_event_is_held(self, derived: Derive) -> None:
        found = event("no_such_reason", card_presented="1", filing_article="23", filing_date="2019-04-02")
        assert [notice.state for notice in derived(found, before())] == ["held", "due"]

    @pytest.mark.parametrize(
        ("category", "filing", "acquired", "article"),
        [
            ("mid_to_long_term", "22", "landing", "入管法19条の7"),
            ("mid_to_long_term", "30-46", "landing", "入管法19条の7"),
            ("mid_to_long_term", "30-46", "status_change", "入管法19条の8"),
            ("mid_to_long_term", "30-47", "status_change", "入管法19条の8"),
            ("mid_to_long_term", "22", "", "入管法19条の9"),
            ("mid_to_long_term", "23", "", "入管法19条の9"),
            ("mid_to_long_term", "30-46", "", "入管法19条の9"),
            ("special_permanent", "30-47", "spr_permission", "特例法10条1項"),
            ("special_permanent", "22", "", "特例法10条2項"),
            ("special_permanent", "23", "", "特例法10条2項"),
        ],
    )
    def test_article_by_category_and_filing(
        self, derived: Derive, category: str, filing: str, acquired: str, article: str
    ) -> None:
        found = event(
            "domestic_move_in",
            resident_category=category,
            filing_article=filing,
            status_acquired_by=acquired,
            card_presented="1",
        )
        _, relay = derived(found)
        assert (relay.state, relay.content["article"]) == ("due", article)

    def test_a_filing_that_fits_no_article_is_held_not_lost(self, derived: Derive) -> None:
        found = event("domestic_move_in", status_acquired_by="spr_permission", card_presented="1")
        _, relay = derived(found)
        assert (relay.state, relay.rule) == ("held", "no_article")

    @pytest.mark.parametrize("category", ["temporary_refuge", "provisional_stay", "birth_transitional"])
    def test_none_for_categories_without_a_card(self, derived: Derive, category: str) -> None:
        found = event("domestic_move_in", resident_category=category, card_presented="1")
        assert [notice.family for notice in derived(found)] == ["resident_records"]


class TestWithoutAnEvent:
    """residence_reports.csv: the card brought later, and subjects ② who have no resident record here."""

    def test_subject_without_a_resident_record(self, schemas: Schemas) -> None:
        notice = report(schemas)
        assert notice.notice_id == notice_id(KEYS.newest, WARD, "residence_reports", "0000000077")
        assert (notice.state, notice.registry_number, notice.own_number) == ("due", None, "0000000077")
        assert (notice.content["person_reference"], notice.content["history_number"]) == ("", "")
        assert notice.content["article"] == "特例法10条2項"

    def test_the_card_brought_days_later_names_its_event(self, schemas: Schemas) -> None:
        notice = report(
            schemas,
            registry_number=REGISTRY_NUMBER,
            history_number="2",
            resident_category="mid_to_long_term",
            filing_article="23",
        )
        assert (notice.state, notice.history_number, notice.due_date) == ("due", 2, DAY)
        assert notice.content["person_reference"] == person_reference(KEYS.newest, WARD, REGISTRY_NUMBER)
        assert (notice.content["history_number"], notice.content["article"]) == ("2", "入管法19条の9")

    def test_only_special_permanent_residents_live_here_without_a_record(self, schemas: Schemas) -> None:
        notice = report(schemas, resident_category="mid_to_long_term", filing_article="23")
        assert (notice.state, notice.rule) == ("held", "no_resident_record")

    def test_one_that_the_law_does_not_know_is_held_not_lost(self, schemas: Schemas) -> None:
        notice = report(schemas, resident_category="provisional_stay")
        assert (notice.state, notice.rule) == ("held", "no_article")

    @pytest.mark.parametrize(
        ("columns", "rule"),
        [
            ({"report_date": "2019-02-29"}, "impossible_date"),
            ({"report_date": "2019-04-03"}, "future_event_date"),
            ({"name_roman": ""}, "required_missing"),
            ({"name_kanji": "髙木"}, "outside_repertoire"),
            ({"nationality": "QQQ"}, "unknown_code"),
        ],
    )
    def test_held_by_content(self, schemas: Schemas, columns: dict[str, str], rule: str) -> None:
        notice = report(schemas, **columns)
        assert (notice.state, notice.rule) == ("held", rule)

    def test_the_article_is_that_of_the_day_of_the_report(self, schemas: Schemas) -> None:
        notice = report(schemas, report_date="2012-07-08")
        assert (notice.state, notice.rule) == ("held", "no_article")
        assert notice.due_date == date(2019, 4, 2)
