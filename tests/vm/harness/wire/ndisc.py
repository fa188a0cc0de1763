# SPDX-License-Identifier: GPL-2.0
"""Neighbour discovery as a peer speaks it, built and read with scapy."""

import socket
from dataclasses import dataclass

from scapy.layers.inet6 import (
    ICMPv6ND_NA,
    ICMPv6ND_NS,
    ICMPv6NDOptDstLLAddr,
    ICMPv6NDOptSrcLLAddr,
    IPv6,
    in6_chksum,
    in6_getnsmac,
)
from scapy.layers.l2 import Ether
from scapy.packet import Packet, Raw

from harness.topology.host import Host
from harness.views.state import solicited_node
from harness.wire.frames import LIMIT, Wire

ALL_NODES = "ff02::1"
UNSPECIFIED = "::"


@dataclass(frozen=True)
class Advertisement:
    """What a neighbour advertisement says, frame and packet header included."""

    mac: str
    source: str
    destination: str
    hop_limit: int
    target: str
    router: bool
    solicited: bool
    override: bool
    link_layer: str | None


def solicitation(client: Host, server: Host, target: str, *, multicast: bool) -> Packet:
    """A correct solicitation; scenarios of invalid ones damage it before sending."""
    link_layer = ICMPv6NDOptSrcLLAddr(lladdr=client.mac)
    header = multicast_to(client, target) if multicast else unicast_to(client, server, target)
    return header / ICMPv6ND_NS(tgt=target) / link_layer


def dad_probe(client: Host, target: str) -> Packet:
    """What a host sends that wants to use `target` itself."""
    header = multicast_to(client, target)
    header[IPv6].src = UNSPECIFIED
    return header / ICMPv6ND_NS(tgt=target)


def multicast_to(client: Host, target: str) -> Packet:
    destination = solicited_node(target)
    mac = in6_getnsmac(socket.inet_pton(socket.AF_INET6, destination))
    return Ether(src=client.mac, dst=mac) / IPv6(src=client.address, dst=destination, hlim=255)


def unicast_to(client: Host, server: Host, target: str) -> Packet:
    """As a neighbour asks that has the target in its cache and wants to know if it still is."""
    frame = Ether(src=client.mac, dst=server.mac)
    return frame / IPv6(src=client.address, dst=target, hlim=255)


def icmp(header: Packet, message: bytes) -> Packet:
    """An ICMPv6 message of any shape behind the headers, with a correct checksum."""
    header[IPv6].nh = socket.IPPROTO_ICMPV6
    header[IPv6].plen = len(message)
    checksum = in6_chksum(socket.IPPROTO_ICMPV6, header[IPv6], message)
    return header / Raw(message[:2] + checksum.to_bytes(2) + message[4:])


def parse(frame: bytes) -> Advertisement | None:
    """The advertisement in a frame, None for anything else."""
    if len(frame) < 55 or frame[54] != 136:  # ICMPv6 type behind Ethernet and IPv6 headers
        return None
    packet = Ether(frame)
    na = packet[ICMPv6ND_NA]
    option = packet.getlayer(ICMPv6NDOptDstLLAddr)
    return Advertisement(
        mac=packet.src,
        source=packet[IPv6].src,
        destination=packet[IPv6].dst,
        hop_limit=packet[IPv6].hlim,
        target=na.tgt,
        router=bool(na.R),
        solicited=bool(na.S),
        override=bool(na.O),
        link_layer=option.lladdr if option else None,
    )


class Peer:
    """The client's end of the cable, asking the server for addresses."""

    def __init__(self, client: Host, server: Host) -> None:
        self.client = client
        self.server = server
        self.wire = Wire(client)

    def ask(self, target: str, *, multicast: bool) -> Packet:
        return solicitation(self.client, self.server, target, multicast=multicast)

    def probe(self, target: str) -> Packet:
        return dad_probe(self.client, target)

    def send(self, packet: Packet) -> None:
        self.wire.send(bytes(packet))

    def answers(self, packet: Packet, target: str) -> list[Advertisement]:
        """Send a packet and return the advertisements of `target` that it caused.

        A correct unicast solicitation for an address of the server's own goes out right behind
        it and is never delayed: when its answer is here, an undelayed one to the packet is too.
        """
        self.send(packet)
        self.send(self.ask(self.server.link_local, multicast=False))
        seen = self.wire.collect(parse, lambda a: a.target == self.server.link_local)
        return [advertisement for advertisement in seen if advertisement.target == target]

    def first_answer(self, packet: Packet, target: str, limit: float = LIMIT) -> Advertisement:
        """Send a packet and wait for the first advertisement of `target`."""
        self.send(packet)
        return self.wire.collect(parse, lambda a: a.target == target, limit)[-1]
