"""The content of a record: what is not acceptable is told by a rule and columns, never by a value."""

import re
from datetime import date
from pathlib import Path

import pytest

from renkei.agency_file import content, content_findings
from renkei.schemas import Schemas
from tests.support.agency import ROOT
from tests.support.outbox import notice

SCHEMAS = Schemas(ROOT / "schemas")
SEALED_ON = date(2019, 3, 28)
NUMBER = "123456789018"  # of the form of a 個人番号; nobody's

BAD = [
    ({"reason": "no_such"}, "unknown_reason", ("reason",)),
    ({"action": "loss"}, "action_not_of_reason", ("action", "reason")),
    ({"action": "no_such"}, "action_not_of_reason", ("action", "reason")),
    ({"event_date": ""}, "required_missing", ("event_date",)),
    ({"event_date": "2019-02-29"}, "impossible_date", ("event_date",)),
    ({"event_date": "1899-12-31"}, "date_before_1900", ("event_date",)),
    ({"event_date": "2019-03-29"}, "date_in_future", ("event_date",)),
    ({"birth_date": "2019-03-29"}, "date_in_future", ("birth_date",)),
    ({"birth_date_before": "1899-01-01"}, "date_before_1900", ("birth_date_before",)),
    ({"birth_date": "1985-13-01"}, "impossible_date", ("birth_date",)),
    ({"expiry_date": "2022-04-31"}, "impossible_date", ("expiry_date",)),
    ({"landing_period_expiry": "tomorrow"}, "impossible_date", ("landing_period_expiry",)),
    ({"card_number": "AB1234567CD"}, "value_not_permitted", ("card_number",)),
    ({"card_number_before": "ab12345678cd"}, "value_not_permitted", ("card_number_before",)),
    ({"sex": "9"}, "value_not_permitted", ("sex",)),
    ({"period_of_stay_before": "5 years"}, "value_not_permitted", ("period_of_stay_before",)),
    ({"nationality": "XXX"}, "unknown_code", ("nationality",)),
    ({"status_of_residence_before": "短期滞在"}, "unknown_code", ("status_of_residence_before",)),
    ({"status_of_residence": "特定技能1号", "event_date": "2019-03-01"}, "unknown_code", ("status_of_residence",)),
    ({"resident_category": "king"}, "unknown_code", ("resident_category",)),
    ({"name_roman": "", "name_kanji": ""}, "required_missing", ("name_roman", "name_kanji")),
    ({"name_roman": "A" * 201}, "value_not_permitted", ("name_roman",)),
    ({"name_roman": "A\x00B"}, "control_character", ("name_roman",)),
    ({"name_kanji": "王\u2028"}, "control_character", ("name_kanji",)),
    ({"name_roman": "A\tB"}, "control_character", ("name_roman",)),
    ({"name_roman": f"A {NUMBER}"}, "forbidden_number", ("name_roman",)),
    ({"name_kanji": "1234 5678 9018"}, "forbidden_number", ("name_kanji",)),
]


@pytest.mark.parametrize(("values", "rule", "columns"), BAD)
def test_not_acceptable(values: dict[str, str], rule: str, columns: tuple[str, ...]) -> None:
    assert content_findings(notice(1, **values), SCHEMAS, SEALED_ON) == (rule, columns)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"event_date": "2019-03-28"},
        {"birth_date": "1985-02-30", "birth_date_before": "1985-02-30"},
        {"name_roman": "=HYPERLINK(1)"},
        {"name_roman": "", "name_kanji": "王偉"},
        {"status_of_residence": "投資・経営", "status_of_residence_before": "投資・経営", "event_date": "2015-01-01"},
        {"municipality": "somewhere"},
        {"action": "loss", "reason": "status_loss", "status_of_residence": "", "expiry_date": "", "card_number": ""},
    ],
)
def test_acceptable(values: dict[str, str]) -> None:
    assert content_findings(notice(1, **values), SCHEMAS, SEALED_ON) == ("", ())


def test_all_columns_that_break_a_rule_are_named() -> None:
    row = notice(1, reason="no_such", sex="9", nationality="XXX")
    assert content_findings(row, SCHEMAS, SEALED_ON) == ("unknown_reason", ("reason", "nationality", "sex"))


def test_the_dates_of_a_hostile_sender_do_not_stay_in_memory() -> None:
    schemas = Schemas(ROOT / "schemas")
    for day in range(1, 29):
        content_findings(notice(1, event_date=f"2018-02-{day:02}"), schemas, SEALED_ON)
    assert [name for name in schemas._read if "2018" in name] == []


def test_each_rule_stands_in_words_and_no_other_does() -> None:
    rows = {row["id"]: row for row in SCHEMAS.csv("rules/agency_content_rules.csv")}
    source = Path(content.__file__).read_text(encoding="utf-8")
    assert set(re.findall(r'yield "([a-z_0-9]+)"', source)) == rows.keys() == {rule for _, rule, _ in BAD}
    assert [row["id"] for row in rows.values() if not (row["ja"] and row["en"])] == []
