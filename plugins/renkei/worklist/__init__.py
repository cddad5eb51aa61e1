"""The clerk's worklist: the same lines as an Excel workbook, as CSV, and as confirmation sheets to print.

Contract: schemas/worklist/worklist-1.json. Software proposes, the mayor disposes: nothing here is entered by itself.
"""

from renkei.worklist.lines import Line, Person, Worklist
from renkei.worklist.sheets import sheets
from renkei.worklist.table import csv_bytes
from renkei.worklist.workbook import workbook_bytes
from renkei.worklist.write import write_once

__all__ = ["Line", "Person", "Worklist", "csv_bytes", "sheets", "workbook_bytes", "write_once"]
