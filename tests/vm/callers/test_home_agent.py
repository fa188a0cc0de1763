# SPDX-License-Identifier: GPL-2.0
"""Mobile IPv6: home agents found by anycast (RFC 6275, 10.5), by a caller of the in-kernel API."""

import select
import socket
from pathlib import Path

import pytest
from scapy.layers.inet6 import ICMPv6HAADReply, ICMPv6HAADRequest, IPv6
from scapy.packet import Raw
from scapy.utils import rdpcap, wrpcap

from harness.kernel.home_agent import (
    ANYCAST,
    AWAY_ADDRESS,
    AWAY_ANYCAST,
    OTHERS,
    HomeAgent,
    MobileNode,
    expected,
    identifier,
    parse,
)
from harness.sockopt import anycast
from harness.topology.host import Host
from harness.topology.lan import PREFIX, Cable
from harness.topology.loss import VRF, VRFS, add_vrf, delete_vrf, enslave, release
from harness.wire.frames import packet_socket

FOREIGN, CARE_OF = "2001:db8:2::/64", "2001:db8:2::7"
MOST = 77  # addresses in a packet of 1280 bytes
DLT_EN10MB = 1  # Ethernet, in a capture file

# ---- the exchange ----


class Tap:
    """What passes an interface in either direction, by default the host's."""

    def __init__(self, host: Host, device: str = "") -> None:
        sock = packet_socket(host.namespace, device or host.device, socket.ETH_P_ALL)
        self._sock = host.adopt(sock)

    def frames(self) -> list[bytes]:
        seen = []
        while select.select([self._sock], [], [], 0)[0]:
            seen.append(self._sock.recv(65536))
        return seen


@pytest.mark.usefixtures("serving")
def test_exchange_in_a_capture(
    server: Host, client: Host, node: MobileNode, tmp_path: Path
) -> None:
    tap = Tap(server)
    question = node.request()
    node.ask(question)
    file = str(tmp_path / "exchange.pcap")
    wrpcap(file, tap.frames(), linktype=DLT_EN10MB)
    packets = rdpcap(file)
    messages = [p for p in packets if p.haslayer(ICMPv6HAADRequest) or p.haslayer(ICMPv6HAADReply)]
    request, reply = messages
    assert bytes(request) == bytes(question)
    assert request[IPv6].dst == ANYCAST
    assert parse(bytes(reply)) == expected(server, client, identifier(question))
    assert reply[ICMPv6HAADReply].answers(request[ICMPv6HAADRequest])


def test_home_agents_in_the_given_order(
    server: Host, client: Host, agent: HomeAgent, node: MobileNode
) -> None:
    agents = (OTHERS[0], server.address, OTHERS[1])
    agent.serve(*agents)
    request = node.request()
    assert node.ask(request) == expected(server, client, identifier(request), agents=agents)


def test_as_many_as_fit(server: Host, client: Host, agent: HomeAgent, node: MobileNode) -> None:
    """A reply with one more would not fit into the minimum MTU."""
    agents = (server.address, *(f"{PREFIX}{number:x}" for number in range(0x100, 0x100 + MOST - 1)))
    assert anycast.result(lambda: agent.serve(*agents, OTHERS[0])) == "E2BIG"
    agent.serve(*agents)
    request = node.request()
    assert node.ask(request) == expected(server, client, identifier(request), agents=agents)


@pytest.mark.usefixtures("serving")
def test_reserved_bits_are_ignored(server: Host, client: Host, node: MobileNode) -> None:
    """Even R of RFC 3963, by which a mobile router asks for agents that serve mobile routers."""
    request = node.request()
    request[ICMPv6HAADRequest].R, request[ICMPv6HAADRequest].res = 1, 0x7FFF
    assert node.ask(request) == expected(server, client, identifier(request))


@pytest.mark.usefixtures("serving")
def test_more_than_a_request(server: Host, client: Host, node: MobileNode) -> None:
    """A later version of the protocol may append to it."""
    request = node.request() / bytes(100)
    assert node.ask(request) == expected(server, client, identifier(request))


@pytest.mark.usefixtures("serving")
def test_burst_is_answered_in_order(server: Host, client: Host, node: MobileNode) -> None:
    """Also requests that come in while another one waits to be answered."""
    requests = [node.request() for _ in range(20)]
    answers = [expected(server, client, identifier(request)) for request in requests]
    assert node.replies(*[Raw(bytes(request)) for request in requests]) == answers


# ---- whence a mobile node asks ----


@pytest.mark.usefixtures("serving")
def test_from_a_foreign_network(server: Host, client: Host, node: MobileNode) -> None:
    """The reply goes to the care-of address, by the home agent's routes."""
    client.add_temporary_address(CARE_OF)
    server.namespace.add_route(FOREIGN, server.device)
    request = node.request(source=CARE_OF)
    answer = expected(server, client, identifier(request), destination=CARE_OF)
    assert node.ask(request) == answer


@pytest.mark.usefixtures("serving")
def test_from_a_link_local_address(server: Host, client: Host, node: MobileNode) -> None:
    request = node.request(source=client.link_local)
    answer = expected(server, client, identifier(request), destination=client.link_local)
    assert node.ask(request) == answer


def test_through_another_interface(
    server: Host, client: Host, agent: HomeAgent, node: MobileNode, home_link: str
) -> None:
    """That is how it is in earnest: the mobile node is anywhere but on its home link."""
    agent.serve(AWAY_ADDRESS, device=home_link)
    request = node.request(AWAY_ANYCAST)
    answer = expected(
        server, client, identifier(request), source=AWAY_ADDRESS, agents=(AWAY_ADDRESS,)
    )
    assert node.ask(request) == answer


def test_reply_takes_another_way(
    server: Host, serving: HomeAgent, node: MobileNode, home_link: str
) -> None:
    """The routes tell where a reply leaves, not the interface that its request came in on."""
    server.namespace.add_route(FOREIGN, home_link)
    tap = Tap(server, home_link)
    request = node.request(source=CARE_OF)
    assert node.replies(request) == []
    (reply,) = [reply for frame in tap.frames() if (reply := parse(frame))]
    assert (reply.source, reply.destination) == (server.address, CARE_OF)
    assert reply.identifier == identifier(request)


def test_two_links(
    server: Host, client: Host, serving: HomeAgent, node: MobileNode, home_link: str
) -> None:
    """Each prefix has its own home agents; the end of one link leaves the other alone."""
    serving.serve(AWAY_ADDRESS, device=home_link)
    here, there = node.request(), node.request(AWAY_ANYCAST)
    assert [reply.agents for reply in node.replies(here, there)] == [
        (server.address,),
        (AWAY_ADDRESS,),
    ]
    serving.stop(home_link)
    assert node.replies(node.request(AWAY_ANYCAST)) == []
    request = node.request()
    assert node.ask(request) == expected(server, client, identifier(request))


def test_in_a_vrf(cable: Cable, agent: HomeAgent, node: MobileNode) -> None:
    """The way back is in the VRF's table."""
    server, client = cable.hosts
    add_vrf(server, VRF, VRFS[VRF])
    enslave(cable)
    agent.serve(server.address)
    request = node.request()
    assert node.ask(request) == expected(server, client, identifier(request))
    agent.stop()
    release(cable)
    delete_vrf(server, VRF)
