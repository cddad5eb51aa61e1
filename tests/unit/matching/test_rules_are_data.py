"""Every rule by which the matching decides stands in rules/matching_rules.csv, in words; no other does."""

import re
from pathlib import Path

import renkei
from tests.unit.matching.wards import SCHEMAS

LIBRARY = Path(renkei.__file__).parent
FILES = [*LIBRARY.glob("matching/*.py"), *LIBRARY.glob("corridor/agency_*.py")]
ROWS = {row["id"]: row for row in SCHEMAS.csv("rules/matching_rules.csv")}
CLASSES = SCHEMAS.codes("agency_notice_classes")


def named() -> set[str]:
    """The ids that the code names."""
    texts = "".join(path.read_text(encoding="utf-8") for path in FILES)
    return set(re.findall(r'"([a-z_]+)"', texts)) & (ROWS.keys() | {"weak", "own"})


def test_every_rule_is_named_or_chosen_by_an_event_reason() -> None:
    assert ROWS.keys() - named() == {row["id"] for row in ROWS.values() if row["event_reasons"]} - named()


def test_every_rule_has_both_sentences() -> None:
    assert [row["id"] for row in ROWS.values() if not (row["ja"] and row["en"])] == []


def test_every_deletion_of_the_event_reasons_tells_how_the_record_ended() -> None:
    known = {reason for row in ROWS.values() for reason in row["event_reasons"].split("|")}
    reasons = SCHEMAS.toml("rules/event_reasons.toml")["reason"]
    ends = {each["code"] for each in reasons if each["action"] == "deletion" or each.get("leaves") == "deleted"}
    assert ends <= known


def test_every_class_that_is_not_final_stays_open() -> None:
    assert {code for code, row in CLASSES.items() if row["final"] == "0"} == {"waits_for_us"}
    assert {code for code, row in CLASSES.items() if row["open"] == "1"} == {
        "to_apply",
        "conflict",
        "not_found",
        "waits_for_us",
    }
