"""Family c: a special permanent resident certificate was handed over."""

import pytest

from renkei.notices import Derived, derive_handover, notice_id, person_reference
from renkei.schemas import Schemas
from tests.support.extracts import ExtractBuilder
from tests.support.notices import DAY, KEYS, REGISTRY_NUMBER, WARD, Row


def handover(schemas: Schemas, **columns: str) -> Derived:
    row = ExtractBuilder(DAY).handover("0000000088", **columns).handovers[0]
    (notice,) = derive_handover(Row(row), schemas=schemas, keys=KEYS, municipality=WARD, business_date=DAY)
    return notice


@pytest.mark.parametrize(
    ("code", "cite"),
    [
        ("7-2", "特例法7条2項"),
        ("11-2", "特例法11条2項"),
        ("12-3", "特例法12条3項"),
        ("13-2", "特例法13条2項"),
        ("14-4", "特例法14条4項"),
    ],
)
def test_article(schemas: Schemas, code: str, cite: str) -> None:
    notice = handover(schemas, article=code)
    assert (notice.state, notice.content["article"]) == ("due", cite)
    assert notice.notice_id == notice_id(KEYS.newest, WARD, "certificates", "SP00000088AA", code)


def test_says_issue_date_and_number_and_nothing_else(schemas: Schemas) -> None:
    notice = handover(schemas, registry_number=REGISTRY_NUMBER)
    assert notice.content == {
        "notice_id": notice.notice_id,
        "business_date": "2019-04-02",
        "person_reference": person_reference(KEYS.newest, WARD, REGISTRY_NUMBER),
        "article": "特例法7条2項",
        "legal_class": "immigration",
        "transmission": "notice",
        "issue_date": "2019-04-02",
        "certificate_number": "SP00000088AA",
    }


def test_subject_without_a_resident_record(schemas: Schemas) -> None:
    notice = handover(schemas)
    assert (notice.state, notice.registry_number, notice.content["person_reference"]) == ("due", None, "")
    assert notice.own_number == "0000000088"


@pytest.mark.parametrize(
    ("columns", "rule"),
    [
        ({"article": "99-9"}, "no_article"),
        ({"issue_date": "2019-02-29"}, "impossible_date"),
        ({"issue_date": "2019-04-03"}, "future_event_date"),
        ({"certificate_number": "12345678"}, "value_not_permitted"),
    ],
)
def test_held_by_content(schemas: Schemas, columns: dict[str, str], rule: str) -> None:
    notice = handover(schemas, **columns)
    assert (notice.state, notice.rule) == ("held", rule)
