# SPDX-License-Identifier: GPL-2.0
"""UDP with a group's address: what a socket bound to it sends from and gets."""

import socket

import pytest

from harness.kernel.implementation import MODULE
from harness.sockopt import anycast
from harness.sockopt.options import IPV6_FREEBIND
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, LINK_LOCAL_GROUP, SECOND, Cable
from harness.topology.loss import LOSSES
from harness.wire.packets import (
    IPV6_RECVPKTINFO,
    Datagram,
    Service,
    packet_info,
    readable,
    receive,
)

pytestmark = pytest.mark.usefixtures("undelayed")

CLIENT_PORT = 5353
PORT = Service.PORT


@pytest.fixture
def free(implementation: str) -> int:
    """C binds to a group with IPV6_FREEBIND only; what follows is the same."""
    return int(implementation != MODULE)


@pytest.fixture
def asking(client: Host) -> socket.socket:
    sock = client.open()
    sock.bind((client.address, CLIENT_PORT))
    return sock


def bound(host: Host, free: int, address: str = GROUP, scope: int = 0) -> socket.socket:
    sock = host.open()
    sock.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, free)
    sock.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)
    sock.bind((address, PORT, 0, scope))
    return sock


def test_answers_from_the_group(
    server: Host, client: Host, asking: socket.socket, free: int
) -> None:
    server.member(GROUP)
    service = bound(server, free)
    asking.sendto(b"question", (GROUP, PORT))
    assert receive(service) == Datagram(b"question", client.address, CLIENT_PORT, GROUP, IFINDEX)
    service.sendto(b"answer", (client.address, CLIENT_PORT))
    assert receive(asking)[:3] == (b"answer", GROUP, PORT)


def test_hears_the_group_only(server: Host, asking: socket.socket, free: int) -> None:
    """Nothing for the unicast address or for another group."""
    server.member(GROUP, SECOND)
    service = bound(server, free)
    for address in (server.address, SECOND, GROUP):
        asking.sendto(address.encode(), (address, PORT))
    assert receive(service).payload == GROUP.encode()
    assert not readable(service, 0)


def test_bound_socket_goes_before_the_wildcard(
    server: Host, asking: socket.socket, free: int
) -> None:
    server.member(GROUP)
    both = [server.open(), server.open()]
    for sock, address in zip(both, ("::", GROUP), strict=True):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, free)
        sock.bind((address, PORT))
    asking.sendto(b"group", (GROUP, PORT))
    assert receive(both[1]).payload == b"group"
    asking.sendto(b"unicast", (server.address, PORT))
    assert receive(both[0]).payload == b"unicast"
    assert not any(readable(sock, 0) for sock in both)


def test_connected_on_both_sides(
    server: Host, client: Host, asking: socket.socket, free: int
) -> None:
    """A client that is connected to the group hears it, and only it."""
    server.member(GROUP)
    service, stranger = bound(server, free), server.open()
    stranger.bind((server.address, PORT))
    asking.connect((GROUP, PORT))
    asking.send(b"first")
    service.connect(receive(service)[1:3])
    assert service.getpeername()[:2] == (client.address, CLIENT_PORT)
    assert service.getsockname()[:2] == (GROUP, PORT)
    for number in range(3):
        stranger.sendto(b"from elsewhere", (client.address, CLIENT_PORT))
        service.send(b"answer %d" % number)
        assert receive(asking)[:3] == (b"answer %d" % number, GROUP, PORT)
        asking.send(b"question %d" % number)
        assert receive(service).payload == b"question %d" % number
    assert not readable(asking, 0)


def test_packet_info_goes_before_the_bound_address(
    server: Host, client: Host, asking: socket.socket, free: int
) -> None:
    server.member(GROUP)
    service = bound(server, free)
    to = (client.address, CLIENT_PORT)
    for source in (server.address, GROUP):
        service.sendmsg([b"answer"], packet_info(source, IFINDEX), 0, to)
        assert receive(asking)[:3] == (b"answer", source, PORT)


@pytest.mark.usefixtures("implementation")
def test_wildcard_socket_answers_from_unicast(
    server: Host, client: Host, asking: socket.socket
) -> None:
    """So a connected client does not hear it, unless the answer names the group as its source."""
    service = Service(server)
    anycast.join(service.sock, GROUP, IFINDEX)
    asking.connect((GROUP, PORT))
    asking.send(b"question")
    assert service.receive().destination == GROUP
    to = (client.address, CLIENT_PORT)
    service.sock.sendto(b"unicast", to)
    service.sock.sendmsg([b"group"], packet_info(GROUP, IFINDEX), 0, to)
    assert receive(asking).payload == b"group"
    assert not readable(asking, 0)
    unconnected = client.open()
    unconnected.bind((client.address, CLIENT_PORT + 1))
    service.sock.sendto(b"unicast", (client.address, CLIENT_PORT + 1))
    assert receive(unconnected)[:3] == (b"unicast", server.address, PORT)


def test_link_local_group(server: Host, client: Host, free: int) -> None:
    server.member(LINK_LOCAL_GROUP)
    service = bound(server, free, LINK_LOCAL_GROUP, IFINDEX)
    asking = client.open()
    asking.connect((LINK_LOCAL_GROUP, PORT, 0, client.ifindex))
    asking.send(b"question")
    question = receive(service)
    assert question[:2] == (b"question", client.link_local)
    service.sendto(b"answer", (client.link_local, question.port, 0, IFINDEX))
    assert receive(asking)[:3] == (b"answer", LINK_LOCAL_GROUP, PORT)


def test_after_the_group_is_left(
    server: Host, client: Host, asking: socket.socket, free: int
) -> None:
    """A reply under way is still sent; nothing more comes in until the group is held again."""
    member = server.member(GROUP)
    service = bound(server, free)
    asking.sendto(b"question", (GROUP, PORT))
    assert receive(service).payload == b"question"
    member.close()
    service.sendto(b"late answer", (client.address, CLIENT_PORT))
    assert receive(asking)[:3] == (b"late answer", GROUP, PORT)
    witness = server.open()
    witness.bind((server.address, PORT))
    asking.sendto(b"nobody", (GROUP, PORT))
    asking.sendto(b"behind", (server.address, PORT))
    assert receive(witness).payload == b"behind"
    assert not readable(service, 0)
    server.member(GROUP)
    asking.sendto(b"again", (GROUP, PORT))
    assert receive(service).payload == b"again"


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
@pytest.mark.parametrize("name", LOSSES)
def test_a_bound_socket_outlasts_the_loss_of_the_group(
    cable: Cable, asking: socket.socket, name: str
) -> None:
    """The same socket serves when the group is back, with built-in C it is lost."""
    server, loss = cable.server, LOSSES[name]
    server.member(GROUP)
    service = bound(server, 0)
    loss.lose(cable)
    loss.restore(cable)
    asking.sendto(b"question", (GROUP, PORT))
    assert receive(service).payload == b"question"
    service.sendto(b"answer", (cable.client.address, CLIENT_PORT))
    assert receive(asking)[:3] == (b"answer", GROUP, PORT)


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
def test_bound_before_the_group_is_published(cable: Cable, asking: socket.socket) -> None:
    """A program that starts before its network serves when the network is there."""
    server, loss = cable.server, LOSSES["disable_ipv6"]
    server.member(GROUP)
    loss.lose(cable)
    service = bound(server, 0)
    loss.restore(cable)
    asking.sendto(b"question", (GROUP, PORT))
    assert receive(service).payload == b"question"
