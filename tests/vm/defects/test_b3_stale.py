# SPDX-License-Identifier: GPL-2.0
"""B3: a membership is one of a device, not of whatever has its index later."""

from collections.abc import Callable
from socket import socket

import pytest

from harness.defect import Defect
from harness.sockopt import anycast
from harness.sockopt.anycast import Group
from harness.topology import loss
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, Cable
from harness.views.observer import ABSENT, PUBLISHED, Observer


def recreate(cable: Cable) -> None:
    cable.unplug()
    cable.plug()


def replace(cable: Cable) -> None:
    """The device goes elsewhere, and another one gets its index."""
    loss.move_away(cable)
    cable.plug()


CHANGED = pytest.mark.parametrize("change", [recreate, replace])


@CHANGED
def test_stale_close(
    defect: Defect, cable: Cable, observer: Observer, change: Callable[[Cable], None]
) -> None:
    """It leaves the group of another process alone."""
    stale = cable.server.member(GROUP)
    change(cable)
    fresh = cable.server.member(GROUP)
    observer.serves(GROUP)
    stale.close()
    defect.becomes(lambda: observer.state(GROUP), PUBLISHED, ABSENT)
    if not defect.shown:
        observer.serves(GROUP)
    fresh.close()
    observer.becomes(ABSENT, GROUP)


@CHANGED
def test_stale_leave(
    defect: Defect, cable: Cable, observer: Observer, change: Callable[[Cable], None]
) -> None:
    """It says what has become of the membership, once."""
    server = cable.server
    stale = server.member(GROUP)
    change(cable)
    server.member(GROUP)
    observer.serves(GROUP)
    defect.check(leave(stale, server), "ENODEV", "OK")
    defect.becomes(lambda: observer.state(GROUP), PUBLISHED, ABSENT)
    assert leave(stale, server) == "ENOENT"


@CHANGED
def test_stale_membership_beside_a_fresh_one(
    defect: Defect, cable: Cable, observer: Observer, change: Callable[[Cable], None]
) -> None:
    """One socket may hold on to both; its close ends the one that there is, and no other."""
    server = cable.server
    sock = server.member(GROUP)
    change(cable)
    anycast.join(sock, GROUP, server.ifindex)
    other = server.member(GROUP)
    assert server.groups() == [Group(server.device, GROUP, 2)]
    sock.close()
    defect.becomes(lambda: observer.state(GROUP), PUBLISHED, ABSENT)
    other.close()
    observer.becomes(ABSENT, GROUP)


def leave(sock: socket, server: Host) -> str:
    return anycast.result(lambda: anycast.leave(sock, GROUP, server.ifindex))


def test_stale_leave_without_a_device(defect: Defect, cable: Cable) -> None:
    """There may be nothing of that index at all."""
    server = cable.server
    stale, ifindex = server.member(GROUP), server.ifindex
    cable.unplug()
    answers = [
        anycast.result(lambda: anycast.leave(stale, GROUP, ifindex)) for _ in ("first", "second")
    ]
    defect.check(answers, ["ENODEV", "ENOENT"], ["OK", "ENOENT"])


@pytest.mark.usefixtures("implementation")
def test_rename_keeps_groups(cable: Cable, observer: Observer) -> None:
    server, name = cable.server, cable.server.device
    sock = server.member(GROUP)
    for server.device in "renamed", name:
        server.namespace.rtnl.link("set", index=IFINDEX, ifname=server.device)
        observer.serves(GROUP)
    anycast.leave(sock, GROUP, server.ifindex)
    observer.becomes(ABSENT, GROUP)
