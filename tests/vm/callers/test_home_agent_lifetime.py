# SPDX-License-Identifier: GPL-2.0
"""The anycast address of home agents, and the end of their device, namespace and module."""

import socket
from pathlib import Path

import pytest

from harness.kernel import home_agent, kmodule
from harness.kernel.home_agent import (
    ANYCAST,
    AWAY_ADDRESS,
    AWAY_ANYCAST,
    HomeAgent,
    MobileNode,
    expected,
    held,
    identifier,
)
from harness.kernel.implementation import MODULE, switch_to
from harness.sockopt import anycast
from harness.sockopt.anycast import Group
from harness.topology.host import Host
from harness.topology.lan import Cable
from harness.topology.loss import down, move_away, up
from harness.topology.namespace import Namespace
from harness.wait import eventually
from harness.wire.ndisc import Peer

MRT6_INIT = 200
MULTICAST_ROUTING = Path("/proc/sys/net/ipv6/conf/all/mc_forwarding")

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
    switch_to(MODULE)
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
