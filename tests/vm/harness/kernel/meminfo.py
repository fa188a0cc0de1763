# SPDX-License-Identifier: GPL-2.0
"""What memory the kernel takes."""

from pathlib import Path


def kernel_memory() -> int:
    """KiB that nobody can reclaim, and those that processors have each for itself."""
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    values = {name: int(value.split()[0]) for name, value in (line.split(":") for line in lines)}
    return values["SUnreclaim"] + values["Percpu"]
