# SPDX-License-Identifier: GPL-2.0
"""A device with groups becomes a port of another one, which gets all that comes in; and returns."""

from collections.abc import Iterator

import pytest

from harness.sockopt import anycast
from harness.sockopt.anycast import Group
from harness.topology import loss
from harness.topology.host import Host
from harness.topology.lan import GROUP, PREFIX, SECOND, Cable
from harness.views.netlink import RTM_DELANYCAST, RTM_NEWANYCAST, Monitor
from harness.views.observer import ABSENT, PUBLISHED, Observer
from harness.views.state import tables
from harness.wait import eventually
from harness.wire.ndisc import Peer, parse

pytestmark = [pytest.mark.module_only, pytest.mark.usefixtures("implementation")]

MASTER, MASTER_INDEX = "upper", 31
# As `ip link` wants it; without a daemon a team forwards what comes in, and sends nothing.
MASTERS = {
    "bond": "bond mode active-backup miimon 10",
    "team": "team",
    "bridge": "bridge mcast_snooping 0",
}
MASTER_ADDRESS = f"{PREFIX}77"
MOVED = [RTM_NEWANYCAST, RTM_DELANYCAST]
# A team takes the device up before it is its port, and down after that.
TIMES = {"team": 3}


# The debug kernel has no teams.
KINDS = [
    pytest.param(kind, marks=pytest.mark.ordinary_kernel if kind == "team" else ())
    for kind in MASTERS
]


@pytest.fixture(params=KINDS)
def master(request: pytest.FixtureRequest, server: Host) -> Iterator[str]:
    yield from made(server, request.param)


@pytest.fixture
def bridge(server: Host) -> Iterator[str]:
    yield from made(server, "bridge")


def made(server: Host, kind: str) -> Iterator[str]:
    add(server, kind)
    yield kind
    server.namespace.rtnl.link("del", index=MASTER_INDEX)


def add(server: Host, kind: str) -> None:
    words = f"link add {MASTER} index {MASTER_INDEX} type {MASTERS[kind]}".split()
    server.namespace.run("ip", *words)
    server.namespace.rtnl.link("set", index=MASTER_INDEX, state="up")


def enslave(cable: Cable, kind: str) -> None:
    """A bond and a team take no device that is up, and take it up themselves."""
    if kind != "bridge":
        loss.down(cable)
    loss.set_link(cable.server, master=MASTER_INDEX)
    loss.set_link(cable.server, state="up")
    eventually("the cable works", cable.works)


def release(cable: Cable) -> None:
    loss.set_link(cable.server, master=0)
    loss.set_link(cable.server, state="up")
    loss.usable(cable)


def dead(server: Host, address: str) -> bool:
    return server.groups() == [] and tables(server.namespace, address) == []


def test_group_is_dormant_meanwhile(cable: Cable, observer: Observer, master: str) -> None:
    """It is neither listed nor routed, its loss and its return are told, and it is as before."""
    server = cable.server
    monitor = Monitor(server)
    sock = server.member(GROUP)
    observer.serves(GROUP)
    enslave(cable, master)
    assert dead(server, GROUP)
    assert server.solicited_node_users(GROUP) == 0
    release(cable)
    observer.serves(GROUP)
    assert monitor.events(GROUP) == [*MOVED * TIMES.get(master, 1), RTM_NEWANYCAST]
    sock.close()
    observer.becomes(ABSENT, GROUP)


def test_joined_and_left_meanwhile(cable: Cable, observer: Observer, master: str) -> None:
    """What is joined on a port begins with its end; what is left does not return."""
    server = cable.server
    server.forwarding(True)
    left = server.member(GROUP)
    enslave(cable, master)
    left.close()
    joined = server.member(SECOND)
    assert dead(server, SECOND)
    release(cable)
    observer.becomes(ABSENT, GROUP)
    observer.serves(SECOND)
    joined.close()
    observer.becomes(ABSENT, SECOND)


def test_flap_of_a_port(cable: Cable, observer: Observer, master: str) -> None:
    """The link of a port comes and goes without its groups."""
    server = cable.server
    server.member(GROUP)
    enslave(cable, master)
    for state in "down", "up":
        loss.set_link(server, state=state)
    eventually("the cable works", cable.works)
    assert dead(server, GROUP)
    release(cable)
    observer.serves(GROUP)


def test_master_deleted(cable: Cable, observer: Observer, bridge: str) -> None:
    """A bridge lets go of its ports when it goes."""
    server = cable.server
    server.member(GROUP)
    enslave(cable, bridge)
    assert dead(server, GROUP)
    server.namespace.rtnl.link("del", index=MASTER_INDEX)
    observer.becomes(PUBLISHED, GROUP)
    add(server, bridge)


@pytest.mark.parametrize("master", ["bond", "bridge"], indirect=True)
def test_the_upper_device_takes_over(cable: Cable, peer: Peer, master: str) -> None:
    """A group of the bond or the bridge is answered by way of the port.

    One of the port is not, and neither is an address of the port's own.
    """
    server = cable.server
    server.member(GROUP)
    enslave(cable, master)
    server.namespace.rtnl.link("set", index=MASTER_INDEX, address=server.mac)
    server.namespace.add_address(MASTER, MASTER_ADDRESS)
    server.namespace.sysctl(f"ipv6/neigh/{MASTER}/proxy_delay", "0")
    sock = server.open()
    anycast.join(sock, SECOND, MASTER_INDEX)
    assert server.groups() == [Group(MASTER, SECOND, 1)]
    for target in GROUP, server.link_local, SECOND, MASTER_ADDRESS:
        peer.send(peer.ask(target, multicast=True))
    seen = peer.wire.collect(parse, lambda answer: answer.target == MASTER_ADDRESS)
    assert {answer.target for answer in seen} == {SECOND, MASTER_ADDRESS}
    sock.close()
    release(cable)
