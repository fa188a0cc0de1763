# SPDX-License-Identifier: GPL-2.0
"""The seed of everything that a run does at random: ANYCAST6_SEED repeats it.

The choices alone: what happens at the same time is different in every run.
"""

import os
import random
from collections.abc import Iterator

import pytest

VARIABLE = "ANYCAST6_SEED"
FIXTURE = "seed"


class Seed:
    """One for the whole session, which is in the report of every randomized scenario that fails."""

    def __init__(self) -> None:
        self.value = os.environ.get(VARIABLE) or str(random.SystemRandom().randrange(10**6))

    def __str__(self) -> str:
        return f"{VARIABLE}={self.value}"

    def pytest_report_header(self) -> str:
        return str(self)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Iterator[None]:
        report = yield
        if report.failed and FIXTURE in getattr(item, "fixturenames", ()):
            report.sections.append(("seed", str(self)))
        return report
