# SPDX-License-Identifier: GPL-2.0
"""Callers of the in-kernel API, driven through debugfs: modules of tests/modules."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.kernel.implementation import caller_path
from harness.topology.host import Host

# By the project's header, by prototypes alone, and in Rust.
NAMES = NAME, BY_PROTOTYPES, IN_RUST = "anycast6_caller", "anycast6_prototypes", "anycast6_rust"
DEBUGFS = Path("/sys/kernel/debug")
ANY_DEVICE = "-"


@dataclass
class Caller:
    """Calls in the namespace of a host; what fails raises OSError with the errno returned."""

    host: Host
    module: str = NAME

    def inc(self, address: str, way: str = "") -> None:
        self._call(f"{way}inc", address)

    def dec(self, address: str, way: str = "") -> None:
        self._call(f"{way}dec", address)

    def holds(self, address: str, device: str = "") -> bool:
        """Is it a group of that device, by default the host's? ANY_DEVICE asks for all of them."""
        try:
            self._call("chk", address, device)
        except FileNotFoundError:
            return False
        return True

    @contextmanager
    def ready(
        self, function: str, address: str, device: str = ""
    ) -> Iterator[Callable[[], object]]:
        """The call is one system call of a thread that is in the namespace."""
        with self.host.namespace.inside():
            file = os.open(DEBUGFS / self.module / function, os.O_WRONLY | os.O_CLOEXEC)
            try:
                request = f"{device or self.host.device} {address}".encode()
                yield lambda: os.write(file, request)
            finally:
                os.close(file)

    def _call(self, function: str, address: str, device: str = "") -> None:
        with self.ready(function, address, device) as call:
            call()


def remove(module: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["rmmod", module], capture_output=True, text=True, check=False)


@contextmanager
def loaded(module: str = NAME, *, leave_held: bool = False) -> Iterator[None]:
    """That caller is there; `leave_held`: it goes without giving back what it holds.

    anycast6_rust never gives back anything by itself.
    """
    parameters = ["leave_held=1"] if leave_held else []
    subprocess.run(["insmod", caller_path(module), *parameters], check=True)
    try:
        yield
    finally:
        done = remove(module)
        assert done.returncode == 0, done.stderr
