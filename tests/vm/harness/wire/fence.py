# SPDX-License-Identifier: GPL-2.0
"""Frames to a host, and certainty that it is done with them."""

import select
import socket
from typing import Self

from harness.topology.host import Host
from harness.wire.frames import LIMIT, packet_socket

# For experiments (IEEE 802, local experimental ethertype 1); no protocol handler of the kernel
# has it, so it comes through whatever state IPv6 is in.
ETH_P_FENCE = 0x88B5
BROADCAST = "ff:ff:ff:ff:ff:ff"


class Fence:
    """A frame that follows others through the other host's receive path, and comes back.

    It goes there as a broadcast: a macvlan hands these to its upper device from a queue (kernel
    drivers/net/macvlan.c), so a frame to the device's own address would overtake solicitations.
    """

    def __init__(self, near: Host, far: Host) -> None:
        self._near = packet_socket(near.namespace, near.device, socket.ETH_P_ALL)
        self._far = packet_socket(far.namespace, far.device, ETH_P_FENCE)
        self._there, self._back = _frame(near.mac, BROADCAST), _frame(far.mac, near.mac)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._near.close()
        self._far.close()

    def send(self, frame: bytes) -> None:
        self._near.send(frame)

    def answers(self) -> list[bytes] | None:
        """What came back for all that was sent; None when the link is dead."""
        self._near.send(self._there)
        if not _until(self._far, self._there):
            return None
        self._far.send(self._back)
        return _until(self._near, self._back)


def _frame(source: str, destination: str) -> bytes:
    addresses = bytes.fromhex((destination + source).replace(":", ""))
    return (addresses + ETH_P_FENCE.to_bytes(2)).ljust(60, b"\0")


def _until(sock: socket.socket, last: bytes) -> list[bytes] | None:
    """The frames that came in up to and with the last one; None when that does not come."""
    seen: list[bytes] = []
    while select.select([sock], [], [], LIMIT)[0]:
        frame, address = sock.recvfrom(65536)
        if address[2] == socket.PACKET_OUTGOING:
            continue
        seen.append(frame)
        if frame == last:
            return seen
    return None
