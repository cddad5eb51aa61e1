"""Data, not code, changes on a date: an edit of a rule file shows in what the agency is told."""

from datetime import date
from pathlib import Path

import pytest

from renkei.schemas import Schemas
from tests.support.notices import Derive, before, edit, event

MOVED = "東京都新宿区百人町9番"


def test_a_reason_switched_off_makes_no_notice(derived: Derive, own_schemas: Path) -> None:
    passage = 'ja = "転居"\naction = "correction"\nnotice = '
    edit(
        own_schemas / "rules" / "event_reasons.toml",
        passage + "true",
        passage + 'false\nsilent_because = "switch_off"\nmay_change = ["address"]',
    )
    found = event("move_within", address=MOVED)
    assert derived(found, before())[0].state == "due"
    (notice,) = derived(found, before(), rules=Schemas(own_schemas))
    assert (notice.state, notice.rule) == ("silent", "switch_off")


def test_renumbering_switched_on_is_noticed(derived: Derive, own_schemas: Path) -> None:
    passage = 'ja = "軽微な修正(住所一括変更)"\naction = "correction"\nnotice = '
    edit(own_schemas / "rules" / "event_reasons.toml", passage + "false", passage + "true")
    (notice,) = derived(event("address_renumbering", address=MOVED), before(), rules=Schemas(own_schemas))
    assert (notice.state, notice.content["address"]) == ("due", MOVED)


@pytest.mark.parametrize(
    ("event_date", "article"), [("2019-03-31", "入管法61条の8の2"), ("2019-04-01", "入管法61条の9の2")]
)
def test_an_article_renumbered_from_a_date(derived: Derive, own_schemas: Path, event_date: str, article: str) -> None:
    edit(
        own_schemas / "rules" / "articles.toml",
        'cite = "入管法61条の8の2"\nvalid_from = 2012-07-09',
        'cite = "入管法61条の8の2"\nvalid_from = 2012-07-09\nvalid_to = 2019-04-01\n'
        '[[resident_records.article]]\ncite = "入管法61条の9の2"\nvalid_from = 2019-04-01',
    )
    (notice,) = derived(event("birth", event_date=event_date), rules=Schemas(own_schemas))
    assert notice.content["article"] == article


def test_a_reports_article_renumbered_from_a_date(derived: Derive, own_schemas: Path) -> None:
    edit(own_schemas / "rules" / "articles.toml", "入管法19条の9", "入管法19条の10")
    found = event("move_within", address=MOVED, card_presented="1")
    _, relay = derived(found, before(), rules=Schemas(own_schemas))
    assert relay.content["article"] == "入管法19条の10"


def test_a_reason_before_its_first_day_is_held(derived: Derive) -> None:
    (notice,) = derived(event("birth", event_date="2012-07-08"))
    assert (notice.state, notice.rule) == ("held", "unknown_reason")


def test_an_undated_event_goes_by_the_business_date(derived: Derive, own_schemas: Path) -> None:
    edit(
        own_schemas / "rules" / "articles.toml",
        'cite = "入管法61条の8の2"\nvalid_from = 2012-07-09',
        'cite = "入管法61条の8の2"\nvalid_from = 2019-04-02',
    )
    found = event("death", record_state="deleted", event_date="", event_date_wording="年月日不詳")
    (notice,) = derived(found, before(), rules=Schemas(own_schemas))
    assert notice.state == "due"


def test_an_item_of_the_layout_is_sent_without_a_change_of_code(derived: Derive, own_schemas: Path) -> None:
    edit(
        own_schemas / "exchange" / "layout-1" / "resident_records.json",
        '"name": "kept",',
        '"name": "common_name", "type": "string"},\n    {"name": "kept",',
    )
    edit(own_schemas / "rules" / "items.toml", "noticed_items = [", 'noticed_items = ["common_name", ')
    passage = 'ja = "通称の記載"\naction = "correction"\nnotice = '
    edit(own_schemas / "rules" / "event_reasons.toml", passage + "false", passage + "true")
    (notice,) = derived(event("common_name_entry", common_name="山田"), before(), rules=Schemas(own_schemas))
    assert (notice.state, notice.content["common_name"]) == ("due", "山田")


def test_a_layout_holds_by_business_date(derived: Derive, own_schemas: Path) -> None:
    (own_schemas / "layouts.toml").write_text(
        '[[exchange]]\nversion = "1"\nvalid_from = 2012-07-09\nvalid_to = 2019-04-03\n'
        '[[exchange]]\nversion = "2"\nvalid_from = 2019-04-03\n',
        encoding="utf-8",
    )
    folder = own_schemas / "exchange"
    (folder / "layout-2").mkdir()
    for file in (folder / "layout-1").iterdir():
        (folder / "layout-2" / file.name).write_bytes(file.read_bytes())
    edit(folder / "layout-2" / "resident_records.json", '"maxLength": 40', '"maxLength": 1')
    rules = Schemas(own_schemas)
    assert derived(event("birth"), rules=rules)[0].state == "due"
    assert derived(event("birth"), rules=rules, day=date(2019, 4, 3))[0].rule == "value_not_permitted"
