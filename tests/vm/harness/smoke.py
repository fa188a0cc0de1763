# SPDX-License-Identifier: GPL-2.0
"""The marker smoke, which may name the cases of a parametrized test that it is for."""

from collections import defaultdict
from collections.abc import Sequence

import pytest

MARKER = "smoke"


def choose(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Take the marker from the cases that it does not name, so that `-m smoke` is for the others.

    A name that no case has is an error, or the scenario would be left out in silence; where single
    cases were asked for, nobody knows.
    """
    missing: dict[str, set[str]] = defaultdict(set)
    for item in items:
        marker = item.get_closest_marker(MARKER)
        if marker and marker.args:
            missing[test_of(item)].update(marker.args)
    for item in items:
        marker = item.get_closest_marker(MARKER)
        if marker and marker.args:
            missing[test_of(item)].discard(case_of(item))
            if case_of(item) not in marker.args:
                item.own_markers.remove(marker)
    wrong = [f"{test} has no case {cases}" for test, cases in missing.items() if cases]
    if wrong and not any("[" in argument for argument in config.args):
        raise pytest.UsageError(f"marker {MARKER}: {'; '.join(wrong)}")


def test_of(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


def case_of(item: pytest.Item) -> str:
    """Its parameters as pytest writes them, "" if it has none."""
    callspec = getattr(item, "callspec", None)
    return callspec.id if callspec else ""
