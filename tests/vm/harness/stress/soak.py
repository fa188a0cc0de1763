# SPDX-License-Identifier: GPL-2.0
"""How long scenarios of chance last, and the record of what they did.

A scenario that takes the fixture `soak` has the marker stress, and is one of `make soak`, where it
lasts its full length; the ordinary suite takes a glimpse of it.
"""

import json
import os
import platform
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

FIXTURE = "soak"
PREEMPTION = Path("/sys/kernel/debug/sched/preempt")
FULL = 60.0
# So many times as long is a glimpse on a slow kernel.
SLOW = 4


@dataclass
class Soak:
    """`percent`: of the full lengths; `seconds`: what that comes to."""

    percent: int
    slow_kernel: bool
    seconds: float = 0.0
    operations: dict[str, int] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)

    def length(self, glimpse: float, full: float = FULL) -> float:
        """Seconds that the scenario is to last."""
        if self.slow_kernel:
            glimpse *= SLOW
        self.seconds = max(glimpse, full * self.percent / 100)
        return self.seconds

    def count(self, glimpse: int, full: int) -> int:
        """The same for what is done a number of times."""
        return max(glimpse, full * self.percent // 100)

    def record(self, least: int = 1, **operations: int) -> None:
        """How often each kind of operation was done.

        Fails if one was done less often than `least`: then the scenario shows nothing. A kind that
        was not done at all must be among them, with a 0.
        """
        self.operations |= operations
        idle = {kind: times for kind, times in operations.items() if times < least}
        assert not idle, f"done less than {least} times: {idle}"

    def found(self, what: str) -> None:
        """What is worth telling of a scenario that passes, as a defect of C that it has shown."""
        self.findings.append(what)


class Recorder:
    """Adds lines of JSON to a file: each scenario of the soak, that it began, how it ended."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        self._began = 0.0
        self._soak: Soak | None = None
        self._failures: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """All there are, before some are left out."""
        for item in items:
            if is_soak(item):
                self._write(item.nodeid, "not run")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """A scenario that ends the machine has begun, and no more than that."""
        if not is_soak(item):
            return (yield)
        self._soak, self._failures, self._began = None, [], time.monotonic()
        self._write(item.nodeid, "begun")
        result = yield
        soak = self._soak or Soak(0, slow_kernel=False)
        self._write(
            item.nodeid,
            "failed" if self._failures else "passed" if self._soak else "skipped",
            seconds=round(soak.seconds or time.monotonic() - self._began, 1),
            operations=soak.operations,
            findings=self._failures + soak.findings,
        )
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Iterator[None]:
        report = yield
        if report.failed:
            why = str(call.excinfo.value).partition("\n")[0]
            self._failures.append(f"{call.excinfo.typename}: {why}")
        if report.when == "call" and not report.skipped:
            self._soak = item.funcargs.get(FIXTURE)
        return report

    def _write(self, scenario: str, outcome: str, **more: object) -> None:
        line = {
            "scenario": scenario.removeprefix("tests/vm/"),
            "kernel": platform.release(),
            "processors": os.cpu_count(),
            "preemption": preemption(),
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "outcome": outcome,
            **more,
        }
        os.write(self._fd, json.dumps(line).encode() + b"\n")
        os.fsync(self._fd)


def preemption() -> str | None:
    """How the kernel preempts itself, if it has a choice."""
    if not PREEMPTION.exists():
        return None
    (word,) = re.findall(r"\((\w+)\)", PREEMPTION.read_text(encoding="ascii"))
    return word


def is_soak(item: pytest.Item) -> bool:
    return FIXTURE in getattr(item, "fixturenames", ())
