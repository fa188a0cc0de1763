# SPDX-License-Identifier: GPL-2.0
"""Switching to and fro while neighbours ask and programs join and leave: nothing held is lost."""

import os
import time
from collections import Counter
from contextlib import suppress

from harness.kernel.implementation import BUILTIN_C, MODULE, switch_to
from harness.sockopt import anycast
from harness.sockopt.anycast import Group
from harness.stress import churn
from harness.stress.churn import Churn
from harness.stress.soak import Soak
from harness.stress.span import Span
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, PREFIX, SECOND, Cable
from harness.wire import tcp
from harness.wire.ndisc import Peer
from harness.wire.traffic import Traffic

ROUNDS, MANY_ROUNDS = 5, 1000
# Seconds for all tasks to switch: what is aimed at, and what is borne on a machine that does other
# work as well.
AIM, LIMIT = 10.0, 40.0
CHURNED = PREFIX + "1:c", PREFIX + "1:d", "fe80::1:e"
CHURNERS = 2
# Seconds between the steps of each process: a transition waits for processors that are busy.
PACE = 0.05
# Those of the module.
FILES = ("anycast6_members", "anycast6_stat")


def test_rounds(cable: Cable, peer: Peer, seed: str, soak: Soak) -> None:
    switch_to(BUILTIN_C)
    server, client = cable.hosts
    server.forwarding(True)
    listener = tcp.listener(server)
    anycast.join(listener, GROUP, IFINDEX)
    server.member(SECOND, SECOND)
    span = Span()
    traffic = Traffic(server, client, span)
    traffic.datagrams(GROUP)
    traffic.solicitations(peer, SECOND)
    traffic.connections()
    traffic.syns(cable)
    churners = [
        Churn(server, CHURNED, f"{seed} {number}", span, PACE) for number in range(CHURNERS)
    ]
    role = span.child(server, lambda: change_role(server, span))
    kept = {Group(server.device, group, 2) for group in (GROUP, SECOND)}
    span.begin()
    longest, connection = 0.0, None
    for number in range(soak.count(ROUNDS, MANY_ROUNDS)):
        for implementation in MODULE, BUILTIN_C:
            longest = max(longest, switch_with_readers(server, implementation, kept))
            assert set(server.groups()) >= kept, number
            if implementation == MODULE:  # C does not answer for groups
                connection = tcp.connect(client, listener, GROUP)
            connection.carries()
        connection.close()
    span.end()
    held = sum((churner.held() for churner in churners), Counter())
    asked, lost = traffic.done()
    users = Counter({group.address: group.users for group in server.groups()})
    assert Counter({group: users[group] for group in CHURNED}) == held
    left = sum((churner.leave() for churner in churners), Counter())
    assert left == Counter({(group, "OK"): count for group, count in held.items()})
    for churner in churners:
        churner.end()
    assert lost.total() == 0, lost
    done = sum((churner.done for churner in churners), asked)
    soak.record(
        ROUNDS,
        switches=2 * (number + 1),
        connections_to_the_group=number + 1,
        roles=role.result(),
        **{kind: done[kind] for kind in (*asked, *churn.ACTIONS)},
    )
    over = f", above the {AIM:g} s aimed at" if longest > AIM else ""
    soak.found(f"{lost.total()} lost; longest switch {longest:.1f} s{over}")


def switch_with_readers(server: Host, implementation: str, kept: set[Group]) -> float:
    """Switch while listings are open and partly read; the seconds it took all tasks."""
    own = server.namespace.open_proc("anycast6")
    files = FILES if implementation == BUILTIN_C else ()
    readers = [server.namespace.open_proc(name) for name in files]
    begun = os.read(own, 1)
    for reader in readers:
        assert os.read(reader, 1)
    took = switch_to(implementation)
    # The kernel's own file stays, and what has been begun is read to its end.
    assert set(anycast.parse(begun + rest(own))) >= kept
    for reader in readers:
        with suppress(OSError):  # a file of the module's own has gone
            rest(reader)
        os.close(reader)
    os.close(own)
    assert took < LIMIT
    return took


def rest(reader: int) -> bytes:
    return b"".join(iter(lambda: os.read(reader, 4096), b""))


def change_role(host: Host, span: Span) -> int:
    """Have addrconf add and drop its groups."""
    turns = 0
    span.start()
    while not span.over():
        host.namespace.sysctl("ipv6/conf/all/forwarding", str(turns % 2))
        turns += 1
        time.sleep(PACE)
    host.namespace.sysctl("ipv6/conf/all/forwarding", "1")
    return turns
