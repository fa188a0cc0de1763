# SPDX-License-Identifier: GPL-2.0
"""docs/outage.md tells what the figures say, and what was not measured, too."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from outage import tables
from outage.figures import (
    BOTH,
    CLOSE,
    COLUMN_TITLES,
    COLUMNS,
    CONFIRMED,
    CRASH,
    DRAIN,
    ENDING_TITLES,
    ENDINGS,
    ENTRY_TITLES,
    HEARTBEAT,
    IMPOSSIBLE,
    KILL,
    OURS,
    STOCK,
    C,
    Figures,
)
from outage.targets import targets
from page.targets import Target

PROJECT = Path(__file__).resolve().parents[2]
REPORT = PROJECT / "bench" / "report-outage"
LEVEL = {BOTH: [0.01, 0.03, 0.02], CONFIRMED: [0.02, 0.02]}


@pytest.fixture
def raw() -> dict[str, Any]:
    """All that can be measured was, and every outage is short."""
    outages: dict[str, dict[str, Any]] = {ending: {} for ending in ENDINGS}
    for ending in ENDINGS:
        for column in COLUMNS:
            if (ending, column) not in IMPOSSIBLE:
                outages[ending][column] = dict(LEVEL)
    return {"kernel": "7.3", "step": 0.01, "drain": 1000, "heartbeat": 300, "outages": outages}


def missed(raw: dict[str, Any]) -> list[Target]:
    return [target for target in targets(Figures(raw)) if not target.met]


def rows(raw: dict[str, Any]) -> dict[tuple[str, str], list[str]]:
    """The cells of the table, by ending and entry."""
    lines = tables.of_outages(Figures(raw)).splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {tuple(title.split("; ")): rest for title, *rest in cells}


def reported(raw: dict[str, Any], directory: Path) -> tuple[str, bytes]:
    """The page and the plot."""
    file = directory / "outage.json"
    file.write_text(json.dumps(raw), encoding="ascii")
    # As scripts/outage: where matplotlib keeps what it knows of fonts.
    environment = {**os.environ, "MPLCONFIGDIR": "/tmp"}
    command = [sys.executable, REPORT, file, directory]
    subprocess.run(command, env=environment, check=True, timeout=120)
    page = (directory / "outage.md").read_text(encoding="ascii")
    return page, (directory / "outage.svg").read_bytes()


class TestTargets:
    def test_all_met(self, raw: dict[str, Any]) -> None:
        assert missed(raw) == []
        assert len(list(targets(Figures(raw)))) == 13

    def test_worst(self, raw: dict[str, Any]) -> None:
        """One trial is enough, of either kind."""
        raw["outages"][KILL][STOCK][CONFIRMED] = [0.02] * 9 + [0.4]
        (target,) = missed(raw)
        assert (target.figure, target.verdict()) == (0.4, "missed by 100%")
        assert target.what == f"kill -9: {COLUMN_TITLES[STOCK]}, worst"

    def test_median(self, raw: dict[str, Any]) -> None:
        """Over the trials of both kinds."""
        raw["outages"][CLOSE][OURS] = {BOTH: [0.06] * 3, CONFIRMED: [0.01] * 2}
        (target,) = missed(raw)
        assert (target.figure, target.limit) == (0.06, 0.05)

    def test_heartbeat(self, raw: dict[str, Any]) -> None:
        raw["outages"][HEARTBEAT][OURS][BOTH] = [1.3]
        (target,) = missed(raw)
        assert target.limit == 1.2

    def test_c_and_a_crash_have_none(self, raw: dict[str, Any]) -> None:
        for ending, column in (CLOSE, C), (KILL, C), (CRASH, C), (CRASH, OURS):
            raw["outages"][ending][column][CONFIRMED] = [50.0]
        assert missed(raw) == []

    def test_not_measured(self, raw: dict[str, Any]) -> None:
        del raw["outages"][DRAIN], raw["outages"][HEARTBEAT]
        assert {target.what.split(":")[0] for target in targets(Figures(raw))} == {
            ENDING_TITLES[CLOSE],
            ENDING_TITLES[KILL],
        }


class TestTable:
    def test_figures(self, raw: dict[str, Any]) -> None:
        raw["outages"][CLOSE][C][CONFIRMED] = [30.0, 52.125, 20.5]
        cells = rows(raw)
        level = "0.02 s, 0.03 s (3)"
        assert cells["close", ENTRY_TITLES[BOTH]] == [level] * 3
        assert cells["close", ENTRY_TITLES[CONFIRMED]][0] == "30.00 s, 52.12 s (3)"

    def test_what_cannot_be(self, raw: dict[str, Any]) -> None:
        cells = rows(raw)["drain", ENTRY_TITLES[BOTH]]
        assert cells[0] == "C has none"
        assert cells[1] == "0.02 s, 0.03 s (3)"

    def test_not_measured(self, raw: dict[str, Any]) -> None:
        del raw["outages"][DRAIN]
        del raw["outages"][CLOSE][OURS][BOTH]
        cells = rows(raw)
        assert cells["drain", ENTRY_TITLES[BOTH]] == ["C has none", *["not measured"] * 2]
        assert cells["close", ENTRY_TITLES[BOTH]][2] == "not measured"


class TestReport:
    def test_page_and_plot(self, raw: dict[str, Any], tmp_path: Path) -> None:
        page, plot = reported(raw, tmp_path)
        assert tables.of_outages(Figures(raw)) in page
        assert "13 of 13 are met." in page
        for title in *ENDING_TITLES.values(), *COLUMN_TITLES.values(), *ENTRY_TITLES.values():
            assert f">{title}</text>" in plot.decode()

    def test_plot_has_each_trial(self, raw: dict[str, Any], tmp_path: Path) -> None:
        _, before = reported(raw, tmp_path)
        raw["outages"][CRASH][C][BOTH] = [*LEVEL[BOTH], 8.0]
        _, after = reported(raw, tmp_path)
        assert after.count(b"<use ") == before.count(b"<use ") + 1

    def test_plot_without_what_was_not_measured(self, raw: dict[str, Any], tmp_path: Path) -> None:
        del raw["outages"][DRAIN]
        _, plot = reported(raw, tmp_path)
        assert b">drain</text>" not in plot

    def test_same_figures_same_files(self, raw: dict[str, Any], tmp_path: Path) -> None:
        assert reported(raw, tmp_path) == reported(raw, tmp_path)

    def test_docs_are_of_the_figures(self, tmp_path: Path) -> None:
        """docs/outage.md has been made of docs/outage.json, and nothing was written into it."""
        raw = json.loads((PROJECT / "docs" / "outage.json").read_text(encoding="ascii"))
        page, _ = reported(raw, tmp_path)
        assert (PROJECT / "docs" / "outage.md").read_text(encoding="ascii") == page
