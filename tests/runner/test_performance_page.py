# SPDX-License-Identifier: GPL-2.0
"""docs/performance.md tells what the figures say, the bad ones too."""

from typing import Any

import pytest

from page.figures import ROWS, TITLES, Figures
from page.targets import Target, targets

SIZES = [1, 10, 10_000]
NAMES = ("builtin-c", "module")


@pytest.fixture
def raw() -> dict[str, Any]:
    """The module costs the same at all sizes, and the same as C."""
    return {
        "sizes": SIZES,
        "operations": {operation: level() for operation in TITLES},
        "takeover": {"takeover": {row: dict.fromkeys(map(str, SIZES), 1) for row in ROWS}},
    }


def missed(raw: dict[str, Any]) -> list[Target]:
    return [target for target in targets(Figures(raw)) if not target.met]


def test_all_met(raw: dict[str, Any]) -> None:
    assert missed(raw) == []


def test_growth(raw: dict[str, Any]) -> None:
    raw["operations"]["ns_oldest"] = grown("shared", "module", 10_000, 210)
    (target,) = missed(raw)
    assert (target.figure, target.verdict()) == (2.1, "missed by 100%")


def test_against_c(raw: dict[str, Any]) -> None:
    raw["operations"]["bind_own"] = grown("distinct", "module", 10, 126)
    (target,) = missed(raw)
    assert (target.figure, target.verdict()) == (1.26, "missed by 20%")


def level() -> dict[str, Any]:
    return {row: {name: dict.fromkeys(map(str, SIZES), 100) for name in NAMES} for row in ROWS}


def grown(row: str, name: str, size: int, cost: float) -> dict[str, Any]:
    """Level, but for one figure."""
    costs = level()
    costs[row][name][str(size)] = cost
    return costs
