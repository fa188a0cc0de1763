# SPDX-License-Identifier: GPL-2.0
"""The debug kernel's search for memory that nothing refers to any more.

A scan takes a minute in the emulated VM, so there is not one after each scenario. But the kernel
says when leaked memory was allocated, and so which scenario is to blame.
"""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from harness.wait import eventually

FILE = Path("/sys/kernel/debug/kmemleak")
# Seconds between scans: a tenth of a run goes into them.
INTERVAL = 600.0
# Younger objects are not suspected: a pointer to them may still be on its way (MSECS_MIN_AGE).
MIN_AGE = 5.0
# Of the debug kernel. Jiffies begin five minutes before they overflow 32 bits.
HZ = 100
FIRST_JIFFIES = 2**32 - 300 * HZ
# By how much they may be behind the clock.
TOLERANCE = 2.0
REPORT = re.compile(r"^(?=unreferenced object )", re.MULTILINE)


class Span(NamedTuple):
    """When a scenario ran, by the clock of time.monotonic()."""

    scenario: str
    begin: float
    end: float


class Leaks:
    """The search in one session."""

    def __init__(self) -> None:
        """What has been lost until now is nobody's fault."""
        _command("clear")
        self._spans: list[Span] = []
        self._last = time.monotonic()

    @contextmanager
    def watched(self, scenario: str) -> Iterator[None]:
        begin = time.monotonic()
        yield
        self._spans.append(Span(scenario, begin, time.monotonic()))

    def is_due(self) -> bool:
        return time.monotonic() > self._last + INTERVAL

    def search(self) -> None:
        """Scan, and fail with what is found.

        Passed over is what is young, and by the first scan after it what has changed.
        """
        _command("scan")
        self._last = time.monotonic()
        reports = [text for text in REPORT.split(FILE.read_text(errors="replace")) if text]
        if reports:
            _command("clear")
        found = [f"{self._suspects(report)}:\n{report}" for report in reports]
        assert not found, "leaked memory\n" + "\n".join(found)

    def search_all(self) -> None:
        """The same, and nothing is passed over."""
        old = time.monotonic() + MIN_AGE
        _command("scan")
        eventually("what is there now is old", lambda: time.monotonic() > old)
        self.search()

    def _suspects(self, report: str) -> str:
        born = (int(re.search(r"jiffies (\d+)", report)[1]) - FIRST_JIFFIES) / HZ
        names = [
            span.scenario
            for span in self._spans
            if span.begin - TOLERANCE <= born <= span.end + TOLERANCE
        ]
        return f"{born:.1f} s after boot, {' or '.join(names) or 'in no scenario'}"


def is_there() -> bool:
    return os.access(FILE, os.W_OK)


def _command(word: str) -> None:
    FILE.write_text(word, encoding="ascii")
