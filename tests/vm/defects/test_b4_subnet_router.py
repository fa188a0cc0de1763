# SPDX-License-Identifier: GPL-2.0
"""B4: addrconf gives back a subnet-router group that the deleted address never held."""

import pytest

from harness.defect import Defect
from harness.sockopt import anycast
from harness.sockopt.anycast import Group
from harness.topology.host import Host
from harness.topology.lan import PREFIX, Cable
from harness.views.observer import ABSENT, PUBLISHED, Observer
from harness.wait import eventually

TENTATIVE = [f"{PREFIX}7e", f"{PREFIX}7f"]
FURTHER = f"{PREFIX}77"
# Of a prefix in which the router has no other address.
ELSEWHERE, ELSEWHERE_PREFIX = "2001:db8:7::7e", "2001:db8:7::"
# The router still listens for its other subnet-router group, fe80::, which is alike.
GONE = ABSENT._replace(listening=True)


@pytest.fixture(autouse=True)
def router(server: Host) -> None:
    server.forwarding(True)
    for name in "accept_dad", "dad_transmits":
        server.namespace.sysctl(f"ipv6/conf/{server.device}/{name}", "100")


def add_tentative(server: Host, *addresses: str) -> None:
    for address in addresses:
        server.namespace.add_address(server.device, address, dad=True)
        eventually(f"{address} is checked", lambda a=address: server.solicited_node_users(a))


def delete(server: Host, *addresses: str) -> None:
    for address in addresses:
        server.namespace.delete_address(server.device, address)


def users(server: Host, group: str = PREFIX) -> int:
    return sum(entry.users for entry in server.groups() if entry.address == group)


@pytest.mark.parametrize("count", [1, 2])
def test_other_address_keeps_it(
    defect: Defect, server: Host, observer: Observer, count: int
) -> None:
    add_tentative(server, *TENTATIVE[:count])
    assert users(server) == 1
    observer.serves(PREFIX)
    delete(server, *TENTATIVE[:count])
    defect.becomes(lambda: observer.state(PREFIX), PUBLISHED, GONE)
    defect.check(users(server), 1, 0)
    if not defect.shown:
        observer.serves(PREFIX)


def test_several_addresses_keep_it(defect: Defect, server: Host, observer: Observer) -> None:
    """Each that is not tentative counts, and gives back what it took."""
    server.namespace.add_address(server.device, FURTHER)
    eventually("counted", lambda: users(server) == 2)
    add_tentative(server, *TENTATIVE)
    delete(server, TENTATIVE[0])
    defect.check(users(server), 2, 1)
    delete(server, TENTATIVE[1])
    defect.check(users(server), 2, 0)
    delete(server, FURTHER)
    defect.becomes(lambda: observer.state(PREFIX), PUBLISHED, GONE)
    defect.check(users(server), 1, 0)


@pytest.mark.smoke("module")
def test_socket_keeps_it(defect: Defect, server: Host, observer: Observer) -> None:
    sock = server.member(PREFIX)
    add_tentative(server, *TENTATIVE)
    assert users(server) == 2
    delete(server, *TENTATIVE)
    defect.becomes(lambda: observer.state(PREFIX), PUBLISHED, GONE)
    defect.check(users(server), 2, 0)
    sock.close()
    defect.check(users(server), 1, 0)


def test_socket_alone_keeps_it(defect: Defect, cable: Cable, observer: Observer) -> None:
    """In a prefix in which the only address never got beyond tentative."""
    server, client = cable.hosts
    client.namespace.add_route(f"{ELSEWHERE_PREFIX}/64", client.device)
    add_tentative(server, ELSEWHERE)
    assert users(server, ELSEWHERE_PREFIX) == 0
    sock = server.member(ELSEWHERE_PREFIX)
    observer.serves(ELSEWHERE_PREFIX)
    delete(server, ELSEWHERE)
    defect.becomes(lambda: observer.state(ELSEWHERE_PREFIX), PUBLISHED, GONE)
    if not defect.shown:
        observer.serves(ELSEWHERE_PREFIX)
    result = anycast.result(lambda: anycast.leave(sock, ELSEWHERE_PREFIX, server.ifindex))
    assert result == "OK"
    observer.becomes(GONE, ELSEWHERE_PREFIX)


@pytest.mark.usefixtures("implementation")
def test_forwarding_ends_and_begins(server: Host, observer: Observer) -> None:
    """A change of role counts the addresses anew, and not the tentative ones."""
    server.namespace.add_address(server.device, FURTHER)
    eventually("counted", lambda: users(server) == 2)
    add_tentative(server, *TENTATIVE)
    server.forwarding(False)
    observer.becomes(ABSENT, PREFIX)
    server.forwarding(True)
    assert users(server) == 2
    observer.serves(PREFIX)
    server.forwarding(False)
    delete(server, *TENTATIVE, FURTHER)
    observer.becomes(ABSENT, PREFIX)


@pytest.mark.usefixtures("implementation")
def test_address_that_passes_the_check_counts(server: Host) -> None:
    """It takes the group when it becomes usable, and gives it back when it goes."""
    server.namespace.sysctl(f"ipv6/conf/{server.device}/dad_transmits", "0")
    server.namespace.add_address(server.device, FURTHER, dad=True)
    eventually("counted", lambda: users(server) == 2)
    delete(server, FURTHER)
    assert server.groups().count(Group(server.device, PREFIX, 1)) == 1
