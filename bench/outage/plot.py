# SPDX-License-Identifier: GPL-2.0
"""The plot: a dot for each trial."""

from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from outage.figures import (
    BOTH,
    COLUMN_TITLES,
    COLUMNS,
    CONFIRMED,
    ENDING_TITLES,
    ENDINGS,
    ENTRIES,
    ENTRY_TITLES,
    OURS,
    STOCK,
    C,
    Figures,
)

COLOURS = {C: "tab:red", STOCK: "tab:cyan", OURS: "tab:blue"}
MARKERS = {BOTH: "o", CONFIRMED: "^"}
# Between the lines of one ending, which are a unit apart from those of the next.
LINE = 0.25
# Seconds.
LEAST, MOST = 0.005, 100


def draw(figures: Figures, file: Path) -> None:
    # The same figures make the same file.
    mpl.use("svg")
    mpl.rcParams |= {"svg.hashsalt": "anycast6", "svg.fonttype": "none", "font.size": 8}
    sheet, panel = pyplot.subplots(figsize=(9, 4.2), layout="constrained")
    endings = [ending for ending in ENDINGS if any(figures.all(ending, c) for c in COLUMNS)]
    for place, ending in enumerate(endings):
        for line, column in enumerate(COLUMNS):
            _trials(panel, figures, ending, column, place + (line - 1) * LINE)
    _axes(panel, [ENDING_TITLES[ending] for ending in endings])
    sheet.legend(handles=_legend(), loc="outside lower center", ncols=3)
    sheet.savefig(file, metadata={"Date": None})
    pyplot.close(sheet)


def _trials(panel: Axes, figures: Figures, ending: str, column: str, place: float) -> None:
    for entry in ENTRIES:
        outages = figures.outages(ending, column, entry)
        options = {"color": COLOURS[column], "marker": MARKERS[entry], "alpha": 0.5}
        panel.plot(outages, [place] * len(outages), linestyle="", markersize=5, **options)


def _axes(panel: Axes, titles: list[str]) -> None:
    panel.set_xscale("log")
    panel.set_xlim(LEAST, MOST)
    ticks = (0.01, 0.1, 1, 10, 100)
    panel.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    panel.set_yticks(range(len(titles)), titles)
    panel.set_ylim(len(titles) - 0.5, -0.5)
    panel.grid(visible=True, axis="x", alpha=0.3)
    panel.set_xlabel("seconds without an answer")
    for between in range(1, len(titles)):
        panel.axhline(between - 0.5, color="lightgrey", linewidth=0.5)


def _legend() -> list[Line2D]:
    colours = [
        Line2D([], [], color=COLOURS[c], marker="s", linestyle="", label=COLUMN_TITLES[c])
        for c in COLUMNS
    ]
    markers = [
        Line2D([], [], color="grey", marker=MARKERS[e], linestyle="", label=ENTRY_TITLES[e])
        for e in ENTRIES
    ]
    return [*colours, *markers]
