# SPDX-License-Identifier: GPL-2.0
"""What goes on beside a race: a peer that asks for groups and sends to them, readers of lists."""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from itertools import cycle

from pyroute2 import IPRoute, NetlinkError
from scapy.layers.inet import TCP, UDP
from scapy.layers.inet6 import ICMPv6EchoRequest, IPv6
from scapy.layers.l2 import Ether

from harness.stress.churn import PORT
from harness.stress.span import Span
from harness.topology.host import Host
from harness.topology.lan import Cable
from harness.topology.namespace import PROC_NET
from harness.views.netlink import dump_by
from harness.wire.frames import packet_socket
from harness.wire.ndisc import solicitation
from harness.wire.packets import Service

LISTINGS = ("anycast6", "anycast6_members", "anycast6_stat")
QUESTIONS = ("solicitations", "pings", "datagrams", "syns")
LOOKS = ("readings", "dumps")
ACTIONS = QUESTIONS + LOOKS


class Bustle:
    """Goes on until the span is over."""

    def __init__(self, cable: Cable, groups: Sequence[str], span: Span) -> None:
        frames = questions(cable, groups)
        self._span = span
        self._children = (
            span.child(cable.client, lambda: _flood(cable.client, frames, span), QUESTIONS),
            span.child(cable.server, lambda: _read(span), LOOKS),
        )

    def done(self) -> Counter[str]:
        """How often each was done."""
        done = (child.result(self._span.limit()) for child in self._children)
        return sum(done, Counter())


def questions(cable: Cable, groups: Sequence[str]) -> list[tuple[str, bytes]]:
    """What the client sends: the kind of each frame, and the frame."""
    return [frame for group in groups for frame in _frames(*cable.hosts, group).items()]


def _frames(server: Host, client: Host, group: str) -> dict[str, bytes]:
    packet = Ether(src=client.mac, dst=server.mac) / IPv6(src=client.address, dst=group)
    frames = {
        "solicitations": solicitation(client, server, group, multicast=True),
        "pings": packet / ICMPv6EchoRequest(),
        "datagrams": packet / UDP(sport=5353, dport=Service.PORT),
        "syns": packet / TCP(sport=30000, dport=PORT, flags="S"),
    }
    return {kind: bytes(frame) for kind, frame in frames.items()}


def _flood(client: Host, frames: Sequence[tuple[str, bytes]], span: Span) -> Counter[str]:
    """The client's device may go and come back as another one."""
    sent: Counter[str] = Counter()
    order = cycle(frames)
    span.start()
    while not span.over(sent):
        with suppress(OSError), packet_socket(client.namespace, client.device) as sock:
            while not span.over(sent):
                kind, frame = next(order)
                sock.send(frame)
                sent[kind] += 1
    return sent


def _read(span: Span) -> Counter[str]:
    """All listings there are; what they say meanwhile does not matter here."""
    read: Counter[str] = Counter()
    rtnl = IPRoute()
    span.start()
    while not span.over(read):
        for name in LISTINGS:
            with suppress(FileNotFoundError):
                (PROC_NET / name).read_bytes()
                read["readings"] += 1
        with suppress(NetlinkError):  # interrupted by a change
            dump_by(rtnl)
            read["dumps"] += 1
    return read
