# SPDX-License-Identifier: GPL-2.0
"""A forked process that does one thing and reports its result."""

import os
import pickle
import select
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

LIMIT = 60.0


class Child:
    """Fork at once; the child runs `work`, sends back its value and exits without clean-up.

    Whatever descriptors the parent holds the child holds too, as after any fork.
    """

    def __init__(self, work: Callable[[], object]) -> None:
        self._results, report = os.pipe()
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._results)
            _run(work, report)
        os.close(report)
        self._alive = True

    def result(self, limit: float = LIMIT) -> Any:
        """Wait for the end of the child and return what `work` returned."""
        data = b""
        while True:
            ready, _, _ = select.select([self._results], [], [], limit)
            assert ready, f"child {self.pid} still runs after {limit:g} s"
            chunk = os.read(self._results, 65536)
            if not chunk:
                break
            data += chunk
        self.kill()
        value, failure = pickle.loads(data) if data else (None, "child died without a report")
        assert not failure, failure
        return value

    def command(self) -> str:
        """The name of the program that the child runs."""
        return Path(f"/proc/{self.pid}/comm").read_text(encoding="ascii").strip()

    def stack(self) -> str:
        """Where in the kernel the child sleeps."""
        return Path(f"/proc/{self.pid}/stack").read_text(encoding="ascii")

    def state(self) -> str:
        """As ps shows it: D while it cannot be interrupted, Z once it has come to its end."""
        text = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii")
        return text.rpartition(")")[2].split()[0]

    def kill(self) -> None:
        """End the child if it still runs, and wait for it: its sockets are closed then."""
        if not self._alive:
            return
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._results)
        self._alive = False


def _run(work: Callable[[], object], report: int) -> None:
    """Never returns, whatever `work` does: the child must not run the parent's tests."""
    try:
        outcome: tuple[object, str | None] = (work(), None)
    except BaseException:  # noqa: BLE001 - every failure belongs to the parent
        outcome = (None, traceback.format_exc())
    try:
        with os.fdopen(report, "wb") as stream:
            pickle.dump(outcome, stream)
    finally:
        os._exit(0)
