# SPDX-License-Identifier: GPL-2.0
"""Packets to a group: who gets them, and what the answers come from."""

import socket

import pytest
from scapy.layers.inet import TCP, UDP
from scapy.layers.inet6 import ICMPv6DestUnreach, ICMPv6ND_NA, ICMPv6ND_NS, IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Packet

from harness.topology.host import IFINDEX, NUD_PERMANENT, Host
from harness.topology.lan import GROUP, LINK_LOCAL_GROUP, OFF_PREFIX, Cable
from harness.wire.frames import Wire
from harness.wire.packets import Datagram, Echo, Service, receive

pytestmark = pytest.mark.usefixtures("implementation", "undelayed")

CLIENT_PORT = 5353
PORT_UNREACHABLE = 4


@pytest.fixture
def known_neighbour(server: Host, client: Host) -> None:
    """The client sends to the group without asking for it, whether there is a member or not."""
    client.namespace.rtnl.neigh(
        "add", dst=GROUP, lladdr=server.mac, ifindex=client.ifindex, state=NUD_PERMANENT
    )


def test_ping_is_answered_from_the_unicast_address(server: Host, client: Host) -> None:
    server.member(GROUP)
    assert Echo(client).answerer(GROUP) == server.address


def test_ping_of_a_link_local_group(server: Host, client: Host) -> None:
    server.member(LINK_LOCAL_GROUP)
    assert Echo(client).answerer(LINK_LOCAL_GROUP, client.ifindex) == server.link_local


def test_ping_of_an_off_prefix_group(server: Host, client: Host) -> None:
    """It is reached by whoever has a route to the member."""
    server.forwarding(True)
    server.member(OFF_PREFIX)
    client.namespace.add_route(f"{OFF_PREFIX}/128", client.device)
    assert Echo(client).answerer(OFF_PREFIX) == server.address


def test_sysctl_lets_the_group_answer(server: Host, client: Host) -> None:
    server.namespace.sysctl("ipv6/anycast_src_echo_reply", "1")
    server.member(GROUP)
    assert Echo(client).answerer(GROUP) == GROUP


def test_sysctl_ignores_echo_to_groups(server: Host, client: Host) -> None:
    """The reply to the unicast address, asked later, comes first."""
    server.namespace.sysctl("ipv6/icmp/echo_ignore_anycast", "1")
    server.member(GROUP)
    echo = Echo(client)
    echo.send(GROUP)
    echo.send(server.address)
    assert echo.reply() == (2, server.address)
    server.namespace.sysctl("ipv6/icmp/echo_ignore_anycast", "0")
    assert echo.answerer(GROUP) == server.address


@pytest.mark.smoke("module")
def test_datagram_reaches_a_wildcard_socket(server: Host, client: Host) -> None:
    """The service sees the group; its answer without a chosen source is a unicast address."""
    service = Service(server)
    server.member(GROUP)
    sock = client.open()
    sock.bind((client.address, CLIENT_PORT))
    sock.sendto(b"question", (GROUP, Service.PORT))
    assert service.receive() == Datagram(b"question", client.address, CLIENT_PORT, GROUP, IFINDEX)
    service.sock.sendto(b"answer", (client.address, CLIENT_PORT))
    assert receive(sock)[:3] == (b"answer", server.address, Service.PORT)


@pytest.mark.usefixtures("known_neighbour")
def test_datagram_without_member_is_dropped(server: Host, client: Host) -> None:
    service = Service(server)
    sock = client.open()
    member = server.member(GROUP)
    sock.sendto(b"member", (GROUP, Service.PORT))
    assert service.receive().payload == b"member"
    member.close()
    sock.sendto(b"nobody", (GROUP, Service.PORT))
    sock.sendto(b"behind", (server.address, Service.PORT))
    assert service.receive().payload == b"behind"


def test_closed_port_is_refused_by_the_group(cable: Cable) -> None:
    """The error comes from the address that the client asked."""
    cable.server.member(GROUP)
    wire = Wire(cable.client)
    wire.send(packet(cable, GROUP, UDP(sport=1, dport=9)))
    reply = first_reply(cable, wire)
    assert (reply.src, reply[ICMPv6DestUnreach].code) == (GROUP, PORT_UNREACHABLE)


def test_tcp_is_dropped_without_a_word(cable: Cable) -> None:
    """Neither accepted nor refused: the first reply is that to the datagram sent behind."""
    listener = cable.server.open(socket.SOCK_STREAM)
    listener.bind(("::", 80))
    listener.listen()
    cable.server.member(GROUP)
    wire = Wire(cable.client)
    wire.send(packet(cable, GROUP, TCP(sport=1, dport=80, flags="S")))
    wire.send(packet(cable, cable.server.address, UDP(sport=1, dport=9)))
    reply = first_reply(cable, wire)
    assert (reply.src, reply[ICMPv6DestUnreach].code) == (cable.server.address, PORT_UNREACHABLE)


def packet(cable: Cable, destination: str, transport: Packet) -> bytes:
    header = Ether(src=cable.client.mac, dst=cable.server.mac)
    return bytes(header / IPv6(src=cable.client.address, dst=destination) / transport)


def first_reply(cable: Cable, wire: Wire) -> Packet:
    """The first packet to the client that is not neighbour discovery."""
    for frame in wire.incoming():
        reply = Ether(frame)[IPv6]
        discovery = isinstance(reply.payload, ICMPv6ND_NS | ICMPv6ND_NA)
        if reply.dst == cable.client.address and not discovery:
            return reply
    raise AssertionError("no reply")
