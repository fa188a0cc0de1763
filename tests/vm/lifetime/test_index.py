# SPDX-License-Identifier: GPL-2.0
"""The index of the groups: whatever happens to them, none is looked for along a list."""

import random
import socket
from collections.abc import Iterator

import pytest

from harness.sockopt import anycast
from harness.sockopt.anycast import Group
from harness.topology.host import Host
from harness.topology.lan import GROUP, PREFIX, Cable
from harness.views.observer import ABSENT, PUBLISHED, Observer
from harness.views.stat import stat
from harness.wait import settled
from harness.wire.ndisc import Peer

pytestmark = [pytest.mark.usefixtures("implementation"), pytest.mark.module_only]

MANY = [f"{PREFIX}{number:x}" for number in range(0x1000, 0x1000 + 200)]
DEVICES = 40


@pytest.fixture
def server(cable: Cable) -> Iterator[Host]:
    """A host that finds each group at once, from the beginning of the scenario to its end."""
    yield cable.server
    cable.server.shut()
    assert stat(cable.server.namespace)["walks"] == 0


def members(server: Host, count: int) -> list[socket.socket]:
    return [server.member(*MANY) for _ in range(count)]


def listed(server: Host) -> list[str]:
    return [group.address for group in server.groups()]


@pytest.mark.smoke("module")
def test_leaves_in_any_order(server: Host, rng: random.Random) -> None:
    sock = server.member(*MANY)
    left = rng.sample(MANY, len(MANY))
    for number, address in enumerate(left):
        anycast.leave(sock, address, server.ifindex)
        if number % 50 == 0:
            gone = set(left[: number + 1])
            assert listed(server) == [address for address in reversed(MANY) if address not in gone]
    assert server.groups() == []


def test_every_socket_counts(server: Host) -> None:
    first, second, _ = members(server, 3)
    first.close()
    assert {group.users for group in server.groups()} == {2}
    for address in MANY[::2]:
        anycast.leave(second, address, server.ifindex)
    users = {group.address: group.users for group in server.groups()}
    assert users == {address: 1 if number % 2 == 0 else 2 for number, address in enumerate(MANY)}


def test_device_goes_down_and_up(server: Host) -> None:
    members(server, 1)
    server.namespace.rtnl.link("set", index=server.ifindex, state="down")
    assert settled(server.groups, []) == []
    server.namespace.rtnl.link("set", index=server.ifindex, state="up")
    server.restore_addresses()
    everything = {Group(server.device, address, 1) for address in MANY}
    assert settled(lambda: set(server.groups()), everything) == everything


def test_new_routes(server: Host, observer: Observer) -> None:
    """A group whose route was deleted is replaced on the list, among its neighbours."""
    sock = server.member(*MANY[:5], GROUP)
    table = "dev", server.device, "table", "local"
    for address in MANY[1], MANY[3], GROUP:
        server.namespace.ip("route", "del", "anycast", address, *table)
    assert settled(lambda: stat(server.namespace)["reconciled"], 3) == 3
    assert observer.state(GROUP) == PUBLISHED
    for address in MANY[2], MANY[3], GROUP, MANY[0]:
        anycast.leave(sock, address, server.ifindex)
    assert listed(server) == [MANY[4], MANY[1]]
    assert observer.state(GROUP) == ABSENT


def test_solicitations(server: Host, peer: Peer) -> None:
    members(server, 1)
    for address in MANY[0], MANY[-1]:
        assert peer.first_answer(peer.ask(address, multicast=True), address).target == address


@pytest.fixture
def dummies(server: Host) -> Iterator[range]:
    """The indices of many devices of a router."""
    namespace, indices = server.namespace, range(100, 100 + DEVICES)
    server.forwarding(True)
    for index in indices:
        namespace.add_dummy(f"d{index}", index=index)
    yield indices
    for index in indices:
        namespace.rtnl.link("del", index=index)


def test_one_group_on_many_devices(server: Host, dummies: range, rng: random.Random) -> None:
    """A program may bind to a group for as long as there is one device that has it."""
    sock = server.open()
    for index in dummies:
        anycast.join(sock, GROUP, index)
    assert listed(server).count(GROUP) == DEVICES
    for index in rng.sample(dummies, DEVICES - 1):
        anycast.leave(sock, GROUP, index)
        assert listed(server).count(GROUP) > 0
    assert anycast.result(lambda: bound(server)) == "OK"
    (last,) = (group for group in server.groups() if group.address == GROUP)
    anycast.leave(sock, GROUP, server.namespace.index_of(last.device))
    assert anycast.result(lambda: bound(server)) == "EADDRNOTAVAIL"


def bound(server: Host) -> None:
    server.open().bind((GROUP, 4247))
