# SPDX-License-Identifier: GPL-2.0
"""A length of time that processes have in common."""

import math
import mmap
import multiprocessing
import struct
import time
from collections.abc import Callable

from net.child import Child
from net.host import Host
from net.wait import eventually

# Seconds for processes to get ready, and to notice the end, on a busy machine.
GRACE = 60.0
DEADLINE = struct.Struct("d")


class Span:
    """Begins when everybody is ready; ends by itself, or when one of them says so."""

    def __init__(self, seconds: float = math.inf) -> None:
        self._seconds = seconds
        self._parties = 0
        self._ready = multiprocessing.Semaphore(0)
        self._shared = mmap.mmap(-1, DEADLINE.size)  # 0.0 until the beginning

    def child(self, host: Host, work: Callable[[], object]) -> Child:
        """A process of the host's that calls start() when it is ready."""
        self._parties += 1
        return host.child(work)

    def start(self) -> None:
        """In a child: wait for the others."""
        self._ready.release()
        eventually("the span begins", self._deadline, GRACE)

    def begin(self) -> None:
        for _ in range(self._parties):
            assert self._ready.acquire(timeout=GRACE), "a process does not get ready"
        self._set(time.monotonic() + self._seconds)

    def end(self) -> None:
        self._set(time.monotonic())

    def over(self) -> bool:
        return time.monotonic() >= self._deadline()

    def limit(self) -> float:
        """Seconds from now on after which everybody must have come to the end."""
        return max(self._deadline() - time.monotonic(), 0.0) + GRACE

    def _deadline(self) -> float:
        return DEADLINE.unpack_from(self._shared)[0]

    def _set(self, deadline: float) -> None:
        DEADLINE.pack_into(self._shared, 0, deadline)
