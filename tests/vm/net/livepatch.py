# SPDX-License-Identifier: GPL-2.0
"""Modules that are livepatches: they come and go by way of a transition of all tasks."""

import time
from dataclasses import dataclass
from pathlib import Path

from net import kmodule, wait
from net.wait import eventually


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
        """Wait until no task uses what it replaces functions by; how long that took."""
        began = time.monotonic()
        (self.directory / "enabled").write_text("0", encoding="ascii")
        eventually(f"{self.name} is disabled", lambda: not self.directory.exists(), self.limit)
        return time.monotonic() - began

    def remove(self) -> None:
        """Remove the module of a livepatch that is disabled.

        The kernel drops the livepatch's own reference to the module only after its directory.
        """
        eventually(f"{self.name} has no users", lambda: kmodule.users(self.name) == 0)
        kmodule.remove(self.name)
