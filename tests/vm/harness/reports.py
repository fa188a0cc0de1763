# SPDX-License-Identifier: GPL-2.0
"""What pytest reports of each scenario, for scripts/test-summary, which sums up several VMs."""

import json
import os
from pathlib import Path

import pytest


class Reports:
    """Adds lines of JSON to a file, each at once: they outlast the machine.

    A scenario has a line when it begins, and one each for its set-up, its call and its teardown,
    with the category in which pytest counts that ("" for none), how long it took, and for how long
    the processors were busy meanwhile, in seconds.
    """

    def __init__(self, path: Path, config: pytest.Config) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self._config = config
        self._busy = busy()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._write(scenario=nodeid, when="begun")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        hook = self._config.hook
        category, *_ = hook.pytest_report_teststatus(report=report, config=self._config)
        before, self._busy = self._busy, busy()
        self._write(
            scenario=report.nodeid,
            when=report.when,
            category=category,
            seconds=round(report.duration, 2),
            busy=round(self._busy - before, 2),
        )

    def _write(self, **line: object) -> None:
        os.write(self._fd, json.dumps(line).encode() + b"\n")


def busy() -> float:
    """Seconds for which the processors have worked since the machine began; see proc_stat(5)."""
    with Path("/proc/stat").open(encoding="ascii") as file:
        user, nice, system, _idle, _iowait, irq, softirq, *_ = map(int, file.readline().split()[1:])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")
