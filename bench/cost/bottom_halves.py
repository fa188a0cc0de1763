# SPDX-License-Identifier: GPL-2.0
"""For how long bottom halves are off: no softirq runs then, thus no packet is received.

A timer of the perf subsystem asks 10 000 times a second, in a hard interrupt. While interrupts are
off it is late, which counts as well.
"""

import ctypes
import os
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

INSTANCE = Path("/sys/kernel/tracing/instances/bottom-halves")
PERIOD = 100_000  # ns
PERF_EVENT_OPEN = 298
# struct perf_event_attr in its first size: type software, size, clock of the processor, period.
ATTRIBUTES = struct.pack("=IIQQQQQIIQ", 1, 64, 0, PERIOD, 0, 0, 0, 0, 0, 0)
# " insmod-123  [000] D.h2.  12.345678: hrtimer_expire_entry: ..."
SAMPLE = re.compile(
    r"^ *(\S+)-\d+ +\[000\] (\S)\S+ +(\d+\.\d+): hrtimer_expire_entry: ", re.MULTILINE
)
# "D": interrupts and bottom halves off; in an interrupt the former always are.
OFF = "D"
# Has them on, and is asked seldom.
IDLE = "<idle>"


class Watch:
    """What the timer has seen on the only processor."""

    def longest(self) -> float:
        """The longest time, in seconds, between two moments with bottom halves on."""
        text = (INSTANCE / "trace").read_text(encoding="ascii")
        samples = [(task, flag, float(time)) for task, flag, time in SAMPLE.findall(text)]
        moments = [(task, time) for task, flag, time in samples if flag != OFF]
        spans = [
            after - before
            for (task, before), (other, after) in pairwise(moments)
            if IDLE not in (task, other)
        ]
        assert spans, "the timer has not run"
        return max(spans)


@contextmanager
def watched() -> Iterator[Watch]:
    INSTANCE.mkdir()
    timer = _timer()
    try:
        (INSTANCE / "buffer_size_kb").write_text("16384", encoding="ascii")
        (INSTANCE / "set_event").write_text("timer:hrtimer_expire_entry", encoding="ascii")
        yield Watch()
    finally:
        os.close(timer)
        (INSTANCE / "set_event").write_text("", encoding="ascii")
        INSTANCE.rmdir()


def _timer() -> int:
    """A perf event that samples into nothing; the timer runs until it is closed."""
    library = ctypes.CDLL(None, use_errno=True)
    everybody, processor, no_group, flags = -1, 0, -1, 0
    fd = library.syscall(PERF_EVENT_OPEN, ATTRIBUTES, everybody, processor, no_group, flags)
    assert fd >= 0, os.strerror(ctypes.get_errno())
    return fd
