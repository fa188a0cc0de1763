# SPDX-License-Identifier: GPL-2.0
"""The module anycast6_caller: a caller of the in-kernel API, driven through debugfs."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from net.host import Host
from net.implementation import caller_path

NAME = "anycast6_caller"
FILES = Path("/sys/kernel/debug") / NAME
ANY_DEVICE = "-"


@dataclass
class Caller:
    """Calls in the namespace of a host; what fails raises OSError with the errno returned."""

    host: Host

    def inc(self, address: str) -> None:
        self._call("inc", self.host.device, address)

    def dec(self, address: str) -> None:
        self._call("dec", self.host.device, address)

    def holds(self, address: str, device: str | None = None) -> bool:
        """Is it a group of that device, by default the host's? ANY_DEVICE asks for all of them."""
        try:
            self._call("chk", device or self.host.device, address)
        except FileNotFoundError:
            return False
        return True

    def _call(self, function: str, device: str, address: str) -> None:
        with self.host.namespace.inside():
            file = os.open(FILES / function, os.O_WRONLY | os.O_CLOEXEC)
            try:
                os.write(file, f"{device} {address}".encode())
            finally:
                os.close(file)


def remove(module: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["rmmod", module], capture_output=True, text=True, check=False)


@contextmanager
def loaded(*, leave_held: bool = False) -> Iterator[None]:
    """The caller module is there; `leave_held`: it goes without giving back what it holds."""
    subprocess.run(["insmod", caller_path(), f"leave_held={int(leave_held)}"], check=True)
    try:
        yield
    finally:
        done = remove(NAME)
        assert done.returncode == 0, done.stderr
