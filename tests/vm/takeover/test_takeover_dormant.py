# SPDX-License-Identifier: GPL-2.0
"""Groups that are dormant or damaged when the implementation changes."""

from socket import socket

import pytest

from harness.defect import MENDED
from harness.kernel.implementation import BUILTIN_C, MODULE, switch_to
from harness.kernel.log import KernelLog
from harness.sockopt import anycast
from harness.sockopt.anycast import Group
from harness.topology import loss
from harness.topology.host import IFINDEX
from harness.topology.lan import GROUP, SECOND, Cable
from harness.views.netlink import RTM_DELANYCAST, RTM_NEWANYCAST, Monitor
from harness.views.observer import ABSENT, BLACK_HOLE, LISTED, PUBLISHED, Observer

GROUPS = GROUP, SECOND


def test_damaged_group_is_mended_at_takeover(
    cable: Cable, observer: Observer, kernel_log: KernelLog
) -> None:
    """What C left without a route after a flap is delivered again, though nothing flaps."""
    switch_to(BUILTIN_C)
    server = cable.server
    sock = server.member(*GROUPS)
    loss.down(cable)
    loss.up(cable)
    if observer.state(GROUP) == PUBLISHED:
        pytest.skip(MENDED)
    observer.becomes(BLACK_HOLE, *GROUPS)
    switch_to(MODULE)
    observer.serves(*GROUPS)
    assert "anycast6: took over 2 groups with 2 holders" in kernel_log.lines()
    sock.close()
    observer.becomes(ABSENT, *GROUPS)


def test_taken_over_while_the_device_is_down(cable: Cable, observer: Observer) -> None:
    """What C still lists becomes dormant, and returns with the device."""
    switch_to(BUILTIN_C)
    server = cable.server
    server.member(*GROUPS)
    loss.down(cable)
    switch_to(MODULE)
    observer.becomes(ABSENT, *GROUPS)
    loss.up(cable)
    observer.serves(*GROUPS)


# As C has a group that is joined while its device is away.
HANDED_BACK = LISTED._replace(routed=True)


@pytest.mark.parametrize("name", ["down", "disable_ipv6"])
def test_handed_back_while_dormant(cable: Cable, observer: Observer, name: str) -> None:
    """Then C has them as if they had been joined while the device is away, so they return."""
    switch_to(MODULE)
    server = cable.server
    sock = server.member(GROUP, SECOND, SECOND)
    loss.LOSSES[name].lose(cable)
    observer.becomes(ABSENT, *GROUPS)
    switch_to(BUILTIN_C)
    assert [observer.state(group) for group in GROUPS] == [HANDED_BACK, HANDED_BACK]
    held = [Group(server.device, GROUP, 1), Group(server.device, SECOND, 2)]
    assert sorted(server.groups()) == held
    anycast.leave(sock, GROUP, server.ifindex)
    anycast.leave(sock, SECOND, server.ifindex)
    assert server.groups() == [Group(server.device, SECOND, 1)]
    loss.LOSSES[name].restore(cable)
    observer.serves(SECOND)
    sock.close()
    observer.becomes(ABSENT, *GROUPS)
    server.assert_nothing_left()


@pytest.mark.smoke
def test_dormant_there_and_back(cable: Cable, observer: Observer) -> None:
    """C in between lists the groups; the module makes them dormant again, then they return."""
    switch_to(MODULE)
    server = cable.server
    monitor = Monitor(server)
    sock = server.member(*GROUPS)
    loss.down(cable)
    switch_to(BUILTIN_C)
    assert [observer.state(group) for group in GROUPS] == [HANDED_BACK, HANDED_BACK]
    switch_to(MODULE)
    observer.becomes(ABSENT, *GROUPS)
    loss.up(cable)
    observer.serves(*GROUPS)
    assert monitor.events(GROUP)[:2] == [RTM_NEWANYCAST, RTM_DELANYCAST]
    assert monitor.events(GROUP)[-1] == RTM_NEWANYCAST
    sock.close()
    observer.becomes(ABSENT, *GROUPS)


def test_lost_without_ipv6(cable: Cable, observer: Observer, kernel_log: KernelLog) -> None:
    """C keeps no groups on such a device; the log names each of them."""
    switch_to(MODULE)
    server = cable.server
    sock = server.member(*GROUPS)
    loss.shrink(cable)
    switch_to(BUILTIN_C)
    for group in GROUPS:
        words = f"the group {group} is lost: C keeps none on a device without IPv6"
        assert kernel_log.lines().count(f"anycast6: {server.device}: {words}") == 1
    loss.grow(cable)
    observer.becomes(ABSENT, *GROUPS)
    assert leave(sock) == "OK"
    sock.close()
    server.assert_nothing_left()


def test_stale_membership_of_before(cable: Cable, observer: Observer) -> None:
    """Made under C, its device recreated under the module: it touches nobody."""
    switch_to(BUILTIN_C)
    server = cable.server
    first, second = server.member(GROUP), server.member(GROUP)
    switch_to(MODULE)
    cable.unplug()
    cable.plug()
    fresh = server.member(GROUP)
    first.close()
    observer.serves(GROUP)
    assert leave(second) == "ENODEV"
    assert leave(second) == "ENOENT"
    observer.serves(GROUP)
    fresh.close()
    observer.becomes(ABSENT, GROUP)


def test_stale_membership_of_the_module(cable: Cable) -> None:
    """Handed back, it is no more than what C itself would have: one of an index."""
    switch_to(MODULE)
    server = cable.server
    stale = server.member(GROUP)
    cable.unplug()
    switch_to(BUILTIN_C)
    assert leave(stale) == "OK"
    cable.plug()


def test_dormant_across_takeover_then_given_back(cable: Cable, observer: Observer) -> None:
    """A membership made under C, its group dormant under the module, ended by close."""
    switch_to(BUILTIN_C)
    server = cable.server
    first, second = server.member(GROUP), server.member(GROUP)
    switch_to(MODULE)
    loss.down(cable)
    first.close()
    loss.up(cable)
    observer.serves(GROUP)
    assert server.groups() == [Group(server.device, GROUP, 1)]
    loss.down(cable)
    second.close()
    loss.up(cable)
    observer.becomes(ABSENT, GROUP)


def leave(sock: socket) -> str:
    return anycast.result(lambda: anycast.leave(sock, GROUP, IFINDEX))
