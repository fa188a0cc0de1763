# SPDX-License-Identifier: GPL-2.0
"""Modules that are livepatches: they come and go by way of a transition of all tasks."""

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from harness import wait
from harness.kernel import kmodule
from harness.wait import eventually

# The patch_state of a task that may still be in the functions of a livepatch being disabled.
NOT_YET = "1"
# Seconds between looks at all tasks, which is work.
STEP = 0.1


@dataclass(frozen=True)
class Livepatch:
    """`limit`: seconds for all tasks to leave the functions that are replaced."""

    name: str
    limit: float = wait.LIMIT

    @property
    def directory(self) -> Path:
        """There while the livepatch is enabled or in transition."""
        return Path("/sys/kernel/livepatch", self.name)

    def state(self, name: str) -> str:
        return (self.directory / name).read_text(encoding="ascii").strip()

    def insert(self, path: Path) -> float:
        """Insert the module and wait until it serves all tasks; how long they took."""
        kmodule.insert(path)
        return self.await_live()

    def await_live(self) -> float:
        """Of a module that was inserted, wait until it serves all tasks; how long that took."""
        began = time.monotonic()
        eventually(f"{self.name} is live", lambda: self.state("transition") == "0", self.limit)
        return time.monotonic() - began

    def is_loaded(self) -> bool:
        return Path("/sys/module", self.name).exists()

    def disable(self) -> float:
        """Wait until it is gone; how long the tasks took to leave what it replaces functions by.

        The rest is grace periods: the kernel waits for one or two for each function that it gives
        back, in the write if all tasks could leave at once.
        """
        (self.directory / "enabled").write_text("0", encoding="ascii")
        began = time.monotonic()
        eventually(
            f"all tasks have left {self.name}", lambda: not any_task(NOT_YET), self.limit, step=STEP
        )
        took = time.monotonic() - began
        eventually(f"{self.name} is disabled", lambda: not self.directory.exists(), self.limit)
        return took

    def remove(self) -> None:
        """Remove the module of a livepatch that is disabled.

        The kernel drops the livepatch's own reference to the module only after its directory.
        """
        eventually(f"{self.name} has no users", lambda: kmodule.users(self.name) == 0)
        kmodule.remove(self.name)


def any_task(state: str) -> bool:
    """Whether a task is in that state of a transition."""
    for file in Path("/proc").glob("[0-9]*/task/[0-9]*/patch_state"):
        with suppress(OSError):  # it has ended
            if file.read_text(encoding="ascii").strip() == state:
                return True
    return False
