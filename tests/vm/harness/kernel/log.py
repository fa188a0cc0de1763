# SPDX-License-Identifier: GPL-2.0
"""The kernel's log from a point in time on."""

import os
import re
from functools import cache
from pathlib import Path

# What no scenario may cause; scripts/vm looks again when everything is over.
COMPLAINTS = Path(__file__).parents[4] / "scripts" / "vm-complaints"


@cache
def patterns() -> re.Pattern[str]:
    lines = COMPLAINTS.read_text(encoding="ascii").splitlines()
    return re.compile("|".join(f"(?:{line})" for line in lines if not line.startswith("#")))


class KernelLog:
    """Lines that the kernel logs after this object was made."""

    def __init__(self) -> None:
        self._fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        os.lseek(self._fd, 0, os.SEEK_END)
        self._lines: list[str] = []

    def lines(self) -> list[str]:
        """All lines so far."""
        while (record := self._record()) is not None:
            text = record.partition(";")[2]
            self._lines.append(text.partition("\n")[0])
        return list(self._lines)

    def complaints(self) -> list[str]:
        return [line for line in self.lines() if patterns().search(line)]

    def _record(self) -> str | None:
        try:
            return os.read(self._fd, 8192).decode("utf-8", "replace")
        except BlockingIOError:
            return None
        except BrokenPipeError:  # records were overwritten before they were read
            return ";(kernel log overrun)"

    def close(self) -> None:
        os.close(self._fd)
