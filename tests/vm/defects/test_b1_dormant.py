# SPDX-License-Identifier: GPL-2.0
"""B1: what programs and addrconf do with a group while its device is away."""

from collections.abc import Callable
from socket import socket

import pytest

from harness.defect import Defect
from harness.kernel.implementation import MODULE
from harness.sockopt import anycast
from harness.sockopt.anycast import Group
from harness.topology import loss
from harness.topology.host import Host
from harness.topology.lan import GROUP, LINK_LOCAL_GROUP, PREFIX, SECOND, Cable
from harness.topology.loss import LOSSES
from harness.views.netlink import RTM_DELANYCAST, RTM_NEWANYCAST, Monitor
from harness.views.observer import ABSENT, BLACK_HOLE, LISTED, PUBLISHED, Observer

FLAPS = 10


def leave(host: Host, sock: socket) -> None:
    anycast.leave(sock, GROUP, host.ifindex)
    assert anycast.result(lambda: anycast.leave(sock, GROUP, host.ifindex)) == "ENOENT"


def close(_: Host, sock: socket) -> None:
    sock.close()


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("give_back", [leave, close])
def test_given_back(
    implementation: str,
    cable: Cable,
    observer: Observer,
    name: str,
    give_back: Callable[[Host, socket], None],
) -> None:
    """Then it does not return with the device, and nothing more is told of it."""
    server = cable.server
    monitor = Monitor(server)
    sock = server.member(GROUP)
    LOSSES[name].lose(cable)
    give_back(server, sock)
    LOSSES[name].restore(cable)
    observer.becomes(ABSENT, GROUP)
    if implementation == MODULE:
        assert monitor.events(GROUP) == [RTM_NEWANYCAST, RTM_DELANYCAST]


@pytest.mark.parametrize("name", ["down", "disable_ipv6"])
def test_second_holder(defect: Defect, cable: Cable, observer: Observer, name: str) -> None:
    """Counting goes on while the group is dormant, so it outlives its first holder."""
    server = cable.server
    server.forwarding(True)
    first = server.member(GROUP, GROUP)
    LOSSES[name].lose(cable)
    second = server.member(GROUP)
    anycast.leave(first, GROUP, server.ifindex)
    LOSSES[name].restore(cable)
    defect.becomes(lambda: observer.state(GROUP), PUBLISHED, BLACK_HOLE)
    assert Group(server.device, GROUP, 2) in server.groups()
    first.close()
    assert Group(server.device, GROUP, 1) in server.groups()
    defect.becomes(lambda: observer.state(GROUP), PUBLISHED, BLACK_HOLE)
    second.close()
    observer.becomes(ABSENT, GROUP)


def test_joined(defect: Defect, cable: Cable, observer: Observer) -> None:
    """A router may join on a device that is down; the group begins when the device does."""
    server = cable.server
    server.forwarding(True)
    loss.down(cable)
    monitor = Monitor(server)
    server.member(GROUP)
    defect.becomes(lambda: observer.state(GROUP), ABSENT, LISTED._replace(routed=True))
    defect.check(monitor.events(GROUP), [], [RTM_NEWANYCAST])
    loss.up(cable)
    observer.serves(GROUP)
    assert monitor.events(GROUP) == [RTM_NEWANYCAST]


@pytest.mark.usefixtures("implementation")
def test_joined_and_given_back(cable: Cable, observer: Observer) -> None:
    cable.server.forwarding(True)
    loss.down(cable)
    cable.server.member(GROUP).close()
    loss.up(cable)
    observer.becomes(ABSENT, GROUP)


@pytest.mark.usefixtures("implementation")
@pytest.mark.parametrize(("name", "answer"), [("disable_ipv6", "EACCES"), ("mtu", "ENODEV")])
def test_new_group_is_refused(cable: Cable, observer: Observer, name: str, answer: str) -> None:
    """A device without IPv6 takes none, and the refused one does not come later."""
    server = cable.server
    server.forwarding(True)
    LOSSES[name].lose(cable)
    assert anycast.result(lambda: server.member(GROUP)) == answer
    LOSSES[name].restore(cable)
    observer.becomes(ABSENT, GROUP)


@pytest.mark.parametrize("name", LOSSES)
def test_several_groups(defect: Defect, cable: Cable, observer: Observer, name: str) -> None:
    """All come back, and in the order they were listed in."""
    server = cable.server
    groups = GROUP, LINK_LOCAL_GROUP, SECOND
    server.member(*groups)
    listing = server.groups()
    LOSSES[name].lose(cable)
    LOSSES[name].restore(cable)
    in_c = ABSENT if name == "mtu" else BLACK_HOLE
    for group in groups:
        defect.becomes(lambda group=group: observer.state(group), PUBLISHED, in_c)
    defect.check(sorted(server.groups()), sorted(listing), [])


def test_shared_with_addrconf(defect: Defect, cable: Cable, observer: Observer) -> None:
    """The router's addresses go, and with them addrconf's share in the subnet-router group."""
    server = cable.server
    monitor = Monitor(server)
    server.forwarding(True)
    sock = server.member(PREFIX)
    assert Group(server.device, PREFIX, 2) in server.groups()
    loss.down(cable)
    defect.becomes(lambda: observer.state(PREFIX), ABSENT, LISTED)
    loss.up(cable)
    defect.becomes(lambda: observer.state(PREFIX), PUBLISHED, BLACK_HOLE)
    assert Group(server.device, PREFIX, 2) in server.groups()
    events = [RTM_NEWANYCAST, RTM_DELANYCAST, RTM_NEWANYCAST]
    defect.check(monitor.events(PREFIX), events, [RTM_NEWANYCAST])
    sock.close()
    assert Group(server.device, PREFIX, 1) in server.groups()


def test_two_causes(defect: Defect, cable: Cable, observer: Observer) -> None:
    """The group waits until the last of them is gone."""
    server = cable.server
    monitor = Monitor(server)
    server.member(GROUP)
    loss.down(cable)
    loss.disable(cable)
    loss.set_link(server, state="up")
    defect.becomes(lambda: observer.state(GROUP), ABSENT, LISTED)
    loss.enable(cable)
    defect.becomes(lambda: observer.state(GROUP), PUBLISHED, BLACK_HOLE)
    events = [RTM_NEWANYCAST, RTM_DELANYCAST, RTM_NEWANYCAST]
    defect.check(monitor.events(GROUP), events, [RTM_NEWANYCAST])


def test_flaps(defect: Defect, cable: Cable, observer: Observer) -> None:
    """A change of the link has settled the groups when the request returns."""
    server = cable.server
    server.member(GROUP)
    held = [Group(server.device, GROUP, 1)]
    for _ in range(FLAPS):
        loss.set_link(server, state="down")
        defect.check(server.groups(), [], held)
        loss.set_link(server, state="up")
        assert server.groups() == held
    loss.usable(cable)
    defect.becomes(lambda: observer.state(GROUP), PUBLISHED, BLACK_HOLE)


@pytest.mark.parametrize("router", [False, True], ids=["host", "router"])
def test_addresses_are_kept(
    defect: Defect, cable: Cable, observer: Observer, *, router: bool
) -> None:
    """With keep_addr_on_down the global address returns by itself."""
    server = cable.server
    server.forwarding(router)
    server.namespace.sysctl(f"ipv6/conf/{server.device}/keep_addr_on_down", "1")
    server.member(GROUP)
    loss.down(cable)
    loss.set_link(server, state="up")
    server.namespace.add_address(server.device, server.link_local)
    defect.becomes(lambda: observer.state(GROUP), PUBLISHED, BLACK_HOLE)
    if not defect.shown:
        observer.serves(GROUP)
    if router:
        observer.serves(PREFIX)
