"""The worklist as CSV: UTF-8 with a BOM, titles as header, no value that a spreadsheet takes for a formula."""

from typing import Final

from renkei.csv_form import join
from renkei.schemas import Schemas
from renkei.worklist.lines import Worklist, fields_of

_BOM: Final = b"\xef\xbb\xbf"
_FORMULA: Final = tuple("=+-@\t\r")


def csv_bytes(worklist: Worklist, schemas: Schemas) -> bytes:
    """Return the file; equal lists are equal bytes."""
    fields = fields_of(schemas)
    rows = [[str(field["title"]) for field in fields]]
    for number, line in enumerate(worklist.lines, 1):
        values = line.values(number)
        rows.append([harmless(values[str(field["name"])]) for field in fields])
    return _BOM + "".join(f"{join(row)}\n" for row in rows).encode("utf-8")


def harmless(value: str) -> str:
    """Return a value that no spreadsheet runs: an apostrophe before = + - @ TAB and CR."""
    return f"'{value}" if value.startswith(_FORMULA) else value
