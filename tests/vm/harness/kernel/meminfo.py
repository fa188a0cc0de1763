# SPDX-License-Identifier: GPL-2.0
"""What memory the kernel takes."""

from pathlib import Path

FILE = Path("/proc/meminfo")
SLABS = Path("/sys/kernel/slab")


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


def shrunk() -> int:
    """The same without the slabs that are empty, which the kernel keeps for later."""
    for cache in SLABS.iterdir():
        if not cache.is_symlink():  # another name of a cache
            (cache / "shrink").write_text("1", encoding="ascii")
    return kernel_memory()
