# SPDX-License-Identifier: GPL-2.0
"""Raw frames on an interface."""

import select
import socket
import struct
import time
from collections.abc import Callable, Iterator

from harness.topology.host import Host
from harness.topology.namespace import Namespace

ETH_P_IPV6 = 0x86DD
LIMIT = 10.0
SO_RCVBUFFORCE, SO_TIMESTAMPNS = 33, 35
TIMESPEC = struct.Struct("@qq")
# Bytes of frames that wait while the scenario does something else.
ROOM = 8 << 20


def packet_socket(
    namespace: Namespace, device: str, protocol: int = 0, room: int = 0
) -> socket.socket:
    """Sends frames by a device and receives those of the protocol, by default none.

    `room`: for bytes that have come in and wait, if not the kernel's default.
    """
    with namespace.inside():
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        try:
            if room:
                sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, room)
            sock.bind((device, protocol))
        except OSError:
            sock.close()
            raise
    return sock


class Wire:
    """Sends frames as given and sees every IPv6 frame that comes in on the interface."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self._sock = host.adopt(packet_socket(host.namespace, host.device, ETH_P_IPV6, ROOM))
        self._sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)

    def send(self, frame: bytes) -> None:
        self._sock.send(frame)

    def incoming(self, limit: float = LIMIT) -> Iterator[bytes]:
        """Frames as they come in; ends when `limit` seconds have passed."""
        return (frame for _, frame in self.arrivals(limit))

    def arrivals(self, limit: float = LIMIT) -> Iterator[tuple[float, bytes]]:
        """The same, with the kernel's time of each, in seconds, however late it is read."""
        deadline = time.monotonic() + limit
        while (rest := deadline - time.monotonic()) > 0:
            ready, _, _ = select.select([self._sock], [], [], rest)
            if not ready:
                return
            frame, ((_, _, stamp),), _, address = self._sock.recvmsg(65536, 64)
            seconds, nanoseconds = TIMESPEC.unpack(stamp)
            if address[2] != socket.PACKET_OUTGOING:
                yield seconds + nanoseconds / 1e9, frame

    def collect[T](
        self, parse: Callable[[bytes], T | None], until: Callable[[T], bool], limit: float = LIMIT
    ) -> list[T]:
        """Everything `parse` understands, up to and with the first that `until` accepts."""
        seen: list[T] = []
        for frame in self.incoming(limit):
            item = parse(frame)
            if item is None:
                continue
            seen.append(item)
            if until(item):
                return seen
        raise AssertionError(f"nothing fitting within {limit:g} s; seen: {seen}")
