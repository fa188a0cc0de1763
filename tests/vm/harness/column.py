# SPDX-License-Identifier: GPL-2.0
"""The two columns of a scenario, built-in C and the module, and what they have in common.

A scenario that expects something else of C than of the module takes the fixture `implementation`
as an argument, or a fixture that does, as `defect`: it must know which is live. A scenario that
expects the same of both has no use for the name, and says `usefixtures("implementation")`.
"""

from collections.abc import Iterable

import pytest
from _pytest.fixtures import FuncFixtureInfo

from harness.kernel.implementation import BUILTIN_C

FIXTURE = "implementation"
SAME_IN_C = "same_in_c"


def mark(items: Iterable[pytest.Item]) -> None:
    """C's column of scenarios that expect the same of both."""
    for item in items:
        if of(item) == BUILTIN_C and not knows_which(item):
            item.add_marker(SAME_IN_C)


def of(item: pytest.Item) -> str | None:
    """The implementation, None for a scenario of the takeover."""
    callspec = getattr(item, "callspec", None)
    return callspec.params.get(FIXTURE) if callspec else None


def knows_which(item: pytest.Item) -> bool:
    info: FuncFixtureInfo = item._fixtureinfo
    taken = [
        fixture.argnames for fixtures in info.name2fixturedefs.values() for fixture in fixtures
    ]
    return any(FIXTURE in names for names in [info.argnames, *taken])
