# SPDX-License-Identifier: GPL-2.0
"""A group as the source of what a program sends."""

import pytest

from harness.sockopt import anycast
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, LINK_LOCAL_GROUP
from harness.topology.second import Second
from harness.wire.packets import packet_info, receive

pytestmark = pytest.mark.usefixtures("implementation")

PORT = 5353


def send(server: Host, client: Host, source: str, ifindex: int) -> str:
    destination = (client.link_local if source.startswith("fe80") else client.address, PORT)
    scope = (0, IFINDEX) if source.startswith("fe80") else ()
    sock = server.open()
    message, info = [b"from the group"], packet_info(source, ifindex)
    return anycast.result(lambda: sock.sendmsg(message, info, 0, (*destination, *scope)))


@pytest.mark.parametrize("address", [GROUP, LINK_LOCAL_GROUP])
def test_packet_info_of_a_member(server: Host, client: Host, address: str) -> None:
    """Any socket of the host may send from the group, as long as there is a member."""
    listener = client.open()
    listener.bind(("::", PORT))
    member = server.member(address)
    assert send(server, client, address, IFINDEX) == "OK"
    assert receive(listener)[:2] == (b"from the group", address)
    member.close()
    assert send(server, client, address, IFINDEX) == "EINVAL"


@pytest.mark.module_only
def test_dormant_group(server: Host, client: Host, other: Second) -> None:
    """Nobody would deliver the answers, even if another device is up."""
    anycast.join(server.open(), GROUP, other.ifindex)
    assert send(server, client, GROUP, 0) == "OK"
    server.namespace.rtnl.link("set", index=other.ifindex, state="down")
    assert send(server, client, GROUP, 0) == "EINVAL"
    server.namespace.rtnl.link("set", index=other.ifindex, state="up")
    assert send(server, client, GROUP, 0) == "OK"


def test_packet_info_without_device(server: Host, client: Host) -> None:
    """A global group is looked for on every device, a link-local one on its own."""
    server.member(GROUP, LINK_LOCAL_GROUP)
    assert send(server, client, GROUP, 0) == "OK"
    index = server.namespace.add_dummy("elsewhere", up=False)
    assert source_accepted(server, GROUP, index)
    assert not source_accepted(server, LINK_LOCAL_GROUP, index)
    server.namespace.delete_device("elsewhere")


def source_accepted(server: Host, source: str, ifindex: int) -> bool:
    """Whether the source passes; where the packet would go is another matter."""
    sock = server.open()
    message, info = [b"x"], packet_info(source, ifindex)
    return anycast.result(lambda: sock.sendmsg(message, info, 0, ("ff02::99", PORT))) != "EINVAL"
