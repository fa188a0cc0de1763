# SPDX-License-Identifier: GPL-2.0
"""The socket options under test and the listing of /proc/net/anycast6."""

import errno
import socket
import struct
from collections.abc import Callable
from ipaddress import IPv6Address
from typing import NamedTuple

IPV6_JOIN_ANYCAST = 27
IPV6_LEAVE_ANYCAST = 28


def mreq(address: str, ifindex: int) -> bytes:
    """struct ipv6_mreq"""
    return struct.pack("=16si", IPv6Address(address).packed, ifindex)


def join(sock: socket.socket, address: str, ifindex: int) -> None:
    sock.setsockopt(socket.IPPROTO_IPV6, IPV6_JOIN_ANYCAST, mreq(address, ifindex))


def leave(sock: socket.socket, address: str, ifindex: int) -> None:
    sock.setsockopt(socket.IPPROTO_IPV6, IPV6_LEAVE_ANYCAST, mreq(address, ifindex))


def result(action: Callable[[], object]) -> str:
    """What a system call answered, as the manual pages write it: "OK" or the errno's name."""
    try:
        action()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "OK"


class Group(NamedTuple):
    """One line of /proc/net/anycast6."""

    device: str
    address: str
    users: int


def parse(listing: bytes) -> list[Group]:
    return [_group(line) for line in listing.decode("ascii").splitlines()]


def _group(line: str) -> Group:
    _, device, digits, users = line.split()
    return Group(device, str(IPv6Address(int(digits, 16))), int(users))
