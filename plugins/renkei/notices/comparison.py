"""What an event changed of what the agency is told: the test for corrections and for echoes (contract §7)."""

from collections.abc import Mapping
from datetime import date

from renkei.notices.characters import carry
from renkei.schemas import Schemas

RECORD_STATE = "record_state"


def told_values(record: Mapping[str, str], schemas: Schemas, items: tuple[str, ...] | None = None) -> dict[str, str]:
    """Return the items of a record as a notice would tell them: empty what its category never carries."""
    rules = schemas.items
    never = rules.never(record.get("resident_category", ""))
    names = rules.noticed_items if items is None else items
    return {name: "" if name in never else record.get(name, "") for name in names}


def changed_items(before: Mapping[str, str] | None, after: Mapping[str, str], schemas: Schemas) -> tuple[str, ...]:
    """Return the noticed items whose told value differs; from None, every item that has a value."""
    rules = schemas.items
    old: Mapping[str, str] = {} if before is None else before
    never, never_old = (rules.never(record.get("resident_category", "")) for record in (after, old))
    return tuple(
        name
        for name in rules.noticed_items
        if ("" if name in never else after.get(name, "")) != ("" if name in never_old else old.get(name, ""))
    )


def register_values(record: Mapping[str, str], schemas: Schemas, on: date) -> dict[str, str]:
    """Return what the agency's register must hold for a living record: told items, replacements applied."""
    items = schemas.items
    values = told_values(record, schemas, items.register_items)
    return {
        name: carry(value, schemas, on).text if name in items.text_items else value for name, value in values.items()
    }


def is_echo(
    row: Mapping[str, str], before: Mapping[str, str] | None, taken_in: Mapping[str, str], schemas: Schemas
) -> bool:
    """Tell whether an event changed nothing but what a notice taken in for the person gave.

    `taken_in`: item → value; a deletion (or an entry) is an echo only if it gave that `record_state`.
    """
    state = row.get(RECORD_STATE, "")
    was_living = before is not None
    if was_living != (state == "living") and taken_in.get(RECORD_STATE) != state:
        return False
    changed = changed_items(before, row, schemas)
    return all(item in taken_in and taken_in[item] == row.get(item, "") for item in changed)
