# SPDX-License-Identifier: GPL-2.0
"""SYNs for listeners with many memberships that close while tasks switch between C and Rust.

C frees memberships without the socket lock, so a SYN may not walk them then. That something is
looked at after it was freed is for KASAN to tell, on the debug kernel.
"""

import socket
import time
from contextlib import suppress

from harness.kernel.implementation import ANYCAST6, BUILTIN_C, MODULE, switch_to
from harness.sockopt import anycast
from harness.stress.soak import Soak
from harness.stress.span import Span
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, Cable
from harness.wait import eventually
from harness.wire.frames import Wire
from harness.wire.tcp import ACCEPTED, PORT, Knock, listener

ROUNDS, MANY_ROUNDS = 3, 200
FRAMES, LISTENERS = 32, 4
# What net.core.optmem_max lets a socket have, about.
MEMBERSHIPS = 4000


def flood(cable: Cable, span: Span) -> int:
    knock = Knock(cable)
    frames = [knock.frame(GROUP, sport=30000 + number) for number in range(FRAMES)]
    wire = Wire(cable.client)
    sent = 0
    span.start()
    while not span.over():
        for frame in frames:
            with suppress(BlockingIOError):
                wire.send(frame)
                sent += 1
    return sent


def churn(host: Host, span: Span, memberships: int) -> int:
    """Listeners that share the port, with many memberships each, close and come again."""
    socks: list[socket.socket] = []
    closed = 0
    span.start()
    while not span.over():
        sock = host.open(socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.bind(("::", PORT))
        for _ in range(memberships):
            anycast.join(sock, GROUP, IFINDEX)
        sock.listen(8)
        socks.append(sock)
        if len(socks) > LISTENERS:
            socks.pop(0).close()
            closed += 1
    return closed


def switch_slowly(implementation: str) -> None:
    """Give tasks time to be in both."""
    began = time.monotonic()
    switch_to(implementation)
    eventually("a moment has passed", lambda: time.monotonic() - began > 1.0)


def test_listeners_close_while_tasks_switch(cable: Cable, soak: Soak) -> None:
    switch_to(BUILTIN_C)
    server = cable.server
    server.member(GROUP)
    span = Span()
    flooding = span.child(cable.client, lambda: flood(cable, span))
    memberships = MEMBERSHIPS if not soak.slow_kernel else MEMBERSHIPS // 10
    closing = span.child(server, lambda: churn(server, span, memberships))
    span.begin()
    rounds = soak.count(ROUNDS, MANY_ROUNDS)
    for _ in range(rounds):
        switch_slowly(MODULE)
        switch_slowly(BUILTIN_C)
    span.end()
    soak.record(syns=flooding.result(), listeners_closed=closing.result(), switches=2 * rounds)
    assert not ANYCAST6.is_loaded()


def test_listener_of_before_is_reached_again(cable: Cable) -> None:
    """When all tasks have switched: a SYN that came in between is not answered, and comes again."""
    switch_to(BUILTIN_C)
    sock = listener(cable.server)
    anycast.join(sock, GROUP, IFINDEX)
    switch_to(MODULE)
    assert Knock(cable).answers(GROUP, 3) == [ACCEPTED] * 3
