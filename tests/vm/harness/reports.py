# SPDX-License-Identifier: GPL-2.0
"""What pytest reports of each scenario, for scripts/test-summary, which sums up several VMs."""

import json
import os
from pathlib import Path

import pytest


class Reports:
    """Adds lines of JSON to a file, each at once: they outlast the machine.

    A scenario has a line when it begins, and one each for its set-up, its call and its teardown,
    with the category in which pytest counts that ("" for none).
    """

    def __init__(self, path: Path, config: pytest.Config) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self._config = config

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._write(scenario=nodeid, when="begun")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        hook = self._config.hook
        category, *_ = hook.pytest_report_teststatus(report=report, config=self._config)
        seconds = round(report.duration, 2)
        self._write(scenario=report.nodeid, when=report.when, category=category, seconds=seconds)

    def _write(self, **line: object) -> None:
        os.write(self._fd, json.dumps(line).encode() + b"\n")
