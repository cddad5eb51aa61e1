"""One notice in the making: the row of `agency_notices`, whom it is about, and which class the ward should find."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mock_agency.errors import SiteError
from mock_agency.schemas import LAYOUT, Schemas

BEFORE: Final = "_before"
LOSS: Final = "loss"
LOST: Final = ("status_of_residence", "period_of_stay", "expiry_date", "card_number")
"""What is empty after a loss (schemas/README.md)."""
IDENTITY: Final = ("name_roman", "name_kanji", "birth_date", "birth_date_wording", "sex", "nationality")
Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Draft:
    """A row without its numbers; `person` is a reference of the register, empty for nobody in it.

    `changes`: the agency's own register changes with it; a notice made in error changes nothing. `kind` names what the
    scenario made, `expected` the class of `codes/agency_notice_classes.csv` that is right for it, if one is known.
    """

    row: Row = field(repr=False)
    person: str = ""
    kind: str = "sent"
    expected: str = ""
    changes: bool = True


class Form:
    """The columns of `agency_notices` and what the code lists say of its rows."""

    def __init__(self, schemas: Schemas) -> None:
        self.table = schemas.table(f"exchange/layout-{LAYOUT}/agency_notices.json")
        self.columns: tuple[str, ...] = tuple(entry["name"] for entry in self.table["fields"])
        self.items: tuple[str, ...] = tuple(name for name in self.columns if f"{name}{BEFORE}" in self.columns)
        self._actions = {entry["code"]: entry["action"] for entry in schemas.codes("agency_notice_reasons") or []}

    def about(
        self, values: Mapping[str, str], reason: str, event_date: str, after: Mapping[str, str] | None = None
    ) -> Row:
        """Return the row for somebody with these register items: those in `after` change, the others stay."""
        row = {"reason": reason, "action": self._actions.get(reason, ""), "event_date": event_date}
        lost = dict.fromkeys(LOST, "") if row["action"] == LOSS else {}
        changed = lost | dict(after or {})
        for item in self.items:
            row[f"{item}{BEFORE}"] = values.get(item, "")
            row[item] = changed.get(item, values.get(item, ""))
        return row

    def complete(self, row: Row, municipality: str, number: int, notice_id: str) -> Row:
        """Return all columns of a row: its number, and what it leaves open of identity, addressee and action."""
        known = {
            "notice_id": notice_id,
            "attempt": "1",
            "municipality": municipality,
            "action": self._actions.get(row.get("reason", ""), ""),
        }
        made = {name: row.get(name) or known.get(name, "") for name in self.columns}
        return made | {"record_number": str(number)}

    def told(self, row: Mapping[str, str]) -> dict[str, tuple[str, str]]:
        """Return the items whose value changed: before and after."""
        pairs = {item: (row.get(f"{item}{BEFORE}", ""), row.get(item, "")) for item in self.items}
        return {item: pair for item, pair in pairs.items() if pair[0] != pair[1]}

    def read(self, path: Path, *, changes: bool) -> Iterator[Draft]:
        """Read rows from a CSV file: columns of `agency_notices` but the number, and `expected` if one likes."""
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            unknown = set(reader.fieldnames or ()) - set(self.columns) - {"expected"}
            if unknown or "record_number" in (reader.fieldnames or ()):
                raise SiteError(f"{path.name}: columns are those of agency_notices without record_number, and expected")
            for row in reader:
                values = {name: value for name, value in row.items() if isinstance(value, str)}
                yield Draft(values, expected=values.pop("expected", ""), changes=changes)
