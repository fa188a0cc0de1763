# SPDX-License-Identifier: GPL-2.0
"""Mobile IPv6: home agents found by anycast (RFC 6275, 10.5), by a caller of the in-kernel API."""

import select
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from scapy.layers.inet6 import ICMPv6HAADReply, ICMPv6HAADRequest, IPv6
from scapy.packet import Packet, Raw
from scapy.utils import rdpcap, wrpcap

from net import anycast, home_agent, kmodule
from net.anycast import Group
from net.home_agent import (
    ANYCAST,
    IDENTIFIER,
    REPLY,
    TYPE_OFFSET,
    HomeAgent,
    MobileNode,
    expected,
    parse,
)
from net.host import Host
from net.implementation import MODULE, switch_to
from net.lan import GROUP, PREFIX, Cable
from net.loss import VRF, VRFS, add_vrf, delete_vrf, down, enslave, move_away, release, up
from net.namespace import Namespace
from net.ndisc import ALL_NODES, UNSPECIFIED, Peer, icmp
from net.wait import eventually

OTHERS = tuple(PREFIX + last for last in ("e1", "e2"))
# Of a link behind the server, whose only other end is the server's own, too.
AWAY, AWAY_ADDRESS = "home", "2001:db8:7::1"
AWAY_ANYCAST = "2001:db8:7:0:fdff:ffff:ffff:fffe"
FOREIGN, CARE_OF = "2001:db8:2::/64", "2001:db8:2::7"
MOST = 77  # addresses in a packet of 1280 bytes
ETH_P_ALL = 3
DLT_EN10MB = 1  # Ethernet, in a capture file
MRT6_INIT = 200
MULTICAST_ROUTING = Path("/proc/sys/net/ipv6/conf/all/mc_forwarding")


@pytest.fixture(autouse=True)
def module() -> None:
    switch_to(MODULE)


@pytest.fixture
def agent(server: Host) -> Iterator[HomeAgent]:
    with home_agent.loaded():
        yield HomeAgent(server)


@pytest.fixture
def serving(agent: HomeAgent) -> HomeAgent:
    agent.serve(agent.host.address)
    return agent


@pytest.fixture
def node(client: Host, server: Host) -> MobileNode:
    return MobileNode(client, server)


def identifier(request: Packet) -> int:
    return request[ICMPv6HAADRequest].id


def held(host: Host) -> dict[str, int]:
    """The users of the home agents' groups; a router has others, too."""
    return {g.address: g.users for g in host.groups() if g.address in (ANYCAST, AWAY_ANYCAST)}


# ---- the exchange ----


class Tap:
    """What passes an interface in either direction, by default the host's."""

    def __init__(self, host: Host, device: str = "") -> None:
        with host.namespace.inside():
            self._sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
            self._sock.bind((device or host.device, ETH_P_ALL))
        host.adopt(self._sock)

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


@pytest.fixture
def home_link(server: Host) -> Iterator[str]:
    """A further link of the server, which is a router."""
    rtnl = server.namespace.rtnl
    rtnl.link("add", kind="dummy", ifname=AWAY)
    rtnl.link("set", index=server.namespace.index_of(AWAY), state="up")
    server.namespace.add_address(AWAY, AWAY_ADDRESS)
    server.forwarding(True)
    yield AWAY
    rtnl.link("del", index=server.namespace.index_of(AWAY))


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


# ---- what is not answered ----


@pytest.mark.parametrize("destination", [f"{PREFIX}1", GROUP, ALL_NODES, "fe80::1"])
@pytest.mark.usefixtures("serving")
def test_other_destinations(server: Host, node: MobileNode, destination: str) -> None:
    """Nor is this agent asked by another anycast address that the host answers for."""
    server.member(GROUP)
    assert node.replies(node.request(destination)) == []


@pytest.mark.parametrize("source", [UNSPECIFIED, ALL_NODES, "ff0e::5", "::ffff:192.0.2.1"])
@pytest.mark.usefixtures("serving")
def test_sources_that_are_not_unicast(node: MobileNode, source: str) -> None:
    """Nor do such requests count: fifty of them keep nobody else from being answered."""
    frame = Raw(bytes(node.request(source=source)))
    assert node.replies(*[frame] * 50) == []


@pytest.mark.parametrize(
    "message",
    [bytes([144, 0, 0, 0, 0x55, 0x55, 0, 0])[:length] for length in range(4, 8)]
    + [bytes([144, 1, 0, 0, 0x55, 0x55, 0, 0])]
    + [bytes([kind, 0, 0, 0, 0x55, 0x55, 0, 0]) for kind in (145, 146, 200)],
    ids=["4", "5", "6", "7", "code 1", "a reply", "another request", "unknown"],
)
@pytest.mark.usefixtures("serving")
def test_other_messages(node: MobileNode, message: bytes) -> None:
    assert node.replies(icmp(node.header(), message)) == []


@pytest.mark.usefixtures("serving")
def test_wrong_checksum(node: MobileNode) -> None:
    request = node.request()
    request[ICMPv6HAADRequest].cksum = 0x1234
    assert node.replies(request) == []


@pytest.mark.usefixtures("serving")
def test_not_more_than_fifty_a_second(node: MobileNode) -> None:
    """Requests with invented sources are not turned into as many replies."""
    burst = [node.request() for _ in range(300)]
    identifiers = {identifier(request) for request in burst}
    frames = [bytes(request) for request in burst]
    replies: list[int] = []

    def answers_others() -> bool:
        """Has it dealt with the burst?"""
        node.send(node.request())
        replies.extend(
            int.from_bytes(frame[IDENTIFIER])
            for frame in node.wire.incoming(0.1)
            if len(frame) > TYPE_OFFSET and frame[TYPE_OFFSET] == REPLY
        )
        return not identifiers.issuperset(replies)

    begin = time.monotonic()
    for frame in frames:
        node.wire.send(frame)
    eventually("other requests are answered", answers_others)
    seconds = int(time.monotonic() - begin) + 1
    assert 50 <= len(identifiers.intersection(replies)) <= 50 * (seconds + 1)


def test_own_address_lost(
    server: Host, client: Host, serving: HomeAgent, node: MobileNode, home_link: str
) -> None:
    """A reply comes from the home agent's own address, or not at all."""
    serving.serve(AWAY_ADDRESS, device=home_link)
    local = client.link_local  # there is no route to other addresses without the prefix
    server.namespace.delete_address(server.device, server.address)
    unanswered, last = node.request(source=local), node.request(AWAY_ANYCAST, local)
    assert node.replies(unanswered, last=last) == []
    server.namespace.add_address(server.device, server.address)
    request = node.request()
    assert node.ask(request) == expected(server, client, identifier(request))


# ---- the anycast address ----


def test_group_comes_and_goes(
    server: Host, client: Host, agent: HomeAgent, node: MobileNode
) -> None:
    assert node.is_ignored()
    for _ in range(2):
        agent.serve(server.address)
        assert server.groups() == [Group(server.device, ANYCAST, 1)]
        request = node.request()
        assert node.ask(request) == expected(server, client, identifier(request))
        agent.stop()
        server.assert_nothing_left()
        assert node.is_ignored()


@pytest.mark.usefixtures("serving")
def test_solicitation(server: Host, peer: Peer) -> None:
    """Other home agents hold the address, too: no answer overrides another."""
    (answer,) = peer.answers(peer.ask(ANYCAST, multicast=True), ANYCAST)
    assert (answer.link_layer, answer.solicited, answer.override) == (server.mac, True, False)


def test_shared_with_a_socket(
    server: Host, serving: HomeAgent, node: MobileNode, home_link: str
) -> None:
    """The group stays as long as the socket does, but nobody answers requests."""
    serving.serve(AWAY_ADDRESS, device=home_link)
    sock = server.member(ANYCAST)
    assert held(server) == {ANYCAST: 2, AWAY_ANYCAST: 1}
    serving.stop()
    assert held(server) == {ANYCAST: 1, AWAY_ANYCAST: 1}
    assert node.replies(node.request(), last=node.request(AWAY_ANYCAST)) == []
    sock.close()
    assert held(server) == {AWAY_ANYCAST: 1}


@pytest.mark.usefixtures("serving")
def test_device_down_and_up(cable: Cable, node: MobileNode) -> None:
    """Nothing is to be done by the home agent: the group returns with the link."""
    server, client = cable.hosts
    down(cable)
    up(cable)
    request = node.request()
    assert node.ask(request) == expected(server, client, identifier(request))


# ---- refusals ----


@pytest.mark.parametrize(
    ("agents", "result"),
    [
        ((), "EINVAL"),
        (("",), "EINVAL"),
        (("2001:db8:1::x",), "EINVAL"),
        ((f"{PREFIX}1/64",), "EINVAL"),
        (("fe80::1",), "EINVAL"),
        (("::1",), "EINVAL"),
        ((f"{PREFIX}1", AWAY_ADDRESS), "EINVAL"),
        (OTHERS, "EADDRNOTAVAIL"),
        (("ff0e::1",), "EADDRNOTAVAIL"),
    ],
)
def test_refused(server: Host, agent: HomeAgent, agents: tuple[str, ...], result: str) -> None:
    assert anycast.result(lambda: agent.serve(*agents)) == result
    server.assert_nothing_left()


def test_refused_for_the_device(server: Host, serving: HomeAgent, home_link: str) -> None:
    assert anycast.result(lambda: serving.serve(server.address)) == "EEXIST"
    assert anycast.result(lambda: serving.serve(server.address, device="none")) == "ENODEV"
    elsewhere = anycast.result(lambda: serving.serve(server.address, device=home_link))
    assert elsewhere == "EADDRNOTAVAIL"
    assert anycast.result(lambda: serving.stop("none")) == "ENODEV"
    assert anycast.result(lambda: serving.stop(home_link)) == "ENOENT"
    assert held(server) == {ANYCAST: 1}
    serving.stop()
    assert anycast.result(serving.stop) == "ENOENT"


# ---- the end of a device, of a namespace, of the module ----


def namespaces_end(client: Host) -> None:
    """They end one after the other: when a new one has, those before it have, too."""
    probe = Namespace()
    ends = {"ifname": "far", "net_ns_fd": client.namespace.descriptor()}
    probe.rtnl.link("add", kind="veth", ifname="near", peer=ends)
    probe.close()
    eventually("a namespace ends", lambda: not client.has_device("far"))


@pytest.mark.usefixtures("serving")
def test_device_deleted(cable: Cable, agent: HomeAgent) -> None:
    """The new device of that name is not served until somebody says so."""
    server, client = cable.hosts
    cable.unplug()
    assert server.groups() == []
    cable.plug()
    assert anycast.result(agent.stop) == "ENOENT"
    agent.serve(server.address)
    node = MobileNode(client, server)
    request = node.request()
    assert node.ask(request) == expected(server, client, identifier(request))


@pytest.mark.usefixtures("serving")
def test_device_deleted_on_a_multicast_router(cable: Cable) -> None:
    """There the end of a raw ICMPv6 socket takes RTNL, which the end of a device holds."""
    if not MULTICAST_ROUTING.exists():
        pytest.skip("this kernel has no multicast routing")
    daemon = cable.server.open(socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    daemon.setsockopt(socket.IPPROTO_IPV6, MRT6_INIT, 1)
    cable.unplug()


@pytest.mark.usefixtures("serving")
def test_device_moved_to_another_namespace(cable: Cable) -> None:
    move_away(cable)
    assert cable.server.groups() == []
    namespaces_end(cable.client)


@pytest.mark.usefixtures("serving")
def test_namespace_gone(server: Host, client: Host) -> None:
    """What the module holds does not keep a namespace alive."""
    server.namespace.close()
    eventually("the cable is gone", lambda: not client.has_device())
    namespaces_end(client)


def test_one_namespace_of_two_gone(server: Host, client: Host, serving: HomeAgent) -> None:
    HomeAgent(client).serve(client.address)
    assert client.groups() == [Group(client.device, ANYCAST, 1)]
    server.namespace.close()
    eventually("the cable is gone", lambda: not client.has_device())
    namespaces_end(client)
    assert client.groups() == []
    kmodule.remove(home_agent.NAME)


def test_namespaces_do_not_know_each_other(
    server: Host, client: Host, serving: HomeAgent, node: MobileNode
) -> None:
    other = HomeAgent(client)
    assert anycast.result(lambda: other.stop(server.device)) == "ENODEV"
    other.serve(client.address)
    serving.stop()
    assert client.groups() == [Group(client.device, ANYCAST, 1)]
    assert server.groups() == []
    assert node.is_ignored()
    other.stop()


def test_removed_while_serving(
    server: Host, client: Host, serving: HomeAgent, node: MobileNode, home_link: str
) -> None:
    serving.serve(AWAY_ADDRESS, device=home_link)
    HomeAgent(client).serve(client.address)
    kmodule.remove(home_agent.NAME)
    assert held(server) == {}
    assert held(client) == {}
    assert node.is_ignored()


def test_removed_among_requests(server: Host, node: MobileNode) -> None:
    """Requests still queue up when the module goes."""
    frames = [bytes(node.request()) for _ in range(100)]
    for _ in range(5):
        with home_agent.loaded():
            HomeAgent(server).serve(server.address)
            for frame in frames:
                node.wire.send(frame)
    server.assert_nothing_left()
    assert MobileNode(node.client, server).is_ignored()


def test_anycast6_stays_as_long_as_the_home_agent(serving: HomeAgent) -> None:
    assert anycast.result(lambda: kmodule.remove("anycast6")) == "EAGAIN"
    serving.stop()
