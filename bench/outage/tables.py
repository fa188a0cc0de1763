# SPDX-License-Identifier: GPL-2.0
"""The page's table, in Markdown."""

from collections.abc import Iterator
from statistics import median

from outage.figures import (
    COLUMN_TITLES,
    COLUMNS,
    ENDING_TITLES,
    ENDINGS,
    ENTRIES,
    ENTRY_TITLES,
    IMPOSSIBLE,
    Figures,
)
from page.tables import table

NOT_MEASURED = "not measured"


def of_outages(figures: Figures) -> str:
    """Median and worst, and of how many trials."""
    head = ("", *(COLUMN_TITLES[column] for column in COLUMNS))
    return table(head, _rows(figures))


def _rows(figures: Figures) -> Iterator[list[str]]:
    for ending in ENDINGS:
        for entry in ENTRIES:
            cells = [cell(figures, ending, column, entry) for column in COLUMNS]
            yield [f"{ENDING_TITLES[ending]}; {ENTRY_TITLES[entry]}", *cells]


def cell(figures: Figures, ending: str, column: str, entry: str) -> str:
    outages = figures.outages(ending, column, entry)
    if not outages:
        return IMPOSSIBLE.get((ending, column), NOT_MEASURED)
    return f"{median(outages):.2f} s, {max(outages):.2f} s ({len(outages)})"
