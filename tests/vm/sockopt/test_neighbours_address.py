# SPDX-License-Identifier: GPL-2.0
"""By default a user without privilege takes no address from a neighbour, whatever the prefix.

The neighbour has an address that RFC 2526 would name, or that is next to its reserved ones.
"""

import socket
from typing import NamedTuple

import pytest

from harness.process.privilege import as_nobody
from harness.sockopt import anycast
from harness.topology.host import IFINDEX, Host
from harness.views import settings
from harness.wait import settled
from harness.wire.frames import LIMIT
from harness.wire.packets import readable
from harness.wire.tcp import Connection, accept, listener

pytestmark = [pytest.mark.module_only, pytest.mark.usefixtures("implementation")]

PORT = 4712
IFA_F_DADFAILED, IFA_F_TENTATIVE = 0x08, 0x40


class Link(NamedTuple):
    """What the server and its neighbour have as their addresses."""

    length: int
    own: str
    neighbour: str


LINKS = [
    Link(48, "2001:db8:48::1", "2001:db8:48:ffff:ffff:ffff:ffff:ff80"),
    Link(64, "2001:db8:64::1", "2001:db8:64:0:ffff:ffff:ffff:ff80"),
    Link(64, "2001:db8:64::1", "2001:db8:64::80"),
    Link(112, "2001:db8:70::1", "2001:db8:70::ff80"),
    Link(120, "2001:db8:78::1", "2001:db8:78::80"),
    Link(120, "2001:db8:78::1", "2001:db8:78::fe"),
    Link(127, "2001:db8:7f::80", "2001:db8:7f::81"),
    Link(128, "2001:db8:80::1", "2001:db8:80::ff80"),
]


@pytest.fixture(params=LINKS, ids=lambda link: f"{link.neighbour}-{link.length}")
def link(server: Host, client: Host, request: pytest.FixtureRequest) -> Link:
    """The client is the neighbour."""
    link: Link = request.param
    for host, near, far in (
        (server, link.own, link.neighbour),
        (client, link.neighbour, link.own),
    ):
        host.namespace.add_address(host.device, near, link.length)
        if link.length == 128:
            host.namespace.add_route(f"{far}/128", host.device)
    yield link
    for host, address in (server, link.own), (client, link.neighbour):
        host.namespace.delete_address(host.device, address, link.length)


def test_neighbour_keeps_its_address(server: Host, client: Host, link: Link) -> None:
    """Root's datagrams and connections reach the neighbour, whose own check finds nobody."""
    thief = server.open()
    thief.bind(("::", PORT))
    thieves = listener(server)
    answer = as_nobody(server, lambda: anycast.join(thief, link.neighbour, IFINDEX))
    as_nobody(server, lambda: anycast.join(thieves, link.neighbour, IFINDEX))

    service = client.open()
    service.bind((link.neighbour, PORT))
    server.open().sendto(b"for the neighbour", (link.neighbour, PORT))
    assert readable(service, LIMIT)
    assert not readable(thief, 0)
    assert connected(server, client, link.neighbour).served_from == link.neighbour

    assert detects_duplicate(client, link) is False
    assert answer == "EPERM"


def connected(server: Host, client: Host, address: str) -> Connection:
    listening = listener(client, address)
    near = server.open(socket.SOCK_STREAM)
    near.settimeout(LIMIT)
    near.connect((address, listening.getsockname()[1]))
    return accept(server, listening, near)


def detects_duplicate(client: Host, link: Link) -> bool:
    """The neighbour takes its address anew, and asks whether somebody has it."""
    namespace, device = client.namespace, client.device
    namespace.delete_address(device, link.neighbour, link.length)
    for name in "accept_dad", "dad_transmits":
        namespace.sysctl(f"ipv6/conf/{device}/{name}", "1")
    namespace.add_address(device, link.neighbour, link.length, dad=True)

    def state() -> int:
        return flags(client, link.neighbour) & (IFA_F_TENTATIVE | IFA_F_DADFAILED)

    seen = settled(state, 0, IFA_F_DADFAILED, IFA_F_DADFAILED | IFA_F_TENTATIVE)
    return bool(seen & IFA_F_DADFAILED)


def flags(host: Host, address: str) -> int:
    (message,) = host.namespace.rtnl.get_addr(index=host.ifindex, address=address)
    return message.get_attr("IFA_FLAGS")


def test_policy_2_takes_it(server: Host, client: Host) -> None:
    """As SECURITY.md says; with the last close the neighbour has its own again."""
    neighbour = client.address
    settings.admission(server.namespace, settings.ON_LINK)
    thief = server.open()
    thief.bind(("::", PORT))
    assert as_nobody(server, lambda: anycast.join(thief, neighbour, IFINDEX)) == "OK"
    sock = server.open()
    sock.sendto(b"for the neighbour", (neighbour, PORT))
    assert readable(thief, LIMIT)
    thief.close()
    service = client.open()
    service.bind((neighbour, PORT))
    sock.sendto(b"for the neighbour", (neighbour, PORT))
    assert readable(service, LIMIT)
