# SPDX-License-Identifier: GPL-2.0
"""Solicitations that RFC 4861, 7.1.1 forbids to answer, though a member is there.

They are not remembered, either: no neighbour comes of them. The names begin with the part of the
IPv6 Ready Logo's test v6LC.2.1.7 that is of the kind, where there is one.
"""

import copy
import socket
from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv6Address

import pytest
from scapy.layers.inet6 import ICMPv6ND_NS, ICMPv6NDOptSrcLLAddr, IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Packet

from harness.topology.host import Host
from harness.topology.lan import GROUP, PREFIX
from harness.views.state import solicited_node
from harness.wire.ndisc import ALL_NODES, UNSPECIFIED, Peer, icmp, multicast_to, unicast_to

pytestmark = pytest.mark.usefixtures("implementation")

SOLICITATION = bytes([135, 0, 0, 0, 0, 0, 0, 0])
MULTICAST_TARGET = solicited_node(GROUP)
STRANGER = "2001:db8:1:0:1::a"
TARGET = IPv6Address(GROUP).packed
# What asks wrongly has another address than what asks rightly, so that the cache tells them apart.
WRONG = PREFIX + "bad"


def hop_limit(peer: Peer) -> Packet:
    packet = peer.ask(GROUP, multicast=True)
    packet[IPv6].hlim = 254
    return packet


def code(peer: Peer) -> Packet:
    packet = peer.ask(GROUP, multicast=True)
    packet[ICMPv6ND_NS].code = 1
    return packet


def truncated(peer: Peer) -> Packet:
    return icmp(multicast_to(peer.client, GROUP), SOLICITATION + TARGET[:-1])


def zero_length_option(peer: Peer) -> Packet:
    return icmp(multicast_to(peer.client, GROUP), SOLICITATION + TARGET + bytes([1, 0] + 6 * [0]))


def long_link_layer_option(peer: Peer) -> Packet:
    option = bytes([1, 2] + 14 * [0])
    return icmp(multicast_to(peer.client, GROUP), SOLICITATION + TARGET + option)


def checksum(peer: Peer) -> Packet:
    packet = peer.ask(GROUP, multicast=True)
    packet[ICMPv6ND_NS].cksum = 0xBAD
    return packet


def multicast_target(peer: Peer) -> Packet:
    packet = peer.ask(GROUP, multicast=True)
    packet[ICMPv6ND_NS].tgt = MULTICAST_TARGET
    return packet


def probe_with_link_layer_option(peer: Peer) -> Packet:
    return peer.probe(GROUP) / ICMPv6NDOptSrcLLAddr(lladdr=peer.client.mac)


def probe_to_unicast(peer: Peer) -> Packet:
    packet = unicast_to(peer.client, peer.server, GROUP) / ICMPv6ND_NS(tgt=GROUP)
    packet[IPv6].src = UNSPECIFIED
    return packet


def probe_to_unicast_with_link_layer_option(peer: Peer) -> Packet:
    return probe_to_unicast(peer) / ICMPv6NDOptSrcLLAddr(lladdr=peer.client.mac)


def probe_to_all_nodes(peer: Peer) -> Packet:
    packet = peer.probe(GROUP)
    packet[Ether].dst, packet[IPv6].dst = "33:33:00:00:00:01", ALL_NODES
    return packet


def unicast_multicast_target(peer: Peer) -> Packet:
    """As the Logo's test sends it."""
    packet = peer.ask(GROUP, multicast=False)
    packet[ICMPv6ND_NS].tgt = ALL_NODES
    return packet


def no_member(peer: Peer) -> Packet:
    """The solicitation comes in, its multicast address being the group's too."""
    return peer.ask(STRANGER, multicast=True)


INVALID = [
    ("A", multicast_target, MULTICAST_TARGET),
    ("A", unicast_multicast_target, ALL_NODES),
    ("B", probe_to_unicast, GROUP),
    ("B", probe_to_unicast_with_link_layer_option, GROUP),
    ("B", probe_to_all_nodes, GROUP),
    ("C", probe_with_link_layer_option, GROUP),
    ("D", hop_limit, GROUP),
    ("E", checksum, GROUP),
    ("F", code, GROUP),
    ("G", truncated, GROUP),
    ("H", zero_length_option, GROUP),
    ("", long_link_layer_option, GROUP),
    ("", no_member, STRANGER),
]
NAMES = [f"{part}-{damage.__name__}".removeprefix("-") for part, damage, _ in INVALID]
CASES = [(damage, target) for _, damage, target in INVALID]


@pytest.fixture
def wrong_peer(peer: Peer) -> Peer:
    """Another address of the client."""
    other = copy.copy(peer)
    other.client = replace(peer.client, address=WRONG)
    return other


@pytest.mark.parametrize(("damage", "target"), CASES, ids=NAMES)
def test_dropped(
    server: Host, peer: Peer, wrong_peer: Peer, damage: Callable[[Peer], Packet], target: str
) -> None:
    server.member(GROUP)
    assert peer.answers(damage(wrong_peer), target) == []
    # Whoever asked rightly is known since then, and nobody else.
    assert neighbours(server) == [peer.client.address]
    assert len(peer.answers(peer.ask(GROUP, multicast=True), GROUP)) == 1


def test_a_valid_one_is_remembered(server: Host, peer: Peer, wrong_peer: Peer) -> None:
    server.member(GROUP)
    assert len(peer.answers(wrong_peer.ask(GROUP, multicast=True), GROUP)) == 1
    assert WRONG in neighbours(server)


def neighbours(host: Host) -> list[str]:
    """Whom the host's neighbour cache knows."""
    rtnl = host.namespace.rtnl
    entries = rtnl.get_neighbours(family=socket.AF_INET6, ifindex=host.ifindex)
    addresses = [entry.get_attr("NDA_DST") for entry in entries]
    return [address for address in addresses if not IPv6Address(address).is_multicast]
