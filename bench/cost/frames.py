# SPDX-License-Identifier: GPL-2.0
"""Frames that a neighbour sends."""

from ipaddress import IPv6Address

from scapy.layers.inet import TCP
from scapy.layers.inet6 import ICMPv6ND_NS, ICMPv6NDOptSrcLLAddr, IPv6, in6_getnsmac
from scapy.layers.l2 import Ether
from scapy.packet import Packet

from harness.views.state import solicited_node

NEIGHBOUR, NEIGHBOUR_MAC = "2001:db8::2:2", "02:00:00:00:00:02"
HOST, HOST_MAC = "2001:db8::1:1", "02:00:00:00:00:01"
HOST_LINK_LOCAL = "fe80::1"
# Solicitations that have passed a router do not count (RFC 4861, 7.1.1).
HOP_LIMIT, PASSED_A_ROUTER = 255, 254
PORT = 4242


def solicitation(target: str, hop_limit: int = HOP_LIMIT) -> str:
    """Who has the target? In hexadecimal."""
    group = solicited_node(target)
    ether = Ether(src=NEIGHBOUR_MAC, dst=in6_getnsmac(IPv6Address(group).packed))
    header = IPv6(src=NEIGHBOUR, dst=group, hlim=hop_limit)
    question = ICMPv6ND_NS(tgt=target) / ICMPv6NDOptSrcLLAddr(lladdr=NEIGHBOUR_MAC)
    return _digits(ether / header / question)


def syn(target: str) -> str:
    """A request for a connection, in hexadecimal."""
    ether = Ether(src=NEIGHBOUR_MAC, dst=HOST_MAC)
    return _digits(ether / IPv6(src=NEIGHBOUR, dst=target) / TCP(sport=1024, dport=PORT, seq=1))


def _digits(frame: Packet) -> str:
    return bytes(frame).hex()
