# SPDX-License-Identifier: GPL-2.0
"""A group of the server seen from all sides: tables, neighbour discovery, packets."""

from contextlib import suppress
from ipaddress import IPv6Address
from typing import NamedTuple

from scapy.layers.inet import UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from harness.topology.host import Host
from harness.topology.lan import Cable
from harness.views.state import anycast_routes
from harness.wait import settled
from harness.wire.fence import Fence
from harness.wire.ndisc import parse, solicitation
from harness.wire.packets import Echo, Service

CLIENT_PORT = 5353


class State(NamedTuple):
    """What the invariant is about, and `listening`: somebody is in the solicited-node group."""

    listed: bool
    routed: bool
    listening: bool
    answered: bool
    delivered: bool


PUBLISHED = State(*[True] * 5)
# Dormant, or not held at all.
ABSENT = State(*[False] * 5)
# Told to be there, on a device that hears nothing.
LISTED = ABSENT._replace(listed=True, listening=True)
# The peer is told to send here, and nobody gets what it sends.
BLACK_HOLE = PUBLISHED._replace(routed=False, delivered=False)


class Observer:
    """The client's view of the server's groups beside the server's own tables.

    Packets are frames that the client makes up: either half of the promise, to be answered for and
    to be delivered, is seen without the other. The service listens in VRFs, too.
    """

    def __init__(self, cable: Cable) -> None:
        self.cable = cable
        self.server, self.client = cable.hosts
        self._service = Service(self.server)
        self._frames: dict[str, list[bytes]] = {}
        self.server.namespace.sysctl("ipv4/udp_l3mdev_accept", "1")

    def state(self, address: str) -> State:
        server = self.server
        answered, delivered = self._ask(address) if self.cable.works() else (False, False)
        return State(
            listed=(server.device, address) in [group[:2] for group in server.groups()],
            routed=routed(server, address),
            listening=server.solicited_node_users(address) > 0,
            answered=answered,
            delivered=delivered,
        )

    def becomes(self, expected: State, *addresses: str) -> None:
        """Wait until the groups are in that state."""
        for address in addresses:
            assert settled(lambda a=address: self.state(a), expected) == expected, address

    def serves(self, *addresses: str) -> None:
        """The groups are published, and pings with all that belongs to them are answered."""
        self.becomes(PUBLISHED, *addresses)
        echo = Echo(self.client)
        for address in addresses:
            assert echo.answerer(address, self.client.ifindex)

    def _ask(self, address: str) -> tuple[bool, bool]:
        """Is the group answered for, and are its packets delivered?"""
        with suppress(FileNotFoundError):  # a device without IPv6 has no such setting
            self.server.proxy_delay(0)
        self._service.received()
        with Fence(self.client, self.server) as fence:
            for frame in self._questions(address):
                fence.send(frame)
            frames = fence.answers() or []
        advertised = [advertisement.target for frame in frames if (advertisement := parse(frame))]
        return address in advertised, address in self._service.received()

    def _questions(self, address: str) -> list[bytes]:
        """A solicitation and a datagram; making them takes long, so each is made once."""
        if address not in self._frames:
            header = Ether(src=self.client.mac, dst=self.server.mac)
            packet = IPv6(src=self.client.address, dst=address)
            datagram = header / packet / UDP(sport=CLIENT_PORT, dport=Service.PORT) / Raw(b"x")
            question = solicitation(self.client, self.server, address, multicast=True)
            self._frames[address] = [bytes(question), bytes(datagram)]
        return self._frames[address]


def routed(host: Host, address: str) -> bool:
    """Is there an anycast route by the host's device, in whatever table?"""
    digits = IPv6Address(address).packed.hex()
    routes = [(route.destination, route.device) for route in anycast_routes(host.namespace)]
    return (digits, host.device) in routes
