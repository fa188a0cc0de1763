# SPDX-License-Identifier: GPL-2.0
"""What anycast groups leave behind in a namespace's tables."""

import re
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import NamedTuple

from harness.topology.namespace import Namespace

RTF_ANYCAST = 0x00100000


class Multicast(NamedTuple):
    """One line of /proc/net/igmp6 without its timer, which runs down by itself."""

    device: str
    address: str
    users: int


class Route(NamedTuple):
    """One line of /proc/net/ipv6_route without its counters."""

    destination: str
    prefix_length: str
    metric: str
    flags: str
    device: str


@dataclass(frozen=True)
class Publication:
    """The listing byte for byte, the anycast routes, the multicast users."""

    listing: bytes
    routes: frozenset[Route]
    multicast: frozenset[Multicast]


def publication(namespace: Namespace) -> Publication:
    return Publication(
        namespace.proc("anycast6"),
        frozenset(anycast_routes(namespace)),
        frozenset(multicast(namespace)),
    )


def anycast_routes(namespace: Namespace) -> list[Route]:
    """The routes to anycast addresses, whatever their table."""
    lines = namespace.proc("ipv6_route").decode("ascii").splitlines()
    routes = [Route(f[0], f[1], f[5], f[8], f[9]) for f in map(str.split, lines)]
    return [route for route in routes if int(route.flags, 16) & RTF_ANYCAST]


def tables(namespace: Namespace, address: str) -> list[str]:
    """The tables that have an anycast route to the address."""
    lines = namespace.ip("route", "show", "table", "all", "type", "anycast", address).splitlines()
    return [re.search(r" table (\S+)", line)[1] for line in lines]


def multicast(namespace: Namespace) -> list[Multicast]:
    lines = namespace.proc("igmp6").decode("ascii").splitlines()
    fields = [line.split() for line in lines]
    return [Multicast(f[1], _address(f[2]), int(f[3])) for f in fields]


def multicast_users(namespace: Namespace, device: str, address: str) -> int:
    """Users of one multicast group on a device; 0 when nobody listens."""
    groups = multicast(namespace)
    return sum(group.users for group in groups if group[:2] == (device, address))


def solicited_node(address: str) -> str:
    """The multicast group of solicitations of an address (RFC 4291, 2.7.1)."""
    low = int(IPv6Address(address)) & 0xFFFFFF
    return str(IPv6Address(int(IPv6Address("ff02::1:ff00:0")) | low))


def _address(digits: str) -> str:
    return str(IPv6Address(int(digits, 16)))
