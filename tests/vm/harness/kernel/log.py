# SPDX-License-Identifier: GPL-2.0
"""The kernel's log from a point in time on."""

import os
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from harness.kernel.documented import is_documented

# What no scenario may cause; scripts/vm looks again when everything is over.
COMPLAINTS = Path(__file__).parents[4] / "scripts" / "vm-complaints"
OVERRUN = "(kernel log overrun)"


class Record(NamedTuple):
    """A line with its level, as in <linux/kern_levels.h>."""

    level: int
    text: str


@cache
def patterns() -> re.Pattern[str]:
    lines = COMPLAINTS.read_text(encoding="ascii").splitlines()
    return re.compile("|".join(f"(?:{line})" for line in lines if not line.startswith("#")))


class KernelLog:
    """Lines that the kernel logs after this object was made."""

    def __init__(self) -> None:
        self._fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        os.lseek(self._fd, 0, os.SEEK_END)
        self._records: list[Record] = []

    def records(self) -> list[Record]:
        """All so far."""
        while (record := self._record()) is not None:
            self._records.append(record)
        return list(self._records)

    def lines(self) -> list[str]:
        return [record.text for record in self.records()]

    def of_module(self) -> list[Record]:
        """What the module has said, and the kernel about it."""
        return [record for record in self.records() if record.text.startswith("anycast6: ")]

    def complaints(self) -> list[str]:
        """The kernel's, and what the module says without docs/abi.md saying so."""
        wrong = [line for line in self.lines() if patterns().search(line)]
        unknown = [record for record in self.of_module() if not is_documented(*record)]
        return wrong + [f"{record} is not in docs/abi.md" for record in unknown]

    def _record(self) -> Record | None:
        try:
            text = os.read(self._fd, 8192).decode("utf-8", "replace")
        except BlockingIOError:
            return None
        except BrokenPipeError:  # records were overwritten before they were read
            return Record(0, OVERRUN)
        prefix, _, line = text.partition("\n")[0].partition(";")
        # The facility is above the level.
        return Record(int(prefix.partition(",")[0]) & 7, line)

    def close(self) -> None:
        os.close(self._fd)
