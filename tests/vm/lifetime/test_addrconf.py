# SPDX-License-Identifier: GPL-2.0
"""The subnet-router groups that the kernel itself holds on a forwarding interface."""

import pytest

from harness.sockopt.anycast import Group
from harness.topology.host import Host
from harness.topology.lan import PREFIX
from harness.wait import eventually
from harness.wire.ndisc import Peer

pytestmark = pytest.mark.usefixtures("implementation")

LINK_LOCAL = Group("veth-server", "fe80::", 1)
SUBNET = Group("veth-server", PREFIX, 1)


def test_appear_and_disappear_with_forwarding(server: Host) -> None:
    assert server.groups() == []
    server.forwarding(True)
    assert sorted(server.groups()) == [SUBNET, LINK_LOCAL]
    assert sorted(route.destination[:20] for route in server.publication().routes) == [
        "20010db8000100000000",
        "fe800000000000000000",
    ]
    server.forwarding(False)
    assert server.groups() == []


def test_one_interface_only(server: Host) -> None:
    server.namespace.sysctl("ipv6/conf/veth-server/forwarding", "1")
    assert sorted(server.groups()) == [SUBNET, LINK_LOCAL]
    server.namespace.sysctl("ipv6/conf/veth-server/forwarding", "0")
    assert server.groups() == []


def test_counted_per_address(server: Host) -> None:
    """Each address of a prefix is a user; the last to go takes the group along."""
    server.forwarding(True)
    server.namespace.add_address(server.device, "2001:db8:1::77")
    eventually("counted", lambda: SUBNET._replace(users=2) in server.groups())
    server.namespace.delete_address(server.device, "2001:db8:1::77")
    assert sorted(server.groups()) == [SUBNET, LINK_LOCAL]


@pytest.mark.parametrize(
    ("length", "group"),
    [(48, "2001:db8:7::"), (126, "2001:db8:7::4"), (127, None), (128, None)],
)
def test_prefix_length(server: Host, length: int, group: str | None) -> None:
    """Two routers on a /127 need both addresses for themselves (RFC 6164)."""
    server.forwarding(True)
    address = "2001:db8:7::5"
    server.namespace.add_address(server.device, address, length)
    server.await_use(address)
    added = set(server.groups()) - {SUBNET, LINK_LOCAL}
    assert added == ({Group("veth-server", group, 1)} if group else set())
    server.namespace.delete_address(server.device, address, length)
    assert sorted(server.groups()) == [SUBNET, LINK_LOCAL]


def test_answered_for(server: Host, peer: Peer) -> None:
    server.forwarding(True)
    (answer,) = peer.answers(peer.ask(PREFIX, multicast=True), PREFIX)
    assert (answer.router, answer.override, answer.source) == (True, False, server.address)


def test_shared_with_a_socket(server: Host) -> None:
    """The count is one, whoever holds; neither holder takes away what the other needs."""
    sock = server.member(PREFIX)
    server.forwarding(True)
    assert SUBNET._replace(users=2) in server.groups()
    server.forwarding(False)
    assert server.groups() == [SUBNET]
    server.forwarding(True)
    sock.close()
    assert sorted(server.groups()) == [SUBNET, LINK_LOCAL]


def test_link_down_takes_them_away(server: Host) -> None:
    """Addresses go when the interface goes down, and their groups with them."""
    server.forwarding(True)
    rtnl, index = server.namespace.rtnl, server.ifindex
    rtnl.link("set", index=index, state="down")
    assert server.groups() == []
    rtnl.link("set", index=index, state="up")
    server.restore_addresses()
    eventually("back", lambda: sorted(server.groups()) == [SUBNET, LINK_LOCAL])
