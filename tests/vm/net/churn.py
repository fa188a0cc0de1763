# SPDX-License-Identifier: GPL-2.0
"""A process that joins and leaves groups at random by several sockets."""

import pickle
import random
import socket
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from net import anycast
from net.host import IFINDEX, Host

SOCKETS = 3
END = b"e"


class Churn:
    """At the end of its time it keeps what it holds, until it is told to close all."""

    def __init__(self, host: Host, groups: Sequence[str], seed: str, seconds: float) -> None:
        near, far = socket.socketpair()
        self._line = host.adopt(near)
        self._child = host.child(lambda: _churn(host, far, groups, random.Random(seed), seconds))
        far.close()
        self.done: Counter[str] = Counter()

    def held(self) -> Counter[str]:
        """How often it holds each group; waits until it has come to rest, and `done` is known."""
        held, self.done = pickle.loads(self._line.recv(65536))
        return held

    def end(self) -> None:
        self._line.send(END)
        self._child.result()


def _churn(
    host: Host, line: socket.socket, groups: Sequence[str], rng: random.Random, seconds: float
) -> None:
    done: Counter[str] = Counter()
    members = [_Member(host, done) for _ in range(SOCKETS)]
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        action = rng.choices([_Member.join, _Member.leave, _Member.close], [10, 9, 1])[0]
        action(rng.choice(members), rng.choice(groups))
    line.send(pickle.dumps((sum((member.held for member in members), Counter()), done)))
    line.recv(1)


class _Member:
    """A socket that counts what it was granted; what it is refused just then does not matter."""

    def __init__(self, host: Host, done: Counter[str]) -> None:
        self._host = host
        self._done = done
        self.close("")

    def join(self, group: str) -> None:
        with suppress(OSError):
            anycast.join(self._sock, group, IFINDEX)
            self.held[group] += 1
            self._done["joins"] += 1

    def leave(self, group: str) -> None:
        with suppress(OSError):
            anycast.leave(self._sock, group, IFINDEX)
            self.held[group] -= 1
            self._done["leaves"] += 1

    def close(self, _: str) -> None:
        """Begin again with another socket; the old one has no other reference."""
        self._sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        self.held: Counter[str] = Counter()
        self._done["closes"] += 1
