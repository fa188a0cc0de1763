# SPDX-License-Identifier: GPL-2.0
"""What a group takes of the kernel's memory, and what one more membership of it takes."""

from dataclasses import dataclass
from pathlib import Path

from cost.groups import Row
from cost.stage import Stage
from harness.kernel.meminfo import meminfo
from harness.wait import eventually

PAGE = 4096
COUNT = 10_000
# Memory that is not of slabs, as /proc/meminfo calls it.
OTHER = ("Percpu", "VmallocUsed")


@dataclass(frozen=True)
class Usage:
    """Bytes by slab cache, and beyond the slabs."""

    slabs: dict[str, int]
    other: dict[str, int]

    @classmethod
    def now(cls) -> "Usage":
        lines = Path("/proc/slabinfo").read_text(encoding="ascii").splitlines()[2:]
        fields = [line.split() for line in lines]
        # A cache has that many slabs of that many pages, whether full or not.
        slabs = {field[0]: int(field[14]) * int(field[5]) * PAGE for field in fields}
        sizes = meminfo()
        return cls(slabs, {name: sizes[name] * 1024 for name in OTHER})

    def __sub__(self, before: "Usage") -> dict[str, int]:
        now = self.slabs | self.other
        then = before.slabs | before.other
        return {name: now[name] - then.get(name, 0) for name in now if now[name] != then.get(name)}


def measure(stage: Stage, row: Row, count: int = COUNT) -> dict[str, dict[str, float]]:
    """Bytes by cache for a group with its first membership, and for a further membership."""
    first, second = stage.meter.open(2)
    empty = settled()
    stage.meter.join(first, stage.ifindex, row, 0, count)
    held = settled()
    stage.meter.join(second, stage.ifindex, row, 0, count)
    twice = settled()
    stage.meter.shut(first, second)
    return {"group": each(held - empty, count), "membership": each(twice - held, count)}


def settled() -> Usage:
    """When what was freed before has been given back, which takes RCU some time."""
    looks = [Usage.now()]

    def is_still() -> bool:
        looks.append(Usage.now())
        return looks[-1] == looks[-2]

    eventually("memory is given back", is_still, step=0.5)
    return looks[-1]


def each(usage: dict[str, int], count: int) -> dict[str, float]:
    return {name: size / count for name, size in usage.items() if abs(size) >= count}
