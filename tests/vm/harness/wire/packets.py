# SPDX-License-Identifier: GPL-2.0
"""What a client sends to an address of a server, and what comes back."""

import select
import socket
import struct
from typing import NamedTuple

from harness.topology.host import Host
from harness.wire.frames import LIMIT

ECHO_REQUEST, ECHO_REPLY = 128, 129
IPV6_RECVPKTINFO = 49
PKTINFO = struct.Struct("=16sI")


class Datagram(NamedTuple):
    """A received datagram with the addresses of its header."""

    payload: bytes
    source: str
    port: int
    destination: str
    ifindex: int


class Reply(NamedTuple):
    """An echo reply: the number of the request and the address that answered it."""

    number: int
    source: str


class Echo:
    """A raw ICMPv6 socket that asks for echoes, as ping does; requests count from 1."""

    def __init__(self, client: Host) -> None:
        self._sock = client.open(socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
        self.sent = 0

    def send(self, destination: str, scope: int = 0) -> None:
        self.sent += 1
        request = struct.pack("!BBHHH", ECHO_REQUEST, 0, 0, 1, self.sent)
        self._sock.sendto(request, (destination, 0, 0, scope))

    def reply(self, limit: float = LIMIT) -> Reply | None:
        """The next reply, None when there is none within the limit."""
        while readable(self._sock, limit):
            message, address = self._sock.recvfrom(2048)
            if message[0] == ECHO_REPLY:
                return Reply(int.from_bytes(message[6:8]), address[0].split("%")[0])
        return None

    def answerer(self, destination: str, scope: int = 0) -> str:
        """Ask once, and return the address that the reply comes from."""
        self.send(destination, scope)
        reply = self.reply()
        assert reply, f"no reply from {destination}"
        assert reply.number == self.sent
        return reply.source


class Service:
    """A UDP socket bound to the wildcard address that sees where datagrams were sent to."""

    PORT = 4242

    def __init__(self, host: Host) -> None:
        self.sock = host.open()
        self.sock.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)
        self.sock.bind(("::", self.PORT))

    def receive(self) -> Datagram:
        return receive(self.sock)

    def received(self) -> list[str]:
        """The destinations of the datagrams that are there already."""
        destinations = []
        while readable(self.sock, 0):
            destinations.append(receive(self.sock).destination)
        return destinations


def receive(sock: socket.socket) -> Datagram:
    assert readable(sock, LIMIT), f"no datagram within {LIMIT:g} s"
    payload, ancillary, _, source = sock.recvmsg(2048, 1024)
    infos = [data for _, kind, data in ancillary if kind == socket.IPV6_PKTINFO]
    address, ifindex = PKTINFO.unpack(infos[0]) if infos else (bytes(16), 0)
    destination = socket.inet_ntop(socket.AF_INET6, address)
    return Datagram(payload, source[0].split("%")[0], source[1], destination, ifindex)


def packet_info(address: str, ifindex: int) -> list[tuple[int, int, bytes]]:
    """The ancillary data that chooses the source of a datagram."""
    packed = PKTINFO.pack(socket.inet_pton(socket.AF_INET6, address), ifindex)
    return [(socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, packed)]


def readable(sock: socket.socket, limit: float) -> bool:
    ready, _, _ = select.select([sock], [], [], limit)
    return bool(ready)
