# SPDX-License-Identifier: GPL-2.0
"""What makes a group reachable: its route and its solicited-node multicast group."""

import pytest

from harness.sockopt import anycast
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, LINK_LOCAL_GROUP, OFF_PREFIX

pytestmark = pytest.mark.usefixtures("implementation")

# Other low 24 bits than GROUP, and the same.
APART = "2001:db8:1::77:1"
ALIKE = "2001:db8:1:0:1::a"


def route(server: Host, address: str) -> str:
    return " ".join(server.namespace.ip("route", "show", "table", "all", address).split())


@pytest.mark.parametrize("address", [GROUP, LINK_LOCAL_GROUP])
def test_route(server: Host, address: str) -> None:
    sock = server.member(address, address)
    expected = f"anycast {address} dev veth-server table local proto kernel metric 0 pref medium"
    assert route(server, address) == expected
    anycast.leave(sock, address, IFINDEX)
    assert route(server, address) == expected
    anycast.leave(sock, address, IFINDEX)
    assert route(server, address) == ""


def test_route_off_prefix(server: Host) -> None:
    server.forwarding(True)
    server.member(OFF_PREFIX)
    assert route(server, OFF_PREFIX) == (
        f"anycast {OFF_PREFIX} dev veth-server table local proto kernel metric 0 pref medium"
    )


@pytest.mark.smoke("module")
def test_solicited_node_group_is_joined_once(server: Host) -> None:
    first, second = server.member(APART), server.member(APART)
    assert server.solicited_node_users(APART) == 1
    first.close()
    assert server.solicited_node_users(APART) == 1
    second.close()
    assert server.solicited_node_users(APART) == 0


def test_groups_with_equal_low_bits_share_a_solicited_node_group(server: Host) -> None:
    first, second = server.member(GROUP), server.member(ALIKE)
    assert server.solicited_node_users(GROUP) == 2
    first.close()
    assert server.solicited_node_users(GROUP) == 1
    second.close()
    assert server.solicited_node_users(GROUP) == 0


def test_loopback_interface_has_no_solicited_node_group(server: Host) -> None:
    server.forwarding(True)
    sock = server.open()
    anycast.join(sock, GROUP, 1)
    assert [group.device for group in server.groups() if group.address == GROUP] == ["lo"]
    assert server.solicited_node_users(GROUP) == 0
