# SPDX-License-Identifier: GPL-2.0
"""The module home_agent, driven through debugfs, and a mobile node that looks for it."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from scapy.layers.inet6 import (
    ICMPv6EchoRequest,
    ICMPv6HAADReply,
    ICMPv6HAADRequest,
    IPv6,
    in6_chksum,
)
from scapy.layers.l2 import Ether
from scapy.packet import Packet

from harness.kernel import kmodule
from harness.kernel.implementation import home_agent_path
from harness.topology.host import Host
from harness.topology.lan import PREFIX
from harness.wire.frames import LIMIT, Wire

NAME = "home_agent"
FILES = Path("/sys/kernel/debug") / NAME
LOADED = Path("/sys/module") / NAME

# Of the scenarios' prefix: the Mobile IPv6 Home-Agents anycast address (RFC 2526, identifier 126).
ANYCAST = "2001:db8:1:0:fdff:ffff:ffff:fffe"
# Home agents that are not there.
OTHERS = tuple(PREFIX + last for last in ("e1", "e2"))
# Of a link behind the server, whose only other end is the server's own, too.
AWAY, AWAY_ADDRESS = "home", "2001:db8:7::1"
AWAY_ANYCAST = "2001:db8:7:0:fdff:ffff:ffff:fffe"
REQUEST, REPLY = 144, 145
ECHO_REPLY = 129
TYPE_OFFSET = 54  # behind Ethernet and IPv6 headers
IDENTIFIER = slice(58, 60)


@contextmanager
def loaded() -> Iterator[None]:
    """The module is there; a scenario may remove it earlier."""
    kmodule.insert(home_agent_path())
    try:
        yield
    finally:
        if LOADED.exists():
            kmodule.remove(NAME)


@contextmanager
def home_link(host: Host) -> Iterator[str]:
    """A further link of the host, which becomes a router."""
    host.namespace.add_dummy(AWAY, AWAY_ADDRESS)
    host.forwarding(True)
    yield AWAY
    host.namespace.delete_device(AWAY)


def held(host: Host) -> dict[str, int]:
    """The users of the home agents' groups; a router has others, too."""
    return {g.address: g.users for g in host.groups() if g.address in (ANYCAST, AWAY_ANYCAST)}


def identifier(request: Packet) -> int:
    return request[ICMPv6HAADRequest].id


@dataclass
class HomeAgent:
    """The module as it serves in the namespace of a host."""

    host: Host

    def serve(self, *agents: str, device: str = "") -> None:
        """Raises OSError with what the module answered."""
        self._write("serve", device or self.host.device, *agents)

    def stop(self, device: str = "") -> None:
        self._write("stop", device or self.host.device)

    def _write(self, file: str, *words: str) -> None:
        with self.host.namespace.inside():
            descriptor = os.open(FILES / file, os.O_WRONLY | os.O_CLOEXEC)
            try:
                os.write(descriptor, " ".join(words).encode())
            finally:
                os.close(descriptor)


@dataclass(frozen=True)
class Reply:
    """Every field of a reply, from the frame's header to the list of addresses."""

    frame_source: str
    frame_destination: str
    source: str
    destination: str
    hop_limit: int
    payload_length: int
    next_header: int
    code: int
    checksum_is_right: bool
    identifier: int
    mobile_router: int
    reserved: int
    agents: tuple[str, ...]


def parse(frame: bytes) -> Reply | None:
    """The reply in a frame, None for anything else."""
    if len(frame) <= TYPE_OFFSET or frame[TYPE_OFFSET] != REPLY:
        return None
    packet = Ether(frame)
    ip, reply = packet[IPv6], packet[ICMPv6HAADReply]
    return Reply(
        frame_source=packet.src,
        frame_destination=packet.dst,
        source=ip.src,
        destination=ip.dst,
        hop_limit=ip.hlim,
        payload_length=ip.plen,
        next_header=ip.nh,
        code=reply.code,
        checksum_is_right=in6_chksum(socket.IPPROTO_ICMPV6, ip, frame[TYPE_OFFSET:]) == 0,
        identifier=reply.id,
        mobile_router=reply.R,
        reserved=reply.res,
        agents=tuple(reply.addresses),
    )


@dataclass
class MobileNode:
    """The client's end of the cable, asking the server, which is a home agent or routes to one."""

    client: Host
    server: Host
    wire: Wire = field(init=False)
    identifiers: Iterator[int] = field(default_factory=lambda: count(0x1234))

    def __post_init__(self) -> None:
        self.wire = Wire(self.client)

    def header(self, destination: str = ANYCAST, source: str = "") -> Packet:
        frame = Ether(src=self.client.mac, dst=self.server.mac)
        return frame / IPv6(src=source or self.client.address, dst=destination, hlim=64)

    def request(self, destination: str = ANYCAST, source: str = "") -> Packet:
        """With an identifier that no other one of this mobile node's has."""
        message = ICMPv6HAADRequest(id=next(self.identifiers), R=0, res=0)
        return self.header(destination, source) / message

    def send(self, packet: Packet) -> None:
        self.wire.send(bytes(packet))

    def ask(self, request: Packet, limit: float = LIMIT) -> Reply:
        """The reply to a request."""
        self.send(request)
        wanted = request[ICMPv6HAADRequest].id
        return self.wire.collect(parse, lambda reply: reply.identifier == wanted, limit)[-1]

    def replies(self, *packets: Packet, last: Packet | None = None) -> list[Reply]:
        """Send packets and return the replies that they caused.

        A request that is answered goes out right behind them, by default one to the usual address.
        Requests are answered in order: when that one's reply is here, the others are.
        """
        last = last or self.request()
        for packet in (*packets, last):
            self.send(packet)
        wanted = last[ICMPv6HAADRequest].id
        return self.wire.collect(parse, lambda reply: reply.identifier == wanted)[:-1]

    def is_ignored(self) -> bool:
        """Is a request left without a reply by a server that answers an echo request behind it?

        Only where no module is that might answer a little later.
        """
        self.send(self.request())
        self.send(self.header(self.server.link_local) / ICMPv6EchoRequest())
        return REPLY not in self.wire.collect(_type, lambda kind: kind == ECHO_REPLY)


def _type(frame: bytes) -> int | None:
    return frame[TYPE_OFFSET] if len(frame) > TYPE_OFFSET else None


def expected(server: Host, client: Host, identifier: int, **changes: object) -> Reply:
    """The reply of a home agent that knows only itself."""
    reply = Reply(
        frame_source=server.mac,
        frame_destination=client.mac,
        source=server.address,
        destination=client.address,
        hop_limit=64,
        payload_length=8,
        next_header=socket.IPPROTO_ICMPV6,
        code=0,
        checksum_is_right=True,
        identifier=identifier,
        mobile_router=0,
        reserved=0,
        agents=(server.address,),
    )
    reply = replace(reply, **changes)  # type: ignore[arg-type]
    return replace(reply, payload_length=8 + 16 * len(reply.agents))
