# SPDX-License-Identifier: GPL-2.0
"""A client that talks to a group without a pause, and how long the group is silent."""

import select
import socket
import time
from collections.abc import Callable

from harness.process.child import Child
from harness.topology.host import Host

PORT = 4245
# Seconds between two datagrams.
STEP = 0.01
LIMIT = 60.0


def served(host: Host, group: str) -> tuple[socket.socket, Child]:
    """A program that holds the group and answers with its host's name.

    The group ends with the child if the socket, which is the caller's too, is closed.
    """
    sock = host.member(group)
    sock.bind(("::", PORT))
    return sock, host.child(lambda: answer(sock, host.name.encode()))


def answer(sock: socket.socket, name: bytes) -> None:
    """Answer all datagrams with this name."""
    while True:
        _, source = sock.recvfrom(64)
        sock.sendto(name, source)


class Conversation:
    """Datagrams to the group from one socket of the client's, and the names that come back."""

    def __init__(self, client: Host, group: str) -> None:
        self._sock = client.open()
        self._to = (group, PORT)
        self._next = time.monotonic()

    def until(self, name: str, times: int = 1, limit: float = LIMIT) -> float:
        """Talk until the host of that name has answered so often in a row.

        The longest silence, between two answers or before the first, in seconds.
        """
        begun = heard = time.monotonic()
        silence, row = 0.0, 0
        while row < times:
            assert heard - begun < limit, f"{name} does not answer"
            answer = self._turn()
            now = time.monotonic()
            assert now - begun < limit, f"{name} does not answer"
            if answer:
                silence, heard = max(silence, now - heard), now
                row = row + 1 if answer == name else 0
        return silence

    def change(self, name: str, limit: float = LIMIT) -> float:
        """Talk until the host of that name answers; seconds since the last answer of another."""
        begun = heard = time.monotonic()
        while (answer := self._turn()) != name:
            now = time.monotonic()
            assert now - begun < limit, f"{name} does not answer"
            heard = now if answer else heard
        return time.monotonic() - heard

    def through(self, event: Callable[[], object], name: str) -> float:
        """The silence around an event, after which `name` answers."""
        self._turn()
        begun = time.monotonic()
        event()
        took = time.monotonic() - begun
        return took + self.until(name)

    def _turn(self) -> str:
        """Send the next datagram when it is time; what was answered until then."""
        now = time.monotonic()
        if now >= self._next:
            self._sock.sendto(b"?", self._to)
            self._next = max(self._next + STEP, now)
        ready, _, _ = select.select([self._sock], [], [], max(0.0, self._next - now))
        return self._sock.recv(64).decode() if ready else ""
