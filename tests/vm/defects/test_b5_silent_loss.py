# SPDX-License-Identifier: GPL-2.0
"""B5: groups that go with their device, or with IPv6 on it, must not go in silence."""

from collections.abc import Callable

import pytest

from harness.defect import Defect
from harness.sockopt.anycast import Group
from harness.topology import loss
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, SECOND, Cable
from harness.views.netlink import RTM_DELANYCAST, RTM_NEWANYCAST, Monitor, Record
from harness.views.observer import ABSENT, PUBLISHED, Observer
from harness.wait import eventually


def delete_far_end(cable: Cable) -> None:
    cable.client.namespace.rtnl.link("del", index=cable.client.ifindex)
    eventually("the server's end is gone", lambda: not cable.server.has_device())


def lost(*groups: str) -> list[Record]:
    return [Record(RTM_DELANYCAST, IFINDEX, group) for group in groups]


@pytest.mark.parametrize("take", [Cable.unplug, delete_far_end, loss.move_away, loss.shrink])
def test_loss_is_told(
    defect: Defect, cable: Cable, observer: Observer, take: Callable[[Cable], None]
) -> None:
    """Once for each group, and in the namespace that loses it."""
    server = cable.server
    monitor = Monitor(server)
    sock = server.member(GROUP, SECOND)
    observer.serves(GROUP, SECOND)
    monitor.records(2)
    take(cable)
    assert server.groups() == []
    defect.check(sorted(monitor.all()), lost(GROUP, SECOND), [])
    sock.close()
    defect.check(sorted(monitor.all()), lost(GROUP, SECOND), [])
    if take is loss.shrink:
        loss.grow(cable)


@pytest.mark.usefixtures("implementation")
def test_loss_of_addrconf_is_told(server: Host) -> None:
    """A router's own groups go with its addresses, and C tells of these."""
    server.forwarding(True)
    listed = {group.address for group in server.groups()}
    monitor = Monitor(server)
    server.namespace.rtnl.link("del", index=IFINDEX)
    told = [record for record in monitor.all() if record.ifindex == IFINDEX]
    assert sorted(told) == sorted(lost(*listed))


@pytest.mark.smoke("module")
def test_groups_return_with_ipv6(defect: Defect, cable: Cable, observer: Observer) -> None:
    server = cable.server
    sock = server.member(GROUP, SECOND, SECOND)
    monitor = Monitor(server)
    loss.shrink(cable)
    loss.grow(cable)
    for group in GROUP, SECOND:
        defect.becomes(lambda group=group: observer.state(group), PUBLISHED, ABSENT)
    listed = [Group(server.device, GROUP, 1), Group(server.device, SECOND, 2)]
    defect.check(sorted(server.groups()), listed, [])
    told = [RTM_DELANYCAST, RTM_NEWANYCAST]
    for group in GROUP, SECOND:
        defect.check(monitor.events(group), told, [])
    if not defect.shown:
        observer.serves(GROUP, SECOND)
    sock.close()
    observer.becomes(ABSENT, GROUP, SECOND)
