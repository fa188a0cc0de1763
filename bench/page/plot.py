# SPDX-License-Identifier: GPL-2.0
"""The plot: a panel for each operation, cost against number of groups."""

from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot

from page.figures import DISTINCT, OURS, SHARED, TITLES, C, Figures

COLUMNS = 3
COLOURS = {C: "tab:red", OURS: "tab:blue"}
STYLES = {SHARED: "-", DISTINCT: "--"}
NAMES = {C: "built-in C", OURS: "the module"}


def draw(figures: Figures, file: Path) -> None:
    # The same figures make the same file.
    mpl.use("svg")
    mpl.rcParams |= {"svg.hashsalt": "anycast6", "svg.fonttype": "none", "font.size": 8}
    rows = -(-len(TITLES) // COLUMNS)
    sheet, panels = pyplot.subplots(rows, COLUMNS, figsize=(11, 2.3 * rows), layout="constrained")
    for panel, (operation, title) in zip(panels.flat, TITLES.items(), strict=False):
        for name, colour in COLOURS.items():
            for row, style in STYLES.items():
                costs = [figures.cost(operation, row, name, size) for size in figures.sizes]
                label = f"{NAMES[name]}, {row}"
                panel.loglog(figures.sizes, costs, style, color=colour, marker=".", label=label)
        # Small differences look small.
        low, high = panel.get_ylim()
        panel.set_ylim(low / 2, high * 2)
        panel.set_title(title, fontsize=7)
        panel.grid(visible=True, alpha=0.3)
    for panel in panels.flat[len(TITLES) :]:
        panel.set_axis_off()
    sheet.supxlabel("groups on the device")
    sheet.supylabel("instructions")
    handles, labels = panels.flat[0].get_legend_handles_labels()
    sheet.legend(handles, labels, loc="lower right")
    sheet.savefig(file, metadata={"Date": None})
