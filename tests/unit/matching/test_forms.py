"""Copies for comparing: width, spaces, case and the forms of one table; nothing else is evened out."""

from datetime import date
from pathlib import Path

import pytest

from renkei.errors import SchemasUnreadable
from renkei.matching import Forms
from renkei.schemas import Schemas
from tests.unit.matching.wards import DAY, FORMS, SCHEMAS


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("KIM MINSU", "kim  minsu"),
        ("KIM MINSU", "\uff2b\uff29\uff2d \uff2d\uff29\uff2e\uff33\uff35"),
        ("KIM MINSU", "KIM\u3000MINSU"),
        ("KIM MINSU", "KIMMINSU "),
        ("ガルシア", "\uff76\uff9e\uff99\uff7c\uff71"),
        ("张 伟", "張伟"),
        ("陈", "陳"),
        ("塚", "\ufa10"),
    ],
)
def test_equal_when_compared(one: str, other: str) -> None:
    assert FORMS.compared(one) == FORMS.compared(other)


@pytest.mark.parametrize(
    ("one", "other"), [("刘", "劉"), ("髙", "高"), ("KIM", "KIN"), ("O'NEIL", "ONEIL"), ("吴", "呉")]
)
def test_different_when_no_table_says_otherwise(one: str, other: str) -> None:
    assert FORMS.compared(one) != FORMS.compared(other)


def test_the_table_holds_from_its_day_on() -> None:
    assert Forms(SCHEMAS, date(2012, 7, 8)).compared("张") == "张"
    assert Forms(SCHEMAS, DAY).compared("张") == "張"


def test_words_keep_their_order() -> None:
    assert FORMS.words(" Kim Min\tSu ") == ("kim", "min", "su")


def test_a_table_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "codes").mkdir()
    header = "from,to,valid_from,valid_to,source\n"
    (tmp_path / "codes" / "kanji_replacements.csv").write_text(header)
    (tmp_path / "codes" / "matching_forms.csv").write_text(header + "U+ZZ,U+5F35,,,D\n")
    with pytest.raises(SchemasUnreadable) as refused:
        Forms(Schemas(tmp_path), DAY)
    assert refused.value.refs == {"file": "codes/matching_forms.csv"}
