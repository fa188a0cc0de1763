# SPDX-License-Identifier: GPL-2.0
"""How long a client gets no answer from a group."""

import time

from harness.process.child import Child
from harness.stress.span import Span
from harness.topology.host import Host
from harness.wire.packets import Echo

# Seconds to wait for each answer, and from one question to the next: the least that is noticed.
PATIENCE, PACE = 0.1, 0.02


class Outage:
    """A process of the client's pings the group until it is asked for the result.

    Meanwhile nobody else can ping from the client: each would see the answers of the other.
    """

    def __init__(self, client: Host, group: str) -> None:
        self._span = Span()
        self._child: Child = self._span.child(client, lambda: self._longest(client, group))
        self._span.begin()

    def longest(self) -> float:
        """Seconds from one answer to the next."""
        self._span.end()
        return self._child.result(self._span.limit())

    def _longest(self, client: Host, group: str) -> float:
        echo, longest = Echo(client), 0.0
        echo.send(group)
        assert echo.reply(), "the group does not answer in the beginning"
        self._span.start()
        last = time.monotonic()
        while not self._span.over():
            echo.send(group)
            if echo.reply(PATIENCE):
                now = time.monotonic()
                longest, last = max(longest, now - last), now
            time.sleep(PACE)
        return max(longest, time.monotonic() - last)
