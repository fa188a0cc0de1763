# SPDX-License-Identifier: GPL-2.0
"""Namespaces that are there for sockets alone: programs elsewhere hold the last reference.

+------- one after the other -------+          +--- client ---+
| veth-server, ifindex 11           |==========| far0-0, ...  |
| a router, three sockets, no files |   veth   | veth-client  |=== cable to the server
+-----------------------------------+          +--------------+
"""

import random
import socket
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from pyroute2 import IPRoute

from harness.process.child import Child
from harness.sockopt import anycast
from harness.stress.scene import GROUPS
from harness.stress.span import Span
from harness.topology.host import IFINDEX
from harness.topology.lan import Cable
from harness.topology.namespace import Namespace
from harness.wire.frames import packet_socket

FAR = "far"
SOCKETS = 3
STEPS = 100
ACTIONS = ("namespaces", "joins", "leaves")


class LastHolder:
    """A process that makes namespaces, one after the other, and lets go of them in use."""

    def __init__(
        self, cable: Cable, number: int, frames: Sequence[bytes], seed: str, span: Span
    ) -> None:
        """`frames` go to the device of each namespace, from its peer in the client's."""
        self._span = span
        self._child = span.child(
            cable.server,
            lambda: _make(cable, f"{FAR}{number}-", frames, f"{seed} {number}", span),
            ACTIONS,
        )

    def done(self) -> Counter[str]:
        return self._child.result(self._span.limit())


def _make(
    cable: Cable, prefix: str, frames: Sequence[bytes], seed: str, span: Span
) -> Counter[str]:
    done: Counter[str] = Counter()
    rng, partners = random.Random(seed), random.Random(f"{seed} partner")
    with cable.client.namespace.inside():
        rtnl = IPRoute()
    span.start()
    while not span.over(done):
        peer = f"{prefix}{done['namespaces']}"
        sockets = _sockets_of_a_namespace(cable, peer, rtnl)
        theirs = random.Random(partners.random())
        partner = Child(lambda sockets=sockets, theirs=theirs: _use(sockets, theirs))
        done += _use(sockets, rng)
        _send(cable, peer, frames)
        for sock in sockets:
            sock.close()
        done += partner.result()
        done["namespaces"] += 1
    return done


def _sockets_of_a_namespace(cable: Cable, peer: str, client_rtnl: IPRoute) -> list[socket.socket]:
    """A router's, and nothing else of it is open."""
    server, client = cable.hosts
    namespace = Namespace()
    far = {"ifname": peer, "net_ns_fd": client.namespace.descriptor()}
    device = {"ifname": server.device, "index": IFINDEX, "address": server.mac}
    namespace.rtnl.link("add", kind="veth", peer=far, **device)
    namespace.rtnl.link("set", index=IFINDEX, state="up")
    client_rtnl.link("set", index=client.namespace.index_of(peer), state="up")
    namespace.sysctl("ipv6/conf/all/forwarding", "1")
    with namespace.inside():
        sockets = [socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) for _ in range(SOCKETS)]
    namespace.close()
    return sockets


def _use(sockets: Sequence[socket.socket], rng: random.Random) -> Counter[str]:
    done: Counter[str] = Counter()
    for _ in range(STEPS):
        kind, action = rng.choice((("joins", anycast.join), ("leaves", anycast.leave)))
        with suppress(OSError):
            action(rng.choice(sockets), rng.choice(GROUPS), IFINDEX)
            done[kind] += 1
    return done


def _send(cable: Cable, peer: str, frames: Sequence[bytes]) -> None:
    with packet_socket(cable.client.namespace, peer) as sock:
        for frame in frames:
            sock.send(frame)
