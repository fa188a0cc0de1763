# SPDX-License-Identifier: GPL-2.0
"""A takeover of 10 000 groups takes less than a second, and keeps no packet waiting for long.

A second, here, is a thousand million instructions.
"""

from collections.abc import Iterator

import pytest

from cost import bottom_halves, takeover
from cost.groups import SHARED
from cost.operations import Held
from cost.stage import Stage
from harness.kernel import implementation

GROUPS = 10_000
SECOND = 10**9


@pytest.fixture
def groups() -> Iterator[Held]:
    """Made by C."""
    implementation.switch_to(implementation.BUILTIN_C)
    stage = Stage()
    held = Held(stage, SHARED, GROUPS)
    yield held
    held.close()
    stage.close()
    implementation.switch_to(implementation.BUILTIN_C)


def test_takeover(groups: Held) -> None:
    assert groups.count == GROUPS
    assert takeover.measure(takeover.TAKEOVER) < SECOND
    assert takeover.measure(takeover.HAND_BACK) < SECOND


def test_bottom_halves(groups: Held) -> None:
    """Not off for 10 ms."""
    assert groups.count == GROUPS
    with bottom_halves.watched() as watch:
        implementation.switch_to(implementation.MODULE)
        implementation.switch_to(implementation.BUILTIN_C)
        assert watch.longest() < 0.01
