# SPDX-License-Identifier: GPL-2.0
"""/proc/net/anycast6_members: who holds the groups of a namespace."""

import os
import socket
from ipaddress import IPv6Address
from typing import NamedTuple

from harness.topology.namespace import Namespace

SO_COOKIE = 57
PUBLISHED, DORMANT, YIELDING, OFF = "published", "dormant", "yielding", "off"


class Hold(NamedTuple):
    """One line of the file."""

    ifindex: int
    device: str
    address: str
    state: str
    holder: str


def members(namespace: Namespace) -> list[Hold]:
    """All lines, sorted: their order means nothing."""
    return parse(namespace.proc("anycast6_members"))


def parse(text: bytes) -> list[Hold]:
    return sorted(_hold(line) for line in text.decode("ascii").splitlines())


def _hold(line: str) -> Hold:
    ifindex, device, address, state, holder = line.split(" ", 4)
    assert str(IPv6Address(address)) == address
    return Hold(int(ifindex), device, address, state, holder)


def by_socket(sock: socket.socket, uid: int = 0, pid: int | None = None) -> str:
    """How a socket's hold is written, by which this process has joined, or another one."""
    cookie = int.from_bytes(sock.getsockopt(socket.SOL_SOCKET, SO_COOKIE, 8), "little")
    return f"socket {cookie} uid {uid} pid {os.getpid() if pid is None else pid}"
