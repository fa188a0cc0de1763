# SPDX-License-Identifier: GPL-2.0
"""What memory the kernel takes."""

from pathlib import Path

FILE = Path("/proc/meminfo")


def meminfo() -> dict[str, int]:
    """KiB by the file's own names."""
    lines = FILE.read_text(encoding="ascii").splitlines()
    return {name: int(value.split()[0]) for name, value in (line.split(":") for line in lines)}


def unreclaimable() -> int:
    """KiB in slabs that stay until somebody frees them."""
    return meminfo()["SUnreclaim"]


def kernel_memory() -> int:
    """KiB that nobody can reclaim, and those that processors have each for itself."""
    found = meminfo()
    return found["SUnreclaim"] + found["Percpu"]
