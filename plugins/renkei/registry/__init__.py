"""Read and prove a day's extract of the ward's registry; compare two days.

The way of a day: `find_extract`, `open_extract`, `check_cut_off` (and `check_correction`), `compare_extract`,
`prove`, `check_volume`, `totals`.
"""

from renkei.registry.cards import sharing_a_card
from renkei.registry.compare import Difference
from renkei.registry.correction import check_correction
from renkei.registry.extract import Comparison, Extract, compare_extract, open_extract, row_of
from renkei.registry.layout import Layout
from renkei.registry.manifest import (
    Manifest,
    check_cut_off,
    extract_name,
    find_extract,
    find_read_extract,
    read_manifest,
)
from renkei.registry.parts import differences
from renkei.registry.proof import KnownState, OpenDifference, Proof, check_volume, prove
from renkei.registry.rows import Event, Handover, Hold, Report
from renkei.registry.search import Residents
from renkei.registry.totals import Totals, totals

__all__ = [
    "Comparison",
    "Difference",
    "Event",
    "Extract",
    "Handover",
    "Hold",
    "KnownState",
    "Layout",
    "Manifest",
    "OpenDifference",
    "Proof",
    "Report",
    "Residents",
    "Totals",
    "check_correction",
    "check_cut_off",
    "check_volume",
    "compare_extract",
    "differences",
    "extract_name",
    "find_extract",
    "find_read_extract",
    "open_extract",
    "prove",
    "read_manifest",
    "row_of",
    "sharing_a_card",
    "totals",
]
