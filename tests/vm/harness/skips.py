# SPDX-License-Identifier: GPL-2.0
"""The skips that are expected on each kernel; any other one is a failure.

A scenario that skips itself tests nothing. Whoever removes the reason for a skip, removes it here.
"""

import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from _pytest.terminal import TerminalReporter

ROOT = "tests/vm/"
# What the releases of the kernels contain. Of others nothing is expected, and nothing fails there.
KERNELS = {"stock": "+deb", "debug": "-anycast6-debug"}


@dataclass(frozen=True)
class Skip:
    """`test`: how its node ID goes on below tests/vm; `sometimes`: it is skipped in some runs."""

    test: str
    kernel: str
    reason: str
    sometimes: bool = False

    def is_of(self, nodeid: str) -> bool:
        return nodeid.removeprefix(ROOT).startswith(self.test)


EXPECTED = (
    Skip("stress/test_fuzz.py::test_new_programs", "stock", "no KCOV"),
    Skip("observe/test_tracepoints.py::test_bpftrace", "debug", "no BTF"),
    # What is random need not show C's defect each time.
    Skip("defects/test_b2_race.py::test_races[builtin-c", "stock", "no race lost", sometimes=True),
    Skip("stress/test_races.py", "stock", "C lost no group", sometimes=True),
    Skip("stress/test_turmoil.py", "stock", "C lost no group", sometimes=True),
)


def kernel(release: str = platform.release()) -> str | None:
    return next((name for name, part in KERNELS.items() if part in release), None)


class Skips:
    """Turns a skip that is not expected into a failure, and tells of those that did not happen."""

    def __init__(self, kernel: str | None, expected: Sequence[Skip] = EXPECTED) -> None:
        self._kernel = kernel
        self._expected = [skip for skip in expected if skip.kernel == kernel]
        self._needless: list[str] = []

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Iterator[None]:
        report = yield
        if self._kernel is None:
            return report
        expected = self._skip_of(item)
        if report.skipped and not expected:
            report.outcome = "failed"
            report.longrepr = (
                f"{reason(report)}: no skip that is expected on the {self._kernel} kernel"
            )
        elif report.when == "call" and not report.skipped and expected and not expected.sometimes:
            self._needless.append(item.nodeid)
        return report

    def pytest_terminal_summary(self, terminalreporter: TerminalReporter) -> None:
        for nodeid in self._needless:
            terminalreporter.line(f"{nodeid}: was to be skipped (harness/skips.py), and was not")

    def _skip_of(self, item: pytest.Item) -> Skip | None:
        return next((skip for skip in self._expected if skip.is_of(item.nodeid)), None)


def reason(report: pytest.TestReport) -> str:
    """Pytest keeps it with the file and the line of the skip."""
    return report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
