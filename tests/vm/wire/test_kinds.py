# SPDX-License-Identifier: GPL-2.0
"""Groups on devices of other kinds: joined, seen by a peer, left; nothing remains."""

import fcntl
import os
import select
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from scapy.layers.inet6 import ICMPv6EchoReply, ICMPv6EchoRequest, IPv6

from harness.sockopt import anycast
from harness.sockopt.anycast import Group
from harness.topology.host import Host
from harness.topology.lan import LINK_LOCAL_GROUP, PREFIX
from harness.topology.stacked import Stacked
from harness.views.observer import ABSENT, Observer
from harness.views.state import multicast_users, solicited_node, tables
from harness.wait import LIMIT, eventually
from harness.wire.ndisc import Peer
from harness.wire.packets import Echo

pytestmark = pytest.mark.usefixtures("implementation")

NAME = "special"
TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
NET = "2001:db8:7::"
OWN, FAR, GROUP = NET + "1", NET + "2", NET + "a"
ON_LINK = PREFIX + "71"


def users(host: Host, address: str = GROUP) -> int:
    return multicast_users(host.namespace, NAME, solicited_node(address))


@contextmanager
def member(host: Host, address: str = GROUP) -> Iterator[socket.socket]:
    """Listed and routed from the join to the close."""
    sock = host.open()
    anycast.join(sock, address, host.namespace.index_of(NAME))
    assert Group(NAME, address, 1) in host.groups()
    assert tables(host.namespace, address) == ["local"]
    yield sock
    sock.close()
    assert address not in [group.address for group in host.groups()]
    assert tables(host.namespace, address) == []
    assert users(host, address) == 0


def opened_tun(host: Host) -> int:
    host.namespace.run("modprobe", "tun")
    with host.namespace.inside():
        descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
        request = struct.pack("16sH22x", NAME.encode(), IFF_TUN | IFF_NO_PI)
        fcntl.ioctl(descriptor, TUNSETIFF, request)
    return descriptor


def echoed(descriptor: int, number: int) -> bool:
    """Does the host answer a ping that comes out of the tunnel, before it answers a later one?"""
    for destination, seq in ((GROUP, number), (OWN, number + 1)):
        packet = IPv6(src=FAR, dst=destination) / ICMPv6EchoRequest(id=1, seq=seq)
        os.write(descriptor, bytes(packet))
    seen = []
    while select.select([descriptor], [], [], LIMIT)[0]:
        packet = IPv6(os.read(descriptor, 2048))
        if ICMPv6EchoReply in packet:
            seen.append(packet[ICMPv6EchoReply].seq)
        if number + 1 in seen:
            return number in seen
    raise AssertionError(f"the tunnel is dead; seen: {seen}")


def test_tun(server: Host) -> None:
    """No neighbours: nobody solicits, and nothing is listened for; packets are all there is."""
    descriptor = opened_tun(server)
    try:
        server.namespace.run("ip", "link", "set", NAME, "up")
        server.namespace.add_address(NAME, OWN)
        eventually("the tunnel works", lambda: tables_of(server, OWN))
        assert not echoed(descriptor, 1)
        with member(server):
            assert users(server) == 0
            assert echoed(descriptor, 3)
        assert not echoed(descriptor, 5)
    finally:
        os.close(descriptor)
    eventually("the tunnel is gone", lambda: not server.has_device(NAME))


def tables_of(host: Host, address: str) -> str:
    return host.namespace.ip("route", "show", "table", "local", "type", "local", address)


@contextmanager
def upper(server: Host, kind: str, *words: str) -> Iterator[None]:
    """A device that lies on the server's."""
    server.namespace.run("modprobe", kind)
    server.namespace.run("ip", "link", "add", "link", server.device, NAME, "type", kind, *words)
    server.namespace.run("ip", "link", "set", NAME, "up")
    server.namespace.sysctl(f"ipv6/neigh/{NAME}/proxy_delay", "0")
    yield
    server.namespace.run("ip", "link", "del", NAME)


def mac_of(host: Host, device: str) -> str:
    (link,) = host.namespace.rtnl.get_links(host.namespace.index_of(device))
    return link.get_attr("IFLA_ADDRESS")


def answered(peer: Peer, address: str) -> bool:
    """Does anybody answer a solicitation of the address, before one of the server's own?"""
    return bool(peer.answers(peer.ask(address, multicast=True), address))


@pytest.mark.ordinary_kernel  # the debug kernel has none
def test_macvtap(server: Host, peer: Peer) -> None:
    """As long as no program has it open it is a macvlan."""
    server.forwarding(True)
    with upper(server, "macvtap", "mode", "bridge"):
        with member(server, ON_LINK):
            assert users(server, ON_LINK) == 1
            answer = peer.first_answer(peer.ask(ON_LINK, multicast=True), ON_LINK)
            assert answer.mac == mac_of(server, NAME)
        assert not answered(peer, ON_LINK)


def test_ipvlan(server: Host, client: Host, peer: Peer) -> None:
    """It has the hardware address of the device below, which gets the packets in its place."""
    server.forwarding(True)
    with upper(server, "ipvlan", "mode", "l2"):
        with member(server, ON_LINK):
            assert users(server, ON_LINK) == 1
            answer = peer.first_answer(peer.ask(ON_LINK, multicast=True), ON_LINK)
            assert answer.mac == server.mac
            assert Echo(client).answerer(ON_LINK)
        assert not answered(Peer(client, server), ON_LINK)  # has not seen the answers above


@pytest.mark.ordinary_kernel  # the debug kernel has none
@pytest.mark.parametrize("cable", [partial(Stacked.build, kind="team")], indirect=True)
def test_team(observer: Observer) -> None:
    server = observer.server
    sock = server.member(ON_LINK, LINK_LOCAL_GROUP)
    observer.serves(ON_LINK, LINK_LOCAL_GROUP)
    sock.close()
    observer.becomes(ABSENT, ON_LINK, LINK_LOCAL_GROUP)
