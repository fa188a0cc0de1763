# SPDX-License-Identifier: GPL-2.0
"""What `make bench` measures, in which order, and how the figures come together."""

import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from cost import memory, operations, percpu, takeover
from cost.groups import ROWS, SHARED, Row
from cost.operations import Held
from cost.stage import Stage
from harness.kernel import implementation
from harness.kernel.implementation import BUILTIN_C, MODULE

# More than the module allows a namespace by default.
MANY = 200_000


@dataclass(frozen=True)
class Plan:
    sizes: tuple[int, ...]
    repeats: int
    many: int

    def steps(self) -> Iterator[tuple[str, Row, int]]:
        """The implementations take turns."""
        for _ in range(self.repeats):
            for name in implementation.ALL:
                for row in ROWS:
                    for size in self.sizes:
                        yield name, row, size


FULL = Plan(sizes=(1, 10, 100, 1000, 4000, 10_000), repeats=3, many=100_000)
QUICK = Plan(sizes=(1, 10, 1000), repeats=1, many=10_000)


def progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def run(plan: Plan) -> dict[str, object]:
    stage = Stage()
    warm_up(stage)
    # The gap is memory that would not be seen to be taken.
    taken = memories(stage)
    gap = percpu.Gap()
    figures = {
        "kernel": os.uname().release,
        "repeats": plan.repeats,
        "sizes": plan.sizes,
        "memory": taken,
        "operations": all_operations(stage, plan),
        "takeover": takeovers(stage, plan),
        "many": many(stage, plan.many),
    }
    gap.close()
    stage.close()
    return figures


def warm_up(stage: Stage) -> None:
    """Each implementation once, so that what the kernel sets up at the first use is there."""
    for name in implementation.ALL:
        use(stage, name)
        operations.measure(stage, SHARED, 3)


def use(stage: Stage, name: str) -> None:
    implementation.switch_to(name)
    if name == MODULE:
        stage.allow_groups(MANY)


def all_operations(stage: Stage, plan: Plan) -> dict[str, dict[str, dict[str, dict[int, float]]]]:
    """By operation, row, implementation and size: the median of the repeats."""
    samples = defaultdict(list)
    steps = list(plan.steps())
    for number, (name, row, size) in enumerate(steps, 1):
        progress(f"[{number}/{len(steps)}] {name}: {size} groups, {row.name} solicited-node")
        use(stage, name)
        for operation, cost in operations.measure(stage, row, size).items():
            samples[operation, row.name, name, size].append(cost)
    table: dict = defaultdict(lambda: defaultdict(lambda: defaultdict(dict)))
    for (operation, row, name, size), costs in samples.items():
        table[operation][row][name][size] = median(costs)
    return table


def takeovers(stage: Stage, plan: Plan) -> dict[str, dict[str, dict[int, float]]]:
    """Takeover of groups that C has made, hand-back of groups that the module has made."""
    table: dict = defaultdict(lambda: defaultdict(dict))
    for row in ROWS:
        for size in plan.sizes:
            progress(f"takeover and hand-back: {size} groups, {row.name} solicited-node")
            for name, cost in _there_and_back(stage, row, size).items():
                table[name][row.name][size] = cost
    return table


def _there_and_back(stage: Stage, row: Row, size: int) -> dict[str, int]:
    use(stage, BUILTIN_C)
    groups = Held(stage, row, size)
    there = takeover.measure(takeover.TAKEOVER)
    groups.close()
    use(stage, MODULE)
    groups = Held(stage, row, size)
    back = takeover.measure(takeover.HAND_BACK)
    groups.close()
    return {"takeover": there, "hand_back": back}


def memories(stage: Stage) -> dict[str, dict[str, dict[str, float]]]:
    """By implementation, what it is for, and cache: bytes."""
    table = {}
    for name in implementation.ALL:
        progress(f"{name}: memory")
        use(stage, name)
        table[name] = memory.measure(stage, SHARED)
    return table


def many(stage: Stage, count: int) -> dict[str, float]:
    """So many groups on one device, with the module."""
    progress(f"{count} groups")
    use(stage, MODULE)
    costs = operations.many(stage, SHARED, count)
    use(stage, BUILTIN_C)
    return {"groups": count, **costs}
