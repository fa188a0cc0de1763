# SPDX-License-Identifier: GPL-2.0
"""A memory control group."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")


class ControlGroup:
    """Its files stay open: who has given up privilege may go on using them."""

    def __init__(self, directory: Path) -> None:
        self._limit, self._processes = (
            os.open(directory / name, os.O_WRONLY) for name in ("memory.max", "cgroup.procs")
        )
        self._stat, self._used = (
            os.open(directory / name, os.O_RDONLY) for name in ("memory.stat", "memory.current")
        )

    def enter(self) -> None:
        """The calling process is in it from now on."""
        os.write(self._processes, b"0")

    def kernel(self) -> int:
        """Bytes of the kernel's that are charged to it."""
        lines = os.pread(self._stat, 65536, 0).decode("ascii").splitlines()
        return int(dict(line.split() for line in lines)["kernel"])

    def used(self) -> int:
        """Bytes, those of its processes included."""
        return int(os.pread(self._used, 64, 0))

    def limit(self, text: str) -> None:
        os.write(self._limit, text.encode("ascii"))

    def close(self) -> None:
        for fd in self._limit, self._processes, self._stat, self._used:
            os.close(fd)


@contextmanager
def control_group(name: str) -> Iterator[ControlGroup]:
    """It must be empty in the end."""
    (ROOT / "cgroup.subtree_control").write_text("+memory", encoding="ascii")
    directory = ROOT / name
    directory.mkdir()
    group = ControlGroup(directory)
    try:
        yield group
    finally:
        group.close()
        directory.rmdir()
