# SPDX-License-Identifier: GPL-2.0
"""B1: a VRF takes a device in or lets it go, and its groups must follow to the other table."""

from collections.abc import Callable, Iterator

import pytest

from harness.defect import Defect
from harness.sockopt import anycast
from harness.topology import loss
from harness.topology.host import Host
from harness.topology.lan import GROUP, Cable
from harness.views.netlink import RTM_DELANYCAST, RTM_NEWANYCAST, Monitor
from harness.views.observer import ABSENT, BLACK_HOLE, PUBLISHED, Observer
from harness.views.state import tables

MOVED = [RTM_DELANYCAST, RTM_NEWANYCAST]


@pytest.fixture(autouse=True)
def vrf(server: Host) -> Iterator[None]:
    for name, table in loss.VRFS.items():
        loss.add_vrf(server, name, table)
    yield
    for name in loss.VRFS:
        if server.has_device(name):
            loss.delete_vrf(server, name)


@pytest.mark.usefixtures("implementation")
def test_own_address_is_one_of_the_same_vrf(cable: Cable) -> None:
    """As the device named, or as none where none is; the other address is on no prefix there."""
    server = cable.server
    sock = server.open()

    def results(*devices: int) -> list[str]:
        join = anycast.join
        return [anycast.result(lambda d=d: join(sock, server.address, d)) for d in devices]

    loopback = 1
    assert results(server.ifindex, loopback, 0) == ["EINVAL", "EINVAL", "EINVAL"]
    loss.enslave(cable)
    assert results(server.ifindex, loopback, 0) == ["EINVAL", "EADDRNOTAVAIL", "EADDRNOTAVAIL"]
    loss.release(cable)


def delete(cable: Cable) -> None:
    """The VRF goes and lets go of its devices."""
    loss.delete_vrf(cable.server, loss.VRF)
    loss.usable(cable)


def down_before_release(cable: Cable) -> None:
    loss.down(cable)
    loss.set_link(cable.server, master=0)
    loss.up(cable)


@pytest.mark.parametrize("let_go", [loss.release, delete, down_before_release])
def test_group_follows(
    defect: Defect, cable: Cable, observer: Observer, let_go: Callable[[Cable], None]
) -> None:
    server = cable.server
    monitor = Monitor(server)
    sock = server.member(GROUP)
    loss.enslave(cable)
    defect.becomes(lambda: observer.state(GROUP), PUBLISHED, BLACK_HOLE)
    defect.check(tables(server.namespace, GROUP), ["10"], [])
    if not defect.shown:
        observer.serves(GROUP)
    let_go(cable)
    defect.becomes(lambda: observer.state(GROUP), PUBLISHED, BLACK_HOLE)
    defect.check(tables(server.namespace, GROUP), ["local"], [])
    joined = [RTM_NEWANYCAST]
    defect.check(monitor.events(GROUP), [*joined, *MOVED, *MOVED], joined)
    if not defect.shown:
        observer.serves(GROUP)
    sock.close()
    observer.becomes(ABSENT, GROUP)


def test_group_moves_from_one_vrf_to_another(
    defect: Defect, cable: Cable, observer: Observer
) -> None:
    """Built-in C would keep the old VRF's device from being deleted, so the group ends before."""
    server = cable.server
    loss.enslave(cable)
    sock = server.member(GROUP)
    observer.serves(GROUP)
    assert tables(server.namespace, GROUP) == ["10"]
    loss.enslave(cable, loss.OTHER_VRF)
    defect.becomes(lambda: observer.state(GROUP), PUBLISHED, BLACK_HOLE)
    defect.check(tables(server.namespace, GROUP), ["20"], [])
    if not defect.shown:
        observer.serves(GROUP)
    sock.close()
    loss.release(cable)


def test_left_while_enslaved(defect: Defect, cable: Cable, observer: Observer) -> None:
    """What was joined outside is given back inside, and the other way round."""
    server = cable.server
    outside = server.member(GROUP)
    loss.enslave(cable)
    outside.close()
    observer.becomes(ABSENT, GROUP)
    inside = server.member(GROUP)
    observer.serves(GROUP)
    loss.release(cable)
    defect.becomes(lambda: observer.state(GROUP), PUBLISHED, BLACK_HOLE)
    anycast.leave(inside, GROUP, server.ifindex)
    observer.becomes(ABSENT, GROUP)
