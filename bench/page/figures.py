# SPDX-License-Identifier: GPL-2.0
"""The figures of a run, as bench/measure has written them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

C, OURS = "builtin-c", "module"
SHARED, DISTINCT = ROWS = "shared", "distinct"
TITLES = {
    "join_first": "first join of a group",
    "join_again_youngest": "join of the youngest group, held already",
    "join_again_oldest": "join of the oldest group, held already",
    "leave_again_youngest": "leave of the youngest group, held by another",
    "leave_again_oldest": "leave of the oldest group, held by another",
    "leave_last_youngest": "last leave of the youngest group",
    "leave_last_oldest": "last leave of the oldest group",
    "close": "close of a socket, for each group it holds",
    "ns_youngest": "neighbour solicitation for the youngest group, answered",
    "ns_oldest": "neighbour solicitation for the oldest group, answered",
    "ns_absent": "neighbour solicitation for no group of the host",
    "proc": "/proc/net/anycast6, for each line",
    "dump": "RTM_GETANYCAST, for each group",
    "bind_own": "bind() to an address of the host",
    "bind_group": "bind() to a group (C refuses)",
    "syn_own": "TCP SYN for an address of the host",
    "syn_group": "TCP SYN for a group, dropped",
}


@dataclass(frozen=True)
class Figures:
    """Instructions, unless it is memory."""

    raw: dict[str, Any]

    @classmethod
    def read(cls, file: Path) -> "Figures":
        return cls(json.loads(file.read_text(encoding="ascii")))

    @property
    def sizes(self) -> list[int]:
        return self.raw["sizes"]

    def cost(self, operation: str, row: str, implementation: str, size: int) -> float:
        return self.raw["operations"][operation][row][implementation][str(size)]

    def ratio(self, operation: str, row: str, size: int) -> float:
        """Of the module's cost to that of C."""
        return self.cost(operation, row, OURS, size) / self.cost(operation, row, C, size)

    def growth(self, operation: str, row: str, implementation: str, first: int, last: int) -> float:
        """How many times dearer it is with `last` groups than with `first`."""
        costs = [self.cost(operation, row, implementation, size) for size in (first, last)]
        return costs[1] / costs[0]

    def slope(self, operation: str, row: str, implementation: str) -> float:
        """What each further group adds."""
        first, last = self.sizes[0], self.sizes[-1]
        costs = [self.cost(operation, row, implementation, size) for size in (first, last)]
        return (costs[1] - costs[0]) / (last - first)

    def takeover(self, what: str, row: str, size: int) -> float:
        return self.raw["takeover"][what][row][str(size)]
