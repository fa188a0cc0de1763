# SPDX-License-Identifier: GPL-2.0
"""B2: when one process joins while the last member leaves, built-in C may lose the new route."""

import os
import socket
from collections.abc import Callable

import pytest

from harness.defect import Defect
from harness.kernel.halt import halfway_through_a_leave
from harness.kernel.implementation import MODULE
from harness.sockopt import anycast
from harness.sockopt.anycast import IPV6_JOIN_ANYCAST, IPV6_LEAVE_ANYCAST, Group, mreq
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP
from harness.views.observer import ABSENT, BLACK_HOLE, PUBLISHED, Observer, routed
from harness.views.stat import stat
from harness.wait import eventually

PAIRS = 100_000
# Pairs of both processes between two looks. C goes wrong in one pair of a hundred or so, but only
# what the last pair of a batch left behind is seen. So C's column has 5000 looks, and the module's
# 500: it would notice the same defect with 99 %. The scenario without chance always does.
BATCH, BATCH_IN_C = 200, 20
# So many looks come to one at the group from all sides.
WHOLE = 10
GO, DONE, END = b"g", b"d", b"e"


class Racer:
    """A process on a CPU of its own that changes the group as fast as it can when told to."""

    def __init__(self, host: Host, cpu: int, pairs: int, *options: int) -> None:
        """`options` are a pair; who leaves first begins as a member."""
        near, far = socket.socketpair()
        self._line = host.adopt(near)
        self._child = host.child(lambda: race(host.open(), far, cpu, pairs, options))
        far.close()

    def go(self) -> None:
        self._line.send(GO)

    def wait(self) -> None:
        assert self._line.recv(1) == DONE

    def end(self) -> None:
        self._line.send(END)
        self._child.result()


def race(
    sock: socket.socket, line: socket.socket, cpu: int, pairs: int, options: tuple[int, ...]
) -> None:
    os.sched_setaffinity(0, {cpu})
    first, second = options
    request = mreq(GROUP, IFINDEX)
    if first == IPV6_LEAVE_ANYCAST:
        anycast.join(sock, GROUP, IFINDEX)
    line.send(DONE)
    while line.recv(1) == GO:
        for _ in range(pairs):
            sock.setsockopt(socket.IPPROTO_IPV6, first, request)
            sock.setsockopt(socket.IPPROTO_IPV6, second, request)
        line.send(DONE)


@pytest.fixture
def racers(implementation: str, server: Host) -> list[Racer]:
    """A member that leaves and returns, and another process that joins and leaves."""
    pairs = (BATCH if implementation == MODULE else BATCH_IN_C) // 2
    member = Racer(server, 0, pairs, IPV6_LEAVE_ANYCAST, IPV6_JOIN_ANYCAST)
    other = Racer(server, 1, pairs, IPV6_JOIN_ANYCAST, IPV6_LEAVE_ANYCAST)
    for racer in member, other:
        racer.wait()
    return [member, other]


def test_races(
    defect: Defect,
    server: Host,
    observer: Observer,
    racers: list[Racer],
    many: Callable[[int], int],
) -> None:
    """After each batch the one member is there, and the group is all that it should be."""
    batch = BATCH if defect.implementation == MODULE else BATCH_IN_C
    for number in range(many(PAIRS) // batch):
        for racer in racers:
            racer.go()
        for racer in racers:
            racer.wait()
        assert server.groups() == [Group(server.device, GROUP, 1)]
        whole = defect.implementation == MODULE and number % WHOLE == 0
        if whole or not routed(server, GROUP):
            defect.check(observer.state(GROUP), PUBLISHED, BLACK_HOLE)
        assert_nothing_repaired(defect, server)
        if defect.shown:
            break
    for racer in racers:
        racer.end()
    observer.becomes(ABSENT, GROUP)


def assert_nothing_repaired(defect: Defect, server: Host) -> None:
    """A route that was lost all the same would be restored, and counted."""
    if defect.implementation == MODULE:
        assert stat(server.namespace)["reconciled"] == 0


def test_join_halfway_through_the_last_leave(
    defect: Defect, server: Host, observer: Observer
) -> None:
    """The last member is about to delete its route; the new one needs a route of its own."""
    sock = server.open()
    with halfway_through_a_leave(server, GROUP):
        joiner = server.child(lambda: anycast.join(sock, GROUP, IFINDEX))
        # It has to wait with the module.
        eventually("the join is done, or waits", lambda: joiner.state() in "DZ")
    joiner.result()
    assert server.groups() == [Group(server.device, GROUP, 1)]
    defect.check(observer.state(GROUP), PUBLISHED, BLACK_HOLE)
    assert_nothing_repaired(defect, server)
    sock.close()
    observer.becomes(ABSENT, GROUP)
