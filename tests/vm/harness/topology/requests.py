# SPDX-License-Identifier: GPL-2.0
"""Requests by netlink, each one system call, made before and answered after.

Those that are made here are about devices and addresses.
"""

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import Self

from pyroute2.netlink import NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REQUEST
from pyroute2.netlink.rtnl import RTM_DELADDR, RTM_DELLINK, RTM_NEWADDR, RTM_NEWLINK

from harness.topology.host import Host

IFLA_IFNAME, IFLA_LINKINFO, IFLA_INFO_KIND = 3, 18, 1
IFF_UP = 1
NLMSG_ERROR = 2
IFA_LOCAL, IFA_FLAGS = 2, 8


@dataclass
class Request:
    sock: socket.socket
    message: bytes

    @classmethod
    @contextmanager
    def add_dummy(cls, host: Host, name: str) -> Iterator[Self]:
        kind = _attribute(IFLA_INFO_KIND, b"dummy\0")
        attributes = _attribute(IFLA_IFNAME, name.encode() + b"\0") + _attribute(
            IFLA_LINKINFO, kind
        )
        with cls._made(host, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, _link(0) + attributes) as made:
            yield made

    @classmethod
    @contextmanager
    def delete(cls, host: Host, index: int) -> Iterator[Self]:
        with cls._made(host, RTM_DELLINK, 0, _link(index)) as made:
            yield made

    @classmethod
    @contextmanager
    def change(cls, host: Host, index: int, *, up: bool) -> Iterator[Self]:
        with cls._made(host, RTM_NEWLINK, 0, _link(index, IFF_UP if up else 0, IFF_UP)) as made:
            yield made

    @classmethod
    @contextmanager
    def add_address(cls, host: Host, index: int, address: str, flags: int) -> Iterator[Self]:
        body = _address(index, address) + _attribute(IFA_FLAGS, struct.pack("=I", flags))
        with cls._made(host, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, body) as made:
            yield made

    @classmethod
    @contextmanager
    def delete_address(cls, host: Host, index: int, address: str) -> Iterator[Self]:
        with cls._made(host, RTM_DELADDR, 0, _address(index, address)) as made:
            yield made

    @classmethod
    @contextmanager
    def _made(cls, host: Host, kind: int, flags: int, body: bytes) -> Iterator[Self]:
        with host.namespace.inside():
            sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        length = struct.calcsize("=IHHII") + len(body)
        header = struct.pack("=IHHII", length, kind, flags | NLM_F_REQUEST | NLM_F_ACK, 1, 0)
        with sock:
            yield cls(sock, header + body)

    def send(self) -> None:
        """The kernel does what was asked for meanwhile; fails as it answers."""
        self.sock.send(self.message)
        answer = self.sock.recv(8192)
        _, kind, _, _, _, number = struct.unpack_from("=IHHIIi", answer)
        if kind == NLMSG_ERROR and number:
            raise OSError(-number, os.strerror(-number))


def _link(index: int, flags: int = 0, change: int = 0) -> bytes:
    """struct ifinfomsg"""
    return struct.pack("=BxHiII", socket.AF_UNSPEC, 0, index, flags, change)


def _address(index: int, address: str) -> bytes:
    """struct ifaddrmsg, and the address with a prefix of 64 bits"""
    header = struct.pack("=BBBBI", socket.AF_INET6, 64, 0, 0, index)
    return header + _attribute(IFA_LOCAL, IPv6Address(address).packed)


def _attribute(kind: int, value: bytes) -> bytes:
    data = struct.pack("=HH", 4 + len(value), kind) + value
    return data + b"\0" * (-len(data) % 4)
