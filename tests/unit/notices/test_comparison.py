"""What an event changed of what the agency is told, and what its register must hold."""

from pathlib import Path

from renkei.notices import changed_items, is_echo, register_values
from renkei.schemas import Schemas
from tests.support.notices import DAY, append_row, before


def test_names_the_noticed_items_that_differ(schemas: Schemas) -> None:
    after = before(address="東京都新宿区百人町9番", sex="3", postal_code="1600022", common_name="別名")
    assert changed_items(before(), after, schemas) == ("sex", "address")


def test_from_nothing_every_item_that_has_a_value(schemas: Schemas) -> None:
    assert "card_number" in changed_items(None, before(), schemas)
    assert "landing_period_expiry" not in changed_items(None, before(), schemas)


def test_a_change_of_category_shows_in_the_items_it_takes_away(schemas: Schemas) -> None:
    changed = changed_items(before(), before(resident_category="special_permanent"), schemas)
    assert changed == ("resident_category", "status_of_residence", "period_of_stay", "expiry_date")


def test_an_echo_has_the_value_of_the_notice_in_every_item_it_changed(schemas: Schemas) -> None:
    row = before(status_of_residence="永住者", period_of_stay="0000", expiry_date="") | {"record_state": "living"}
    taken_in = {"status_of_residence": "永住者", "period_of_stay": "0000", "expiry_date": ""}
    assert is_echo(row, before(), taken_in, schemas)
    assert not is_echo(row, before(), taken_in | {"expiry_date": "2021-06-30"}, schemas)
    assert not is_echo(row | {"sex": "3"}, before(), taken_in, schemas)


def test_the_register_holds_what_was_told_not_what_the_registry_wrote(own_schemas: Path) -> None:
    append_row(own_schemas / "codes" / "kanji_replacements.csv", "U+9AD9", "U+9AD8", "", "", "test")
    row = before(name_kanji="髙木", resident_category="special_permanent", status_of_residence="特別永住者")
    values = register_values(row, Schemas(own_schemas), DAY)
    assert (values["name_kanji"], values["status_of_residence"]) == ("高木", "")
    assert not {"registry_number", "common_name", "history_number"} & values.keys()
