# SPDX-License-Identifier: GPL-2.0
"""The kernel's log from a point in time on."""

import os
import re

# What no scenario may cause; scripts/vm looks again when everything is over.
ALARM = re.compile(
    r"WARNING:|BUG:|Oops|Call Trace|RIP:|unreferenced object|ref_tracker:"
    r"|unregister_netdevice: waiting|possible (circular|recursive) locking"
)


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

    def alarms(self) -> list[str]:
        return [line for line in self.lines() if ALARM.search(line)]

    def _record(self) -> str | None:
        try:
            return os.read(self._fd, 8192).decode("utf-8", "replace")
        except BlockingIOError:
            return None
        except BrokenPipeError:  # records were overwritten before they were read
            return ";(kernel log overrun)"

    def close(self) -> None:
        os.close(self._fd)
