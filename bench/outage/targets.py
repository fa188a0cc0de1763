# SPDX-License-Identifier: GPL-2.0
"""What was to be reached, and what was."""

from collections.abc import Iterator

from outage.figures import (
    CLOSE,
    COLUMN_TITLES,
    DRAIN,
    ENDING_TITLES,
    HEARTBEAT,
    KILL,
    OURS,
    STOCK,
    Figures,
)
from page.targets import Target

# Seconds: the worst, and half of the trials.
LIMITS = {
    CLOSE: (0.2, 0.05),
    KILL: (0.2, 0.05),
    DRAIN: (0.2, 0.05),
    HEARTBEAT: (1.2, None),
}


def targets(figures: Figures) -> Iterator[Target]:
    """Of what was measured."""
    for ending, (worst, half) in LIMITS.items():
        for column in STOCK, OURS:
            if not figures.all(ending, column):
                continue
            what = f"{ENDING_TITLES[ending]}: {COLUMN_TITLES[column]}"
            yield Target(f"{what}, worst", figures.worst(ending, column), worst, " s")
            if half:
                yield Target(f"{what}, median", figures.median(ending, column), half, " s")
