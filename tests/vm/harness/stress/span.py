# SPDX-License-Identifier: GPL-2.0
"""A length of time that processes have in common."""

import math
import mmap
import multiprocessing
import struct
import time
from collections import Counter
from collections.abc import Callable

from harness.process.child import Child
from harness.topology.host import Host
from harness.wait import eventually

# Seconds for processes to get ready, and to notice the end, on a busy machine.
GRACE = 60.0
# Seconds longer that it may last, for those who have not done enough: on a slow machine.
PATIENCE = 60.0
DEADLINE = struct.Struct("d")
MOST = 16  # parties


class Span:
    """Begins when everybody is ready; ends by itself, or when the parent says so.

    It does not end by itself before everybody has done each kind of operation `least` times.
    """

    def __init__(self, seconds: float = math.inf, least: int = 0) -> None:
        self._seconds, self._least = seconds, least
        self._parties = 0
        # Of the child that has been made last, and in each child its own.
        self._kinds: tuple[str, ...] = ()
        self._place = DEADLINE.size
        self._ready = multiprocessing.Semaphore(0)
        # The deadline, 0.0 until the beginning; for each party, whether it is to do more.
        self._shared = mmap.mmap(-1, DEADLINE.size + MOST)

    def child(self, host: Host, work: Callable[[], object], kinds: tuple[str, ...] = ()) -> Child:
        """A process of the host's that calls start() when it is ready.

        `kinds`: of the operations that it does and tells over() of.
        """
        self._kinds, self._place = kinds, DEADLINE.size + self._parties
        self._tell_of(Counter())
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
        self._set(time.monotonic() - PATIENCE)

    def over(self, done: Counter[str] | None = None) -> bool:
        """In a child, which has done each kind of operation so often."""
        if done is not None:
            self._tell_of(done)
        late = time.monotonic() - self._deadline()
        return late >= 0.0 and (late >= PATIENCE or not any(self._shared[DEADLINE.size :]))

    def limit(self) -> float:
        """Seconds from now on after which everybody must have come to the end."""
        return max(self._deadline() + PATIENCE - time.monotonic(), 0.0) + GRACE

    def _tell_of(self, done: Counter[str]) -> None:
        self._shared[self._place] = any(done[kind] < self._least for kind in self._kinds)

    def _deadline(self) -> float:
        return DEADLINE.unpack_from(self._shared)[0]

    def _set(self, deadline: float) -> None:
        DEADLINE.pack_into(self._shared, 0, deadline)
