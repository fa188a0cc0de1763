# SPDX-License-Identifier: GPL-2.0
"""Solicitations that RFC 4861, 7.1.1 forbids to answer, though a member is there."""

from collections.abc import Callable
from ipaddress import IPv6Address

import pytest
from scapy.layers.inet6 import ICMPv6ND_NS, ICMPv6NDOptSrcLLAddr, IPv6
from scapy.packet import Packet

from net.host import Host
from net.lan import GROUP
from net.ndisc import Peer, icmp, multicast_to, unicast_to
from net.state import solicited_node

pytestmark = pytest.mark.usefixtures("implementation")

SOLICITATION = bytes([135, 0, 0, 0, 0, 0, 0, 0])
MULTICAST_TARGET = solicited_node(GROUP)
STRANGER = "2001:db8:1:0:1::a"
TARGET = IPv6Address(GROUP).packed


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
    packet[IPv6].src = "::"
    return packet


def no_member(peer: Peer) -> Packet:
    """The solicitation comes in, its multicast address being the group's too."""
    return peer.ask(STRANGER, multicast=True)


INVALID: dict[Callable[[Peer], Packet], str] = {
    hop_limit: GROUP,
    code: GROUP,
    truncated: GROUP,
    zero_length_option: GROUP,
    long_link_layer_option: GROUP,
    checksum: GROUP,
    multicast_target: MULTICAST_TARGET,
    probe_with_link_layer_option: GROUP,
    probe_to_unicast: GROUP,
    no_member: STRANGER,
}


@pytest.mark.parametrize("damage", INVALID, ids=lambda damage: damage.__name__)
def test_dropped(server: Host, peer: Peer, damage: Callable[[Peer], Packet]) -> None:
    server.member(GROUP)
    assert peer.answers(damage(peer), INVALID[damage]) == []
    assert len(peer.answers(peer.ask(GROUP, multicast=True), GROUP)) == 1
