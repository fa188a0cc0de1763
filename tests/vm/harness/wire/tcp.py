# SPDX-License-Identifier: GPL-2.0
"""TCP listeners of a server, connections of a client to them, and SYNs made by hand."""

import itertools
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from scapy.layers.inet import TCP
from scapy.layers.inet6 import ICMPv6DestUnreach, ICMPv6ParamProblem, IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Packet

from harness.topology.host import Host
from harness.topology.lan import Cable
from harness.wire.fence import Fence

PORT = 8080
LIMIT = 20.0

# How a SYN is answered.
ACCEPTED = "SYN-ACK"
RESET = "RST"
ERROR = "ICMPv6 error"
SILENCE = "silence"


def listener(
    host: Host,
    address: str = "::",
    *,
    scope: int = 0,
    proto: int = 0,
    options: tuple[tuple[int, int], ...] = (),
) -> socket.socket:
    """`options` are of the level SOL_SOCKET."""
    sock = host.open(socket.SOCK_STREAM, proto)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    for option, value in options:
        sock.setsockopt(socket.SOL_SOCKET, option, value)
    sock.bind((address, PORT, 0, scope))
    sock.listen(64)
    sock.settimeout(LIMIT)
    return sock


@dataclass
class Connection:
    """Both ends of an established connection."""

    near: socket.socket
    far: socket.socket
    _count: itertools.count = field(default_factory=itertools.count)

    def carries(self) -> None:
        """A line there and another one back."""
        line = b"line %d\n" % next(self._count)
        self.near.sendall(line)
        assert _read(self.far, len(line)) == line
        self.far.sendall(line.upper())
        assert _read(self.near, len(line)) == line.upper()

    def close(self) -> None:
        self.near.close()
        self.far.close()

    @property
    def served_from(self) -> str:
        """The server's address, as both ends see it."""
        near, far = self.near.getpeername()[0], self.far.getsockname()[0]
        assert near.split("%")[0] == far.split("%")[0]
        return far.split("%")[0]


def connect(client: Host, listening: socket.socket, address: str, scope: int = 0) -> Connection:
    near = client.open(socket.SOCK_STREAM)
    near.settimeout(LIMIT)
    near.connect((address, PORT, 0, scope))
    return accept(client, listening, near)


def accept(client: Host, listening: socket.socket, near: socket.socket) -> Connection:
    far = client.adopt(listening.accept()[0])
    far.settimeout(LIMIT)
    return Connection(near, far)


def _read(sock: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        chunk = sock.recv(count - len(data))
        assert chunk, f"the end after {data!r}"
        data += chunk
    return data


class Knock:
    """Sends SYNs to the server, whatever neighbour discovery says, and sees how each is answered.

    The client's own TCP knows nothing of them: it resets what is accepted, so nothing lasts.
    """

    def __init__(self, cable: Cable) -> None:
        self.cable = cable
        self._ports = itertools.cycle(range(20000, 60000))
        cable.server.remember(cable.client)

    def frame(
        self, address: str, port: int = PORT, sport: int | None = None, source: str | None = None
    ) -> bytes:
        server, client = self.cable.hosts
        near = client.link_local if address.startswith(("fe80:", "ff02:")) else client.address
        segment = TCP(sport=sport or next(self._ports), dport=port, seq=1000, flags="S")
        header = Ether(src=client.mac, dst=server.mac)
        return bytes(header / IPv6(src=source or near, dst=address) / segment)

    def answer(self, address: str, port: int = PORT, source: str | None = None) -> str:
        """Knock once; when the answer is silence the server is done with the SYN."""
        (answer,) = self.answers(address, 1, port, source)
        return answer

    def answers(
        self, address: str, count: int, port: int = PORT, source: str | None = None
    ) -> list[str]:
        """Knock `count` times, each time from another port."""
        server, client = self.cable.hosts
        seen = []
        with one_processor(), Fence(client, server) as fence:
            for _ in range(count):
                near = next(self._ports)
                fence.send(self.frame(address, port, near, source))
                frames = fence.answers()
                assert frames is not None, "the link is dead"
                seen.append(_answer([Ether(frame) for frame in frames], near))
        return seen


@contextmanager
def one_processor() -> Iterator[None]:
    """Frames keep their order when all of them go through the queue of one processor."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def _answer(packets: list[Packet], port: int) -> str:
    """To a SYN from that port; other connections may go on beside it."""
    for packet in packets:
        if TCP in packet and packet[TCP].dport == port:
            flags = packet[TCP].flags
            return RESET if flags.R else ACCEPTED if flags == "SA" else str(flags)
        if ICMPv6DestUnreach in packet or ICMPv6ParamProblem in packet:
            return ERROR
    return SILENCE
