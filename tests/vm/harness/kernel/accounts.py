# SPDX-License-Identifier: GPL-2.0
"""What a scenario must give back beside what its hosts show: all that it made in the kernel."""

import gc
from collections import Counter
from pathlib import Path

from harness.kernel.implementation import LOADED
from harness.wait import settled

# Of the module: how many there have been, and how many have gone.
OBJECTS = Path("/sys/kernel/debug/anycast6/objects")
# What it has at first: something for the first network namespace.
FRESH = {"namespaces": 1}
# Of the debug kernel: a link for each network namespace that something refers to.
TRACKERS = Path("/sys/kernel/debug/ref_tracker")
# Seconds for the kernel to be done with devices, namespaces and what the module has for them.
LIMIT = 5.0


class Accounts:
    """Opened before a scenario, closed after it."""

    def __init__(self) -> None:
        self._module = _module()
        self._objects = _objects()
        self._trackers = _trackers()

    def close(self, limit: float = LIMIT) -> None:
        """Fail when there is more than before, or when the module has less: some went twice."""
        if not settled(lambda: not self._difference(), True, limit=limit):
            # What a test no longer refers to, but Python still keeps, is no leak.
            gc.collect()
            settled(lambda: not self._difference(), True, limit=limit)
        difference = self._difference()
        assert not difference, f"not given back within {limit:g} s: {difference}"

    def _difference(self) -> dict[str, int]:
        """By kind, below 0 for what has gone twice; namespaces that are referenced only more."""
        return self._objects_more() | dict(_trackers() - self._trackers)

    def _objects_more(self) -> dict[str, int]:
        if not OBJECTS.exists():
            return {}
        objects = _objects()
        before = self._objects if _module() == self._module else FRESH
        more = {kind: count - before.get(kind, 0) for kind, count in objects.items()}
        return {kind: count for kind, count in more.items() if count}


def _module() -> int | None:
    """Tells the module from what it is after it has been loaded again."""
    return LOADED.stat().st_ino if LOADED.exists() else None


def _objects() -> dict[str, int]:
    """The module's; below 0 if more have gone than there ever were."""
    if not OBJECTS.exists():
        return {}
    lines = [line.split(" ") for line in OBJECTS.read_text(encoding="ascii").splitlines()]
    return {kind: int(created) - int(gone) for kind, created, gone in lines}


def _trackers() -> Counter[str]:
    if not TRACKERS.exists():
        return Counter()
    return Counter({"referenced namespaces": len(list(TRACKERS.glob("netns-*-refcnt")))})
