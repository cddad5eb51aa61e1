"""The worklist as an Excel workbook: text cells only, so that nothing in it is ever computed."""

import io
from datetime import datetime, time
from typing import Final

import xlsxwriter

from renkei.clock import TOKYO, wareki
from renkei.schemas import Schemas
from renkei.worklist.lines import Worklist, fields_of
from renkei.worklist.texts import said

_WIDTHS: Final = {
    "proposal": 8,
    "class": 16,
    "prepared": 8,
    "notice_id": 34,
    "reason": 24,
    "event_date": 12,
    "registry_number": 14,
    "candidates": 24,
    "items": 30,
    "item_names": 30,
    "now": 36,
    "told": 36,
    "evidence": 48,
    "to_do": 48,
    "since": 12,
}
_WIDTH: Final = 10
_HEAD_ROW: Final = 2
"""Two lines above the header: which day, and which list this one replaces."""


def workbook_bytes(worklist: Worklist, schemas: Schemas) -> bytes:
    """Return the workbook; equal lists are equal bytes, whenever they are made."""
    fields, out = fields_of(schemas), io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        # Not the moment of writing: the same list must give the same bytes.
        made = datetime.combine(worklist.business_date, time(), TOKYO).replace(tzinfo=None)
        book.set_properties({"title": worklist.name, "created": made})
        text = {"num_format": "@", "quote_prefix": True, "valign": "top", "text_wrap": True, "border": 1}
        plain, marked = book.add_format(text), book.add_format({**text, "bg_color": "#FFE8CC"})
        head = book.add_format({"bold": True, "num_format": "@", "bg_color": "#DDE6F0", "border": 1, "text_wrap": True})
        title = book.add_format({"bold": True, "num_format": "@", "quote_prefix": True})
        sheet = book.add_worksheet(said("title").ja)
        sheet.write_string(0, 0, f"{said('title').ja} {wareki(worklist.business_date)}({worklist.name})", title)
        amends = said("amends", name=worklist.amends).ja if worklist.amends else said("first").ja
        sheet.write_string(1, 0, amends, title)
        for column, field in enumerate(fields):
            sheet.set_column(column, column, _WIDTHS.get(str(field["name"]), _WIDTH))
            sheet.write_string(_HEAD_ROW, column, str(field["title"]), head)
        for number, line in enumerate(worklist.lines, 1):
            values = line.values(number)
            cell = marked if line.person and line.person.protected else plain
            for column, field in enumerate(fields):
                sheet.write_string(_HEAD_ROW + number, column, values[str(field["name"])], cell)
        sheet.freeze_panes(_HEAD_ROW + 1, 1)
        sheet.autofilter(_HEAD_ROW, 0, _HEAD_ROW + max(len(worklist.lines), 1), len(fields) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.repeat_rows(_HEAD_ROW)
        sheet.fit_to_pages(1, 0)
    return out.getvalue()
