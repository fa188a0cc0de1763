# SPDX-License-Identifier: GPL-2.0
"""With many groups no operation costs much more than with one, in instructions.

Whoever brings back a walk over the groups fails here. Runs where guest time counts instructions:
scripts/vm --icount. How it is measured, and how far it goes: docs/performance.md.
"""

from collections.abc import Iterator

import pytest

from cost import operations
from cost.groups import SHARED
from cost.operations import Costs
from cost.percpu import Gap
from cost.stage import Stage
from harness.kernel import implementation

FEW, SOME, MANY = 1, 100, 1000
# The targets of docs/performance.md, and as much again for chance; with a walk it is 6 to 12 times.
# A close costs more than the leaves that it consists of, which hides much when it is of one group:
# it is compared with one of SOME, where a walk along the list makes it 1.85 times.
LIMITS = {
    "ns_oldest": 1.1,
    "ns_youngest": 1.1,
    "ns_absent": 1.1,
    "join_again_oldest": 1.1,
    "join_again_youngest": 1.1,
    "leave_again_oldest": 1.1,
    "leave_again_youngest": 1.1,
    "join_first": 1.4,
    "leave_last_oldest": 1.4,
    "leave_last_youngest": 1.4,
    "close": 1.25,
    "bind_group": 1.1,
    "syn_group": 1.1,
}


@pytest.fixture(scope="module")
def growth() -> Iterator[dict[str, float]]:
    """By operation: how many times dearer it is with many groups."""
    gap, stage = Gap(), Stage()
    implementation.switch_to(implementation.MODULE)
    measured(stage, FEW)
    few, some, many = (measured(stage, count) for count in (FEW, SOME, MANY))
    few["close"] = some["close"]
    yield {name: many[name] / cost for name, cost in few.items()}
    stage.close()
    gap.close()
    implementation.switch_to(implementation.BUILTIN_C)


def measured(stage: Stage, count: int) -> Costs:
    return operations.measure(stage, SHARED, count)


@pytest.mark.parametrize("operation", LIMITS)
def test_growth(growth: dict[str, float], operation: str) -> None:
    assert growth[operation] <= LIMITS[operation]
