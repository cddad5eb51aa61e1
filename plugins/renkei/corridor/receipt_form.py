"""What a receipt may look like, judged before a word of it is believed, kept or shown.

A receipt that is well signed can still be hostile: whoever holds the agency's server holds its key. So its size has a
bound by what it answers, every member a strict form (`exchange/layout-1/receipt.json`), and the few words that go on
into ledger, trail and report come from our own lists: a name of a person finds no place in it.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator

from renkei.clock import instant_of
from renkei.schemas import Schemas
from renkei.strict_json import strict_object

FAMILIES: Final = ("resident_records", "residence_reports", "certificates")
_LAYOUT: Final = "1"
_FRAME_BYTES: Final = 64 << 10
# An entry of a record is about 200 bytes; the longest, naming every item, well below this.
_RECORD_BYTES: Final = 4 << 10


def largest_receipt(records: int) -> int:
    """Return how many bytes, opened or sealed, a receipt for a file of so many records may have."""
    return _FRAME_BYTES + _RECORD_BYTES * records


def read_receipt(path: Path) -> Mapping[str, Any]:
    """Return the JSON object of an opened receipt; an empty one where it is none, or says a thing twice."""
    try:
        return strict_object(path.read_bytes())
    except ValueError:
        return {}


def form_fault(told: Mapping[str, Any], schemas: Schemas) -> str:
    """Return the member by which a receipt breaks its form, or an empty text; never a word of the receipt's own."""
    schema = schemas.table("exchange", _LAYOUT, "receipt")
    fault = next(Draft202012Validator(schema).iter_errors(told), None)
    if fault is not None:
        # The schema closes the top level, so that the first step of a path is a name of its own.
        return str(fault.absolute_path[0]) if fault.absolute_path else "members"
    if instant_of(told["received_at"]) is None:
        return "received_at"
    return _foreign_word(told, schemas)


def _foreign_word(told: Mapping[str, Any], schemas: Schemas) -> str:
    """Return the member that holds a name which none of our lists has."""
    items = {name for family in FAMILIES for name in schemas.fields("exchange", _LAYOUT, family)}
    if not all(items.issuperset(each["items"]) for each in told["records"]):
        return "records"
    totals = told["register_totals"]
    if totals is not None and not (
        _known(totals["by_category"], schemas, "resident_categories")
        and _known(totals["by_status"], schemas, "statuses_of_residence")
    ):
        return "register_totals"
    return ""


def _known(names: Iterable[str], schemas: Schemas, codes: str) -> bool:
    return set(names) <= schemas.codes(codes).keys()
