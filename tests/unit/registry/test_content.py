"""Content: which rows are held, and that our columns judge as frictionless does."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from frictionless import Resource
from frictionless import Schema as FrictionlessSchema
from hypothesis import given, settings
from hypothesis import strategies as st

from renkei.registry import Extract, Layout, compare_extract
from renkei.registry.content import holds_of, holds_of_file
from renkei.registry.layout import IMPOSSIBLE_DATE
from renkei.schemas import Schemas
from tests.support.extracts import SCHEMAS, ExtractBuilder, person

Opened = Callable[[Path], Extract]
ONE = "0000000001"

BAD_VALUES = [
    pytest.param("resident_category", "tourist", "value_not_permitted", id="a category that is none"),
    pytest.param("sex", "", "required_missing", id="no sex"),
    pytest.param("sex", "4", "value_not_permitted", id="a sex that is none"),
    pytest.param("nationality", "vnm", "value_not_permitted", id="a nationality in small letters"),
    pytest.param("card_number", "AB1234567CD", "value_not_permitted", id="a card number of seven digits"),
    pytest.param("period_of_stay", "5年", "value_not_permitted", id="a period in words"),
    pytest.param("name_roman", "A" * 201, "value_not_permitted", id="a name that is too long"),
    pytest.param("expiry_date", "2021-02-29", "impossible_date", id="29 February of a common year"),
    pytest.param("expiry_date", "20210630", "value_not_permitted", id="a date in another form"),
    pytest.param("birth_date", "1990-13-01", "impossible_date", id="a thirteenth month"),
    pytest.param("address", "", "required_missing", id="no address"),
]
ALLOWED = [
    pytest.param({"birth_date": "1961-02-29"}, id="born on a day that the calendar lacks"),
    pytest.param({"birth_date": "", "birth_date_wording": "昭和36年頃"}, id="a birth date in words"),
    pytest.param({"became_resident_date": "2019-02-30"}, id="a resident since a day that is none"),
    pytest.param({"name_roman": "", "name_kanji": "金𠮷"}, id="a kanji name alone"),
    pytest.param({"card_number": ""}, id="no card number"),
]


class TestHolds:
    @pytest.mark.parametrize(("column", "value", "rule"), BAD_VALUES)
    def test_an_event_is_held_for_its_content_and_the_file_is_not_refused(
        self, tmp_path: Path, yesterday: ExtractBuilder, opened: Opened, column: str, value: str, rule: str
    ) -> None:
        today = yesterday.next_day().event("0000000002", "death").event(ONE, "minor_correction", **{column: value})

        extract = opened(today.write(tmp_path))

        [hold] = extract.holds
        assert (hold.file, hold.line, hold.column, hold.rule) == ("events.csv", 3, column, rule)
        assert hold.registry_number == ONE
        assert ONE not in repr(hold)
        assert len(extract.events) == 2

    @pytest.mark.parametrize(("column", "value", "rule"), BAD_VALUES)
    def test_a_resident_is_held_where_the_row_differs(
        self, tmp_path: Path, yesterday: ExtractBuilder, opened: Opened, column: str, value: str, rule: str
    ) -> None:
        before = yesterday.write(tmp_path) / "residents.csv"
        today = opened(yesterday.next_day().change("0000000004", **{column: value}).write(tmp_path))

        [hold] = compare_extract(today, before, 12).holds

        assert (hold.file, hold.line, hold.column, hold.rule) == ("residents.csv", 5, column, rule)

    @pytest.mark.parametrize(("column", "value", "rule"), BAD_VALUES)
    def test_on_the_baseline_every_row_is_judged(
        self, tmp_path: Path, yesterday: ExtractBuilder, opened: Opened, column: str, value: str, rule: str
    ) -> None:
        baseline = opened(yesterday.change("0000000004", **{column: value}).write(tmp_path))

        [hold] = compare_extract(baseline, None).holds

        assert (hold.line, hold.column, hold.rule, hold.registry_number) == (5, column, rule, "0000000004")

    def test_what_was_wrong_yesterday_is_not_told_again(
        self, tmp_path: Path, yesterday: ExtractBuilder, opened: Opened
    ) -> None:
        before = yesterday.change(ONE, sex="4").write(tmp_path) / "residents.csv"

        assert compare_extract(opened(yesterday.next_day().write(tmp_path)), before, 12).holds == ()

    @pytest.mark.parametrize("fields", ALLOWED)
    def test_what_the_standard_allows_comes_through_unchanged(
        self, tmp_path: Path, yesterday: ExtractBuilder, opened: Opened, fields: dict[str, str]
    ) -> None:
        extract = opened(yesterday.next_day().event(ONE, "minor_correction", **fields).write(tmp_path))

        assert extract.holds == ()
        assert fields.items() <= extract.events[0].row.items()

    def test_a_handover_and_a_report(self, tmp_path: Path, today: ExtractBuilder, opened: Opened) -> None:
        today.handover("0000000001", article="99-9").report("0000000002", nationality="")

        holds = opened(today.write(tmp_path)).holds

        assert [(hold.file, hold.column, hold.rule) for hold in holds] == [
            ("certificates.csv", "article", "value_not_permitted"),
            ("residence_reports.csv", "nationality", "required_missing"),
        ]


CELLS = st.sampled_from(
    ["", "0", "1", "2", "4", "VNM", "vn", "2019-02-28", "20190228", "0403", "090", "AB12345678CD", "x" * 201, "留学"]
)


def leading_zero(value: str) -> bool:
    """Whether frictionless reads as a number what we hold: one number must have one spelling to compare bytes."""
    return value.isdigit() and value != "0" and value.startswith("0")


class TestFrictionless:
    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.dictionaries(st.sampled_from(list(person(ONE))), CELLS, max_size=4), min_size=1, max_size=4))
    def test_it_agrees_on_every_cell(self, changes: list[dict[str, str]]) -> None:
        schemas = Schemas(SCHEMAS)
        table = Layout.of(schemas, date(2019, 3, 28)).residents
        rows = [person(ONE) | change for change in changes]

        ours = {
            (number, hold.column)
            for number, row in enumerate(rows, 2)
            for hold in holds_of(table, row, number)
            # what the calendar says is ours alone: the Table Schema knows the form of a date only
            if hold.rule != IMPOSSIBLE_DATE and not (hold.column == "history_number" and leading_zero(row[hold.column]))
        }

        schema = dict(schemas.table("registry", "1", "residents")) | {"primaryKey": []}
        report = Resource(
            data=[list(table.names), *([row[name] for name in table.names] for row in rows)],
            schema=FrictionlessSchema.from_descriptor(schema),
        ).validate()
        found = report.flatten(["rowNumber", "fieldName"])
        assert ours == {(row, name) for row, name in found}


class TestChunks:
    def test_a_whole_file_is_judged_as_row_by_row(
        self, tmp_path: Path, yesterday: ExtractBuilder, layout: Layout
    ) -> None:
        yesterday.change(ONE, sex="4").change("0000000007", address="").change("0000000012", expiry_date="2021-02-30")
        path = yesterday.write(tmp_path) / "residents.csv"

        singly = [
            hold
            for line, row in enumerate(yesterday.residents.values(), 2)
            for hold in holds_of(layout.residents, row, line)
        ]

        assert holds_of_file(layout.residents, path) == singly
        assert len(singly) == 3
