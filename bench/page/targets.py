# SPDX-License-Identifier: GPL-2.0
"""What was to be reached, and what was."""

from collections.abc import Iterator
from dataclasses import dataclass

from page.figures import DISTINCT, OURS, ROWS, SHARED, TITLES, Figures

SECOND = 10**9


@dataclass(frozen=True)
class Target:
    """`figure` is to be at most `limit`."""

    what: str
    figure: float
    limit: float
    unit: str = "x"

    @property
    def met(self) -> bool:
        return self.figure <= self.limit

    def verdict(self) -> str:
        return "met" if self.met else f"missed by {self.figure / self.limit - 1:.0%}"


def targets(figures: Figures) -> Iterator[Target]:
    yield from growth(figures)
    yield from against_c(figures)
    yield from takeover(figures)


def growth(figures: Figures) -> Iterator[Target]:
    """The module alone: many groups against few."""
    sizes = figures.sizes
    few, many = sizes[0], sizes[-1]
    for operation, limit in (
        ("ns_oldest", 1.05),
        ("ns_youngest", 1.05),
        ("ns_absent", 1.05),
        ("join_again_oldest", 1.05),
        ("join_again_youngest", 1.05),
        ("join_first", 1.2),
        ("leave_again_oldest", 1.2),
        ("leave_again_youngest", 1.2),
        ("leave_last_oldest", 1.2),
        ("leave_last_youngest", 1.2),
    ):
        what = f"{TITLES[operation]}: {many} groups against {few}"
        yield Target(what, figures.growth(operation, SHARED, OURS, few, many), limit)
    for row in ROWS:
        grown = figures.growth("close", row, OURS, sizes[1], many)
        what = f"{TITLES['close']}, {row}: {many} groups against {sizes[1]}"
        yield Target(what, grown, 2)


def against_c(figures: Figures) -> Iterator[Target]:
    """The module against C, while there are few groups."""
    for operation, title in TITLES.items():
        if operation == "bind_group":
            continue
        sizes = figures.sizes[:2]
        worst = max(figures.ratio(operation, row, size) for row in ROWS for size in sizes)
        yield Target(f"{title}: against C, {sizes[0]} to {sizes[1]} groups", worst, 1.05)


def takeover(figures: Figures) -> Iterator[Target]:
    many = figures.sizes[-1]
    seconds = figures.takeover("takeover", DISTINCT, many) / SECOND
    yield Target(f"takeover of {many} groups", seconds, 1, " s")
