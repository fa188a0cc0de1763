# SPDX-License-Identifier: GPL-2.0
"""Kernel modules, by system call: starting insmod and rmmod takes longer than their work."""

import ctypes
import os
import subprocess
from pathlib import Path

# Of x86_64, the architecture of the VM.
SYS_FINIT_MODULE = 313
SYS_DELETE_MODULE = 176
LIBC = ctypes.CDLL(None, use_errno=True)


def insert(path: Path, parameters: str = "") -> None:
    """Fails with OSError as the kernel says."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _checked(LIBC.syscall(SYS_FINIT_MODULE, fd, parameters.encode(), 0), str(path))
    finally:
        os.close(fd)


def remove(name: str) -> None:
    """Does not wait for users of the module; fails with OSError as the kernel says."""
    _checked(LIBC.syscall(SYS_DELETE_MODULE, name.encode(), os.O_NONBLOCK), name)


def insmod(path: Path, *parameters: str) -> subprocess.CompletedProcess[str]:
    """As an administrator does it, who reads what the program says of a refusal."""
    return subprocess.run(
        ["insmod", path, *parameters], capture_output=True, text=True, check=False
    )


def users(name: str) -> int:
    """References to a loaded module."""
    return int(Path(f"/sys/module/{name}/refcnt").read_text(encoding="ascii"))


def _checked(status: int, what: str) -> None:
    if status != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
