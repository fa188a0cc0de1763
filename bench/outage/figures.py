# SPDX-License-Identifier: GPL-2.0
"""The figures of a run, as bench/measure-outage has written them, and what they are called."""

import json
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

# The implementation, and with the module what the other member is.
C, STOCK, OURS = COLUMNS = "builtin-c", "stock", "module"
COLUMN_TITLES = {
    C: "built-in C",
    STOCK: "the module, the other member has C",
    OURS: "the module on both members",
}
# What the client has in its neighbour cache when the member goes.
BOTH, CONFIRMED = ENTRIES = "both", "confirmed"
ENTRY_TITLES = {
    BOTH: "both members have answered the client",
    CONFIRMED: "the client has just confirmed its entry",
}
CLOSE, KILL, DRAIN, CRASH, HEARTBEAT = ENDINGS = "close", "kill", "drain", "crash", "heartbeat"
ENDING_TITLES = {
    CLOSE: "close",
    KILL: "kill -9",
    DRAIN: "drain",
    CRASH: "crash",
    HEARTBEAT: "crash, with heartbeat",
}
# What there is nothing to measure of.
IMPOSSIBLE = {
    (DRAIN, C): "C has none",
    (CRASH, STOCK): "as with C",
    (HEARTBEAT, C): "C has none",
    (HEARTBEAT, STOCK): "as with C",
}


@dataclass(frozen=True)
class Figures:
    """Seconds without an answer, one for each trial."""

    raw: dict[str, Any]

    @classmethod
    def read(cls, file: Path) -> "Figures":
        return cls(json.loads(file.read_text(encoding="ascii")))

    def outages(self, ending: str, column: str, entry: str) -> list[float]:
        """None if it was not measured."""
        return self.raw["outages"].get(ending, {}).get(column, {}).get(entry, [])

    def all(self, ending: str, column: str) -> list[float]:
        return [outage for entry in ENTRIES for outage in self.outages(ending, column, entry)]

    def worst(self, ending: str, column: str) -> float:
        return max(self.all(ending, column))

    def median(self, ending: str, column: str) -> float:
        return median(self.all(ending, column))
