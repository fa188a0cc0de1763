# SPDX-License-Identifier: GPL-2.0
"""Devices that vanish, or lose IPv6, under a member."""

import pytest

from net import anycast
from net.anycast import Group
from net.host import IFINDEX, Host
from net.lan import GROUP, LINK_LOCAL_GROUP, OFF_PREFIX
from net.wait import eventually

pytestmark = pytest.mark.usefixtures("implementation")

MTU_WITHOUT_IPV6, MTU = 1279, 1500
SECOND_INDEX = 21


@pytest.fixture
def second_device(server: Host) -> str:
    """A router's further interface, for groups that do not need a prefix."""
    server.forwarding(True)
    rtnl = server.namespace.rtnl
    rtnl.link("add", kind="veth", ifname="second", index=SECOND_INDEX, peer={"ifname": "far"})
    rtnl.link("set", index=SECOND_INDEX, state="up")
    return "second"


def on_second(server: Host) -> list[Group]:
    return [group for group in server.groups() if group.device == "second"]


@pytest.mark.usefixtures("second_device")
def test_deleted_with_members(server: Host) -> None:
    """Everything of the device goes; the socket keeps what it has elsewhere."""
    sock = server.open()
    for ifindex in (SECOND_INDEX, IFINDEX):
        anycast.join(sock, OFF_PREFIX, ifindex)
    server.namespace.rtnl.link("del", index=SECOND_INDEX)
    assert on_second(server) == []
    assert Group("veth-server", OFF_PREFIX, 1) in server.groups()
    assert anycast.result(lambda: anycast.leave(sock, OFF_PREFIX, SECOND_INDEX)) == "OK"
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


@pytest.mark.usefixtures("second_device")
def test_loses_ipv6_by_a_small_mtu(server: Host) -> None:
    """Nobody can join then; when IPv6 returns, the interface starts without groups."""
    sock = server.open()
    anycast.join(sock, OFF_PREFIX, SECOND_INDEX)
    rtnl = server.namespace.rtnl
    rtnl.link("set", index=SECOND_INDEX, mtu=MTU_WITHOUT_IPV6)
    assert on_second(server) == []
    other = server.open()
    assert anycast.result(lambda: anycast.join(other, OFF_PREFIX, SECOND_INDEX)) == "ENODEV"
    rtnl.link("set", index=SECOND_INDEX, mtu=MTU)
    assert on_second(server) == []
    assert anycast.result(lambda: anycast.leave(sock, OFF_PREFIX, SECOND_INDEX)) == "OK"
    assert anycast.result(lambda: anycast.join(other, OFF_PREFIX, SECOND_INDEX)) == "OK"
    assert on_second(server) == [Group("second", OFF_PREFIX, 1)]
    other.close()
    rtnl.link("del", index=SECOND_INDEX)


def test_peer_end_deleted(server: Host, client: Host) -> None:
    """One end takes the other along, in the other namespace, with its members."""
    sock = server.member(GROUP, LINK_LOCAL_GROUP)
    client.namespace.rtnl.link("del", index=client.ifindex)
    eventually("the server's end is gone", lambda: not server.has_device())
    assert server.groups() == []
    assert anycast.result(lambda: anycast.leave(sock, GROUP, 0)) == "OK"
    sock.close()
