"""Residents by category and by status of residence, carried from day to day by the lines that differ."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from renkei.csv_form import split
from renkei.registry.extract import Comparison
from renkei.registry.form import whole_lines
from renkei.registry.layout import Layout

CATEGORY = "resident_category"
STATUS = "status_of_residence"
UNKNOWN = "unknown"
"""Counts what no code list has: a slip of the registry may put a name there, and totals leave the house."""


@dataclass(frozen=True, slots=True)
class Totals:
    """How many persons have a living record, in all, by resident category and by status of residence."""

    residents: int
    by_category: Mapping[str, int]
    by_status: Mapping[str, int]


def totals(comparison: Comparison, layout: Layout, yesterday: Totals | None = None) -> Totals:
    """Return today's totals: yesterday's and the differences, or a full count on the baseline."""
    categories, states = Counter[str](), Counter[str]()
    category, status = layout.residents.position(CATEGORY), layout.residents.position(STATUS)
    known = layout.residents.columns[category].enum or frozenset()

    def count(line: str, by: int) -> None:
        values = split(line) or ()
        categories[values[category] if values[category] in known else UNKNOWN] += by
        states[values[status] if values[status] in layout.statuses or not values[status] else UNKNOWN] += by

    if comparison.before is None or yesterday is None:
        for _, block in whole_lines(comparison.after):
            for text in block.decode("utf-8").split("\n")[:-1]:
                count(text, 1)
    else:
        categories.update(yesterday.by_category)
        states.update(yesterday.by_status)
        for each in comparison.differences:
            for line, by in ((each.before, -1), (each.after, 1)):
                if line is not None:
                    count(line.decode("utf-8").rstrip("\n"), by)
    return Totals(
        comparison.rows_after,
        {name: number for name, number in sorted(categories.items()) if number},
        {name: number for name, number in sorted(states.items()) if number and name},
    )
