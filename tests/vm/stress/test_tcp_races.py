# SPDX-License-Identifier: GPL-2.0
"""SYNs that come while their listener comes and goes, joins and leaves: the kernel must not mind.

Each SYN is answered or not, as it meets the listener; what these scenarios are about is that
nothing freed is looked at, which the kernel log and the end of the run tell.
"""

import random
import socket
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from harness.sockopt import anycast
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, SECOND, Cable
from harness.wire.frames import Wire
from harness.wire.tcp import ACCEPTED, PORT, Knock, listener

SECONDS = 4.0
FRAMES = 32


@pytest.fixture
def flood(implementation: str, cable: Cable) -> Callable[[], int]:
    """SYNs to the group from many ports, from another process, until the time is over."""
    knock = Knock(cable)
    frames = [knock.frame(GROUP, sport=30000 + number) for number in range(FRAMES)]
    wire = Wire(cable.client)

    def send() -> int:
        count, deadline = 0, time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            for frame in frames:
                with suppress(BlockingIOError):
                    wire.send(frame)
                    count += 1
        return count

    return cable.client.child(send).result


def until_over(work: Callable[[], None]) -> int:
    """How often it was done."""
    count, deadline = 0, time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        work()
        count += 1
    return count


def served_afterwards(cable: Cable, implementation: str) -> None:
    sock = listener(cable.server)
    anycast.join(sock, GROUP, IFINDEX)
    answers = Knock(cable).answers(GROUP, 3)
    assert answers == [ACCEPTED if implementation == "module" else "silence"] * 3


def test_listener_closed(
    implementation: str, cable: Cable, flood: Callable[[], int], rng: random.Random
) -> None:
    """The close of the socket is its leave."""
    cable.server.member(GROUP)

    def work() -> None:
        sock = _open(cable.server)
        anycast.join(sock, GROUP, IFINDEX)
        sock.listen(8)
        _pause(rng)
        sock.close()

    assert until_over(work) > 10
    assert flood() > FRAMES
    served_afterwards(cable, implementation)


def test_listener_joins_and_leaves(
    implementation: str, cable: Cable, flood: Callable[[], int], rng: random.Random
) -> None:
    """At times it is the last one to hold the group."""
    sock = _open(cable.server)
    sock.listen(8)

    def work() -> None:
        for group in (GROUP, SECOND):
            anycast.join(sock, group, IFINDEX)
        _pause(rng)
        for group in (GROUP, SECOND):
            anycast.leave(sock, group, IFINDEX)

    assert until_over(work) > 10
    assert flood() > FRAMES
    sock.close()
    served_afterwards(cable, implementation)


def test_listener_of_a_group_that_is_lost(
    implementation: str, cable: Cable, flood: Callable[[], int], rng: random.Random
) -> None:
    """The device loses IPv6 and gets it back while SYNs come in, then the listener is closed."""
    server = cable.server

    def work() -> None:
        sock = _open(server)
        anycast.join(sock, GROUP, IFINDEX)
        sock.listen(8)
        _pause(rng)
        for value in ("1", "0"):
            server.namespace.sysctl(f"ipv6/conf/{server.device}/disable_ipv6", value)
        server.restore_addresses()
        sock.close()

    assert until_over(work) > 0
    assert flood() > FRAMES
    served_afterwards(cable, implementation)


def _open(host: Host) -> socket.socket:
    with host.namespace.inside():
        sock = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("::", PORT))
    return host.adopt(sock)


def _pause(rng: random.Random) -> None:
    """Let some SYNs through, or none."""
    for _ in range(rng.choice((0, 1, 10, 100, 1000))):
        pass
