# SPDX-License-Identifier: GPL-2.0
"""The groups that the module exports to routing daemons, and the order of what listeners hear."""

import select
import socket
from typing import NamedTuple

from pyroute2.netlink.rtnl.rtmsg import rtmsg

from harness.topology.host import Host
from harness.topology.namespace import Namespace
from harness.views.netlink import NETLINK_ADD_MEMBERSHIP, RTM_DELANYCAST, SOL_NETLINK

RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV6_ACADDR = 11, 39
RTM_NEWROUTE, RTM_DELROUTE = 24, 25
ANYCAST, BLACKHOLE = 4, 6
PROTOCOL = 200
LOCAL = 255
TABLE, OTHER_TABLE = 200, 100200


class Exported(NamedTuple):
    """A blackhole of one address."""

    address: str
    metric: int
    protocol: int = PROTOCOL


def metric(ifindex: int) -> int:
    return 1024 + ifindex


def exported(namespace: Namespace, table: int = TABLE) -> list[Exported]:
    """All that is in a table, which must be nothing else."""
    routes = namespace.rtnl.get_routes(family=socket.AF_INET6, table=table)
    assert {(route["type"], route["dst_len"]) for route in routes} <= {(BLACKHOLE, 128)}
    return sorted(
        Exported(r.get_attr("RTA_DST"), r.get_attr("RTA_PRIORITY"), r["proto"]) for r in routes
    )


def addresses(namespace: Namespace, table: int = TABLE) -> list[str]:
    return [route.address for route in exported(namespace, table)]


class Story:
    """What a routing daemon hears of routes and groups, in this order."""

    def __init__(self, host: Host) -> None:
        with host.namespace.inside():
            sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        sock.bind((0, 0))
        for group in RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV6_ACADDR:
            sock.setsockopt(SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, group)
        self._sock = host.adopt(sock)

    def of(self, address: str) -> list[str]:
        """The latest of one address, what came is forgotten: "+export 200", "-route", "-group"."""
        words = []
        while select.select([self._sock], [], [], 0)[0]:
            words.append(_word(self._sock.recv(8192), address))
        return [word for word in words if word]


def _word(data: bytes, address: str) -> str | None:
    kind = int.from_bytes(data[4:6], "little")
    if kind not in (RTM_NEWROUTE, RTM_DELROUTE):
        return _group(data, address, kind)
    message = rtmsg(data)
    message.decode()
    if message.get_attr("RTA_DST") != address:
        return None
    sign = "+" if kind == RTM_NEWROUTE else "-"
    if message["type"] == BLACKHOLE:
        return f"{sign}export {message.get_attr('RTA_TABLE')}"
    return f"{sign}route" if message["type"] == ANYCAST else None


def _group(data: bytes, address: str, kind: int) -> str | None:
    # The first attribute is the address: struct nlmsghdr, struct ifaddrmsg, struct nlattr.
    if data[28:44] != socket.inet_pton(socket.AF_INET6, address):
        return None
    return "-group" if kind == RTM_DELANYCAST else "+group"
