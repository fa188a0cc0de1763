# SPDX-License-Identifier: GPL-2.0
"""100 000 groups on one device: all are listed, each is answered for, all go at once.

On a slow kernel 10 000. What they cost is in docs/performance.md, by `make bench`.
"""

import socket
import struct
from collections.abc import Callable
from ipaddress import IPv6Address

import pytest

from harness.sockopt.anycast import IPV6_JOIN_ANYCAST
from harness.topology.host import Host
from harness.topology.lan import PREFIX
from harness.views.settings import max_groups
from harness.views.state import anycast_routes
from harness.wire.ndisc import Peer
from harness.wire.packets import Service

GROUPS = 100_000
# All have the same solicited-node group: mcast.c walks a list of those.
BASE, STEP = int(IPv6Address(PREFIX + "a:a0a")), 1 << 24
SOCKETS = 5


def address(number: int) -> str:
    return str(IPv6Address(BASE + number * STEP))


@pytest.fixture
def groups(many: Callable[[int], int]) -> int:
    return many(GROUPS)


@pytest.fixture
def crowd(server: Host, groups: int) -> list[socket.socket]:
    """Sockets that hold the groups, each a fifth."""
    server.namespace.sysctl("core/optmem_max", str(1 << 30))
    max_groups(server.namespace, groups)
    sockets = [server.open() for _ in range(SOCKETS)]
    index = struct.pack("=i", server.ifindex)
    for number in range(groups):
        request = (BASE + number * STEP).to_bytes(16) + index
        sockets[number % SOCKETS].setsockopt(socket.IPPROTO_IPV6, IPV6_JOIN_ANYCAST, request)
    return sockets


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
def test_many_groups(
    server: Host, client: Host, peer: Peer, crowd: list[socket.socket], groups: int
) -> None:
    """The scenario's log must be clean, too: no task may be stuck meanwhile."""
    listed = {group.address for group in server.groups()}
    assert listed == {address(number) for number in range(groups)}

    service, sender = Service(server), client.open()
    for number in (0, 1, groups // 2, groups - 2, groups - 1):
        target = address(number)
        (answer,) = peer.answers(peer.ask(target, multicast=True), target)
        assert answer.mac == server.mac
        sender.sendto(b"hello", (target, Service.PORT))
        assert service.receive().destination == target

    absent = address(groups)
    assert peer.answers(peer.ask(absent, multicast=True), absent) == []

    for sock in crowd:
        sock.close()
    assert server.groups() == []
    assert anycast_routes(server.namespace) == []
