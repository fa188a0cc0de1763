# SPDX-License-Identifier: GPL-2.0
"""A process that joins and leaves groups at random by several sockets, one of them a listener."""

import pickle
import random
import socket
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from harness.sockopt import anycast
from harness.stress.span import Span
from harness.topology.host import IFINDEX, Host

SOCKETS = 3
PORT = 4243
LEAVE, END = b"l", b"e"
ACTIONS = ("joins", "leaves", "closes")


class Churn:
    """At the end of its time it keeps what it holds, until it is told to close all."""

    def __init__(
        self, host: Host, groups: Sequence[str], seed: str, span: Span, pace: float = 0.0
    ) -> None:
        """`pace`: seconds between its steps."""
        near, far = socket.socketpair()
        self._line = host.adopt(near)
        self._child = span.child(
            host, lambda: _churn(host, far, groups, random.Random(seed), span, pace), ACTIONS
        )
        far.close()
        self.done: Counter[str] = Counter()

    def held(self) -> Counter[str]:
        """How often it holds each group; waits until it has come to rest, and `done` is known."""
        held, self.done = pickle.loads(self._line.recv(65536))
        return held

    def leave(self) -> Counter[tuple[str, str]]:
        """Give back every membership; how often a group's leave was answered in which way."""
        self._line.send(LEAVE)
        return pickle.loads(self._line.recv(65536))

    def end(self) -> None:
        self._line.send(END)
        self._child.result()


def _churn(
    host: Host,
    line: socket.socket,
    groups: Sequence[str],
    rng: random.Random,
    span: Span,
    pace: float,
) -> None:
    done: Counter[str] = Counter()
    members = [_Member(host, done, listening=number == 0) for number in range(SOCKETS)]
    span.start()
    while not span.over(done):
        action = rng.choices([_Member.join, _Member.leave, _Member.close], [10, 9, 1])[0]
        action(rng.choice(members), rng.choice(groups))
        if pace:
            time.sleep(pace)
    line.send(pickle.dumps((sum((member.held for member in members), Counter()), done)))
    if line.recv(1) == LEAVE:
        line.send(pickle.dumps(sum((member.leave_all() for member in members), Counter())))
        line.recv(1)


class _Member:
    """A socket that counts what it was granted; what it is refused just then does not matter."""

    def __init__(self, host: Host, done: Counter[str], *, listening: bool) -> None:
        self._host = host
        self._listening = listening
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
        kind = socket.SOCK_STREAM if self._listening else socket.SOCK_DGRAM
        self._sock = socket.socket(socket.AF_INET6, kind)
        if self._listening:
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            self._sock.bind(("::", PORT))
            self._sock.listen()
        self.held: Counter[str] = Counter()
        self._done["closes"] += 1

    def leave_all(self) -> Counter[tuple[str, str]]:
        return Counter(
            (group, anycast.result(lambda group=group: anycast.leave(self._sock, group, IFINDEX)))
            for group in self.held.elements()
        )
