# SPDX-License-Identifier: GPL-2.0
"""What built-in C does wrong, and the module for now does alike: one scenario for each defect.

Their names are those of the table in the design.
"""

import pytest

from net import anycast
from net.anycast import Group
from net.host import IFINDEX, Host
from net.lan import GROUP, OFF_PREFIX, PREFIX
from net.ndisc import Peer
from net.packets import Echo
from net.rtnetlink import Monitor
from net.wait import eventually

pytestmark = pytest.mark.usefixtures("implementation")

INDEX = 21
MTU_WITHOUT_IPV6 = 1279


@pytest.fixture
def extra(server: Host) -> None:
    """A router's further interface."""
    server.forwarding(True)
    add_extra(server)


def add_extra(server: Host) -> None:
    rtnl = server.namespace.rtnl
    rtnl.link("add", kind="veth", ifname="extra", index=INDEX, peer={"ifname": "far"})
    rtnl.link("set", index=INDEX, state="up")


def delete_extra(server: Host) -> None:
    server.namespace.rtnl.link("del", index=INDEX)


def on_extra(server: Host) -> list[Group]:
    return [group for group in server.groups() if group.device == "extra"]


def test_b1_group_without_route_after_down_and_up(server: Host, client: Host, peer: Peer) -> None:
    """It is listed and answered for, yet its packets are dropped: a black hole."""
    sock = server.member(GROUP)
    for state in "down", "up":
        server.namespace.rtnl.link("set", index=IFINDEX, state=state)
    server.restore_addresses()
    server.proxy_delay(0)
    assert server.groups() == [Group(server.device, GROUP, 1)]
    assert server.publication().routes == frozenset()
    assert len(peer.answers(peer.ask(GROUP, multicast=True), GROUP)) == 1
    echo = Echo(client)
    echo.send(GROUP)
    echo.send(server.address)
    assert echo.reply() == (2, server.address)
    sock.close()


@pytest.mark.usefixtures("extra")
def test_b3_stale_close_drops_the_membership_of_another(server: Host) -> None:
    """The socket remembers an index, and another device has that now."""
    stale = server.open()
    anycast.join(stale, OFF_PREFIX, INDEX)
    delete_extra(server)
    add_extra(server)
    fresh = server.open()
    anycast.join(fresh, OFF_PREFIX, INDEX)
    assert on_extra(server) == [Group("extra", OFF_PREFIX, 1)]
    stale.close()
    assert on_extra(server) == []
    fresh.close()
    delete_extra(server)


def test_b4_deleted_tentative_address_takes_the_subnet_router_along(server: Host) -> None:
    server.forwarding(True)
    for name in "accept_dad", "dad_transmits":
        server.namespace.sysctl(f"ipv6/conf/{server.device}/{name}", "100")
    subnet = Group(server.device, PREFIX, 1)
    assert subnet in server.groups()
    address = "2001:db8:1::7e"
    server.namespace.add_address(server.device, address, dad=True)
    eventually(f"{address} is being checked", lambda: server.solicited_node_users(address))
    assert subnet in server.groups()
    server.namespace.delete_address(server.device, address)
    assert subnet not in server.groups()


@pytest.mark.usefixtures("extra")
@pytest.mark.parametrize("loss", ["deleted", "without-ipv6"])
def test_b5_loss_of_the_device_is_not_notified(server: Host, loss: str) -> None:
    sock = server.open()
    anycast.join(sock, OFF_PREFIX, INDEX)
    monitor = Monitor(server)
    if loss == "deleted":
        delete_extra(server)
    else:
        server.namespace.rtnl.link("set", index=INDEX, mtu=MTU_WITHOUT_IPV6)
    assert on_extra(server) == []
    assert not monitor.pending()
    assert anycast.result(lambda: anycast.leave(sock, OFF_PREFIX, INDEX)) == "OK"
    if loss != "deleted":
        delete_extra(server)


def test_b6_deleted_route_is_not_put_back(server: Host) -> None:
    first, second = server.member(GROUP), server.open()
    server.namespace.ip("route", "del", "anycast", GROUP, "dev", server.device, "table", "local")
    assert server.publication().routes == frozenset()
    anycast.join(second, GROUP, IFINDEX)
    assert server.groups() == [Group(server.device, GROUP, 2)]
    assert server.publication().routes == frozenset()
    for sock in first, second:
        sock.close()
    assert server.groups() == []


def test_b7_group_can_become_a_unicast_address(server: Host) -> None:
    """The other order is refused."""
    sock = server.member(GROUP)
    server.add_temporary_address(GROUP)
    assert server.groups() == [Group(server.device, GROUP, 1)]
    assert anycast.result(lambda: anycast.join(sock, GROUP, IFINDEX)) == "EINVAL"
    sock.close()
