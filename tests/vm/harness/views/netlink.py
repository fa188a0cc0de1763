# SPDX-License-Identifier: GPL-2.0
"""Anycast groups as rtnetlink tells of them."""

import select
import socket
from typing import NamedTuple

from pyroute2 import IPRoute
from pyroute2.netlink import NLM_F_DUMP, NLM_F_REQUEST
from pyroute2.netlink.rtnl.ifaddrmsg import ifaddrmsg

from harness.topology.host import Host
from harness.topology.namespace import Namespace
from harness.wire.frames import LIMIT

RTM_NEWANYCAST = 60
RTM_DELANYCAST = 61
RTM_GETANYCAST = 62
RTNLGRP_IPV6_ACADDR = 39
SOL_NETLINK = 270
NETLINK_ADD_MEMBERSHIP = 1
NETLINK_BROADCAST_ERROR = 4
INFINITE = 0xFFFFFFFF


class Record(NamedTuple):
    """One message about a group, all that it says but the time stamps."""

    event: int
    ifindex: int
    address: str
    prefix_length: int = 128
    flags: int = 0x80  # IFA_F_PERMANENT
    scope: int = 0  # RT_SCOPE_UNIVERSE
    preferred: int = INFINITE
    valid: int = INFINITE


def dump(namespace: Namespace) -> list[Record]:
    """What RTM_GETANYCAST answers, as pyroute2 reads it."""
    return dump_by(namespace.rtnl)


def dump_by(rtnl: IPRoute) -> list[Record]:
    """The same by a connection of one's own."""
    rtnl.marshal.msg_map[RTM_GETANYCAST] = ifaddrmsg
    request = ifaddrmsg()
    request["family"] = socket.AF_INET6
    flags = NLM_F_REQUEST | NLM_F_DUMP
    messages = rtnl.nlm_request(request, msg_type=RTM_GETANYCAST, msg_flags=flags)
    return [_record(message) for message in messages]


class Monitor:
    """A listener of the multicast group RTNLGRP_IPV6_ACADDR."""

    def __init__(self, host: Host) -> None:
        with host.namespace.inside():
            sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        sock.bind((0, 0))
        sock.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, RTNLGRP_IPV6_ACADDR)
        self.sock = host.adopt(sock)
        self._seen: list[Record] = []

    def all(self) -> list[Record]:
        """All that was told so far, but for what records() returned."""
        while self.pending():
            self._seen.append(self._receive())
        return list(self._seen)

    def events(self, address: str) -> list[int]:
        """The events of one group among them."""
        return [record.event for record in self.all() if record.address == address]

    def records(self, count: int) -> list[Record]:
        """Wait for `count` notifications; more of them at that moment is a failure."""
        seen: list[Record] = []
        while len(seen) < count:
            ready, _, _ = select.select([self.sock], [], [], LIMIT)
            assert ready, f"{len(seen)} notifications instead of {count}: {seen}"
            seen.append(self._receive())
        assert not self.pending(), f"more than {count} notifications"
        return seen

    def pending(self) -> bool:
        ready, _, _ = select.select([self.sock], [], [], 0)
        return bool(ready)

    def _receive(self) -> Record:
        message = ifaddrmsg(self.sock.recv(8192))
        message.decode()
        return _record(message)


def _record(message: ifaddrmsg) -> Record:
    cache = message.get_attr("IFA_CACHEINFO")
    return Record(
        event=message["header"]["type"],
        ifindex=message["index"],
        address=message.get_attr("IFA_ANYCAST"),
        prefix_length=message["prefixlen"],
        flags=message["flags"],
        scope=message["scope"],
        preferred=cache["ifa_preferred"],
        valid=cache["ifa_valid"],
    )
