# SPDX-License-Identifier: GPL-2.0
"""Devices that vanish, or lose IPv6, under a member."""

import pytest

from harness.kernel.implementation import BUILTIN_C, MODULE
from harness.sockopt import anycast
from harness.sockopt.anycast import Group
from harness.topology import loss
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, LINK_LOCAL_GROUP, OFF_PREFIX, Cable
from harness.views.netlink import RTM_NEWANYCAST, Monitor
from harness.views.observer import LISTED, PUBLISHED, Observer
from harness.views.state import tables
from harness.wait import eventually
from harness.wire.ndisc import Peer
from harness.wire.packets import Echo

pytestmark = pytest.mark.usefixtures("implementation")

SECOND_INDEX = 21


@pytest.fixture
def second_device(implementation: str, server: Host) -> str:
    """A router's further interface, for groups that do not need a prefix.

    The implementation is there first, and so has counted all groups.
    """
    server.forwarding(True)
    rtnl = server.namespace.rtnl
    rtnl.link("add", kind="veth", ifname="second", index=SECOND_INDEX, peer={"ifname": "far"})
    rtnl.link("set", index=SECOND_INDEX, state="up")
    return "second"


def on_second(server: Host) -> list[Group]:
    return [group for group in server.groups() if group.device == "second"]


# What a leave says of a membership that ended with its device; it names no other device (B3).
GONE = {BUILTIN_C: "OK", MODULE: "ENODEV"}


@pytest.mark.smoke("module")
@pytest.mark.usefixtures("second_device")
def test_deleted_with_members(implementation: str, server: Host) -> None:
    """Everything of the device goes; the socket keeps what it has elsewhere."""
    sock = server.open()
    for ifindex in (SECOND_INDEX, IFINDEX):
        anycast.join(sock, OFF_PREFIX, ifindex)
    server.namespace.rtnl.link("del", index=SECOND_INDEX)
    assert on_second(server) == []
    assert Group("veth-server", OFF_PREFIX, 1) in server.groups()
    answer = anycast.result(lambda: anycast.leave(sock, OFF_PREFIX, SECOND_INDEX))
    assert answer == GONE[implementation]
    assert anycast.result(lambda: anycast.leave(sock, OFF_PREFIX, SECOND_INDEX)) == "ENOENT"
    sock.close()


@pytest.mark.usefixtures("second_device")
def test_closed_after_the_device_is_gone(server: Host) -> None:
    sock = server.open()
    anycast.join(sock, OFF_PREFIX, SECOND_INDEX)
    anycast.join(sock, GROUP, SECOND_INDEX)
    server.namespace.rtnl.link("del", index=SECOND_INDEX)
    sock.close()
    assert on_second(server) == []


@pytest.mark.usefixtures("second_device")
def test_renamed(server: Host) -> None:
    """A membership is the device's, whatever its name; the listing shows the new one."""
    sock = server.open()
    anycast.join(sock, OFF_PREFIX, SECOND_INDEX)
    server.namespace.rtnl.link("set", index=SECOND_INDEX, ifname="renamed")
    assert Group("renamed", OFF_PREFIX, 1) in server.groups()
    sock.close()
    server.namespace.rtnl.link("del", index=SECOND_INDEX)


def test_without_addresses(implementation: str, server: Host) -> None:
    """Nothing but the device itself tells that it went and came; the group follows at once."""
    server.forwarding(True)
    rtnl = server.namespace.rtnl
    server.namespace.add_dummy("bare", index=SECOND_INDEX)
    sock, group = server.open(), Group("bare", OFF_PREFIX, 1)
    anycast.join(sock, OFF_PREFIX, SECOND_INDEX)
    assert group in server.groups()
    rtnl.link("set", index=SECOND_INDEX, state="down")
    assert (group in server.groups()) == (implementation == BUILTIN_C)
    rtnl.link("set", index=SECOND_INDEX, state="up")
    assert group in server.groups()
    if implementation != BUILTIN_C:
        assert tables(server.namespace, OFF_PREFIX) == ["local"]
    sock.close()
    rtnl.link("del", index=SECOND_INDEX)


@pytest.mark.usefixtures("second_device")
def test_loses_ipv6_by_a_small_mtu(implementation: str, server: Host) -> None:
    """Nobody can join then; with IPv6 the module's groups return, and C's do not (B5)."""
    sock = server.open()
    anycast.join(sock, OFF_PREFIX, SECOND_INDEX)
    rtnl = server.namespace.rtnl
    rtnl.link("set", index=SECOND_INDEX, mtu=loss.MTU_WITHOUT_IPV6)
    assert on_second(server) == []
    other = server.open()
    assert anycast.result(lambda: anycast.join(other, OFF_PREFIX, SECOND_INDEX)) == "ENODEV"
    rtnl.link("set", index=SECOND_INDEX, mtu=loss.MTU)
    returned = [Group("second", OFF_PREFIX, 1)] if implementation == MODULE else []
    assert [group for group in on_second(server) if group.address == OFF_PREFIX] == returned
    assert anycast.result(lambda: anycast.leave(sock, OFF_PREFIX, SECOND_INDEX)) == "OK"
    assert anycast.result(lambda: anycast.join(other, OFF_PREFIX, SECOND_INDEX)) == "OK"
    assert on_second(server) == [Group("second", OFF_PREFIX, 1)]
    other.close()
    rtnl.link("del", index=SECOND_INDEX)


def test_peer_end_deleted(implementation: str, server: Host, client: Host) -> None:
    """One end takes the other along, in the other namespace, with its members."""
    sock = server.member(GROUP, LINK_LOCAL_GROUP)
    client.namespace.rtnl.link("del", index=client.ifindex)
    eventually("the server's end is gone", lambda: not server.has_device())
    assert server.groups() == []
    assert anycast.result(lambda: anycast.leave(sock, GROUP, 0)) == GONE[implementation]
    sock.close()


def test_addresses_flushed(cable: Cable, observer: Observer, peer: Peer) -> None:
    """A group needs no address of the device, and its packets still arrive.

    But the only address left to answer solicitations from is ::1, and no neighbour accepts that:
    the exception to what README promises.
    """
    server, client = cable.hosts
    monitor = Monitor(server)
    server.member(GROUP)
    server.namespace.ip("addr", "flush", "dev", server.device)
    observer.becomes(PUBLISHED, GROUP)
    assert peer.first_answer(peer.ask(GROUP, multicast=True), GROUP).source == "::1"
    assert_unreachable(client, GROUP)
    server.restore_addresses()
    client.forget_neighbour(GROUP)
    observer.serves(GROUP)
    assert monitor.events(GROUP) == [RTM_NEWANYCAST]


def assert_unreachable(client: Host, group: str) -> None:
    """The client's kernel asks for the group, and gives up."""
    client.namespace.sysctl(f"ipv6/neigh/{client.device}/retrans_time_ms", "100")
    Echo(client).send(group)
    eventually("the client has given up", lambda: neighbour_state(client, group) == "FAILED")


def neighbour_state(host: Host, address: str) -> str:
    """As `ip neigh` shows it last in the line."""
    return host.namespace.ip("neigh", "show", address).split()[-1]


def test_carrier_lost(cable: Cable, observer: Observer) -> None:
    """The cable is pulled out and put back; the device stays up, and its groups stay."""
    server, client = cable.hosts
    monitor = Monitor(server)
    server.member(GROUP)
    loss.set_link(client, state="down")
    eventually("no carrier", lambda: not server.operational())
    assert observer.state(GROUP) == LISTED._replace(routed=True)
    loss.set_link(client, state="up")
    eventually("the cable works", cable.works)
    client.restore_addresses()
    observer.serves(GROUP)
    assert monitor.events(GROUP) == [RTM_NEWANYCAST]
