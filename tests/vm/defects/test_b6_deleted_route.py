# SPDX-License-Identifier: GPL-2.0
"""B6: an administrator deletes the route of a group that is held, and built-in C lets it be."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.defect import Defect
from harness.kernel.log import KernelLog
from harness.sockopt import anycast
from harness.sockopt.anycast import Group
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, LINK_LOCAL_GROUP, SECOND, THIRD
from harness.views.netlink import RTM_NEWANYCAST, Monitor
from harness.views.observer import ABSENT, BLACK_HOLE, PUBLISHED, Observer
from harness.views.state import tables

GROUPS = GROUP, SECOND, THIRD, LINK_LOCAL_GROUP
# More than net.core.message_burst.
STORM = 15
REPETITIONS = 3
A_LONG_TIME = 3600
MESSAGE_COST = Path("/proc/sys/net/core/message_cost")
OTHER = "other"


def delete_route(host: Host, address: str, device: str = "") -> None:
    device = device or host.device
    host.namespace.ip("route", "del", "anycast", address, "dev", device, "table", "local")


def delete_each(host: Host) -> None:
    for group in GROUPS:
        delete_route(host, group)


def flush(host: Host) -> None:
    """Many deletions in one request."""
    host.namespace.ip("route", "flush", "table", "local", "type", "anycast")


@contextmanager
def message_cost(seconds: int) -> Iterator[None]:
    """The time in which the networking code may write a burst of lines to the log; 0: no limit."""
    before = MESSAGE_COST.read_text(encoding="ascii")
    MESSAGE_COST.write_text(str(seconds), encoding="ascii")
    try:
        yield
    finally:
        MESSAGE_COST.write_text(before, encoding="ascii")


def lines(log: KernelLog, address: str, device: str = "veth-server") -> int:
    line = f"anycast6: {device}: the route of the held group {address} was deleted; put back"
    return log.lines().count(line)


@pytest.mark.smoke("module")
def test_deleted_route_is_put_back(
    defect: Defect, server: Host, observer: Observer, kernel_log: KernelLog
) -> None:
    """The log says so, once; to the group itself nothing has happened."""
    monitor = Monitor(server)
    first, second = server.member(GROUP), server.open()
    observer.serves(GROUP)
    delete_route(server, GROUP)
    defect.becomes(lambda: observer.state(GROUP), PUBLISHED, BLACK_HOLE)
    anycast.join(second, GROUP, IFINDEX)
    assert server.groups() == [Group(server.device, GROUP, 2)]
    defect.becomes(lambda: observer.state(GROUP), PUBLISHED, BLACK_HOLE)
    assert monitor.events(GROUP) == [RTM_NEWANYCAST]
    defect.check(lines(kernel_log, GROUP), 1, 0)
    if not defect.shown:
        observer.serves(GROUP)
    for sock in first, second:
        sock.close()
    observer.becomes(ABSENT, GROUP)
    assert tables(server.namespace, GROUP) == []


@pytest.mark.parametrize("delete", [delete_each, flush])
def test_all_routes_at_once(
    defect: Defect, server: Host, observer: Observer, delete: Callable[[Host], None]
) -> None:
    sock = server.member(*GROUPS)
    observer.serves(*GROUPS)
    delete(server)
    for group in GROUPS:
        defect.becomes(lambda group=group: observer.state(group), PUBLISHED, BLACK_HOLE)
    if not defect.shown:
        observer.serves(*GROUPS)
    sock.close()
    observer.becomes(ABSENT, *GROUPS)


def delete_again_and_again(defect: Defect, server: Host) -> None:
    for _ in range(STORM):
        if not defect.shown:
            defect.becomes(lambda: tables(server.namespace, GROUP), ["local"], ["local"])
            delete_route(server, GROUP)
            defect.becomes(lambda: tables(server.namespace, GROUP), ["local"], [])


def test_again_and_again(
    defect: Defect, server: Host, observer: Observer, kernel_log: KernelLog
) -> None:
    """The route comes back each time; the log takes as many lines as the system lets it."""
    sock = server.member(GROUP)
    with message_cost(0):
        delete_again_and_again(defect, server)
    defect.check(lines(kernel_log, GROUP), STORM, 0)
    with message_cost(A_LONG_TIME):
        delete_again_and_again(defect, server)
    assert lines(kernel_log, GROUP) - (0 if defect.shown else STORM) < STORM
    defect.becomes(lambda: observer.state(GROUP), PUBLISHED, BLACK_HOLE)
    sock.close()
    observer.becomes(ABSENT, GROUP)


@contextmanager
def on_two_devices(server: Host, group: str) -> Iterator[None]:
    """The second route to the group is of another device."""
    server.forwarding(True)
    other = server.namespace.add_dummy(OTHER)
    sock = server.member(group)
    anycast.join(sock, group, other)
    assert len(tables(server.namespace, group)) == 2
    yield
    sock.close()
    server.namespace.delete_device(OTHER)


@pytest.mark.parametrize("group", [GROUP, LINK_LOCAL_GROUP])
@pytest.mark.parametrize("order", ["first", "second", "both"])
def test_same_group_on_two_devices(
    defect: Defect, server: Host, observer: Observer, group: str, order: str
) -> None:
    """Each device has a route of its own to it; listeners to routes are told of the first only."""
    devices = {"first": [server.device], "second": [OTHER], "both": [OTHER, server.device]}
    with on_two_devices(server, group):
        for _ in range(REPETITIONS):
            if not defect.shown:
                for device in devices[order]:
                    delete_route(server, group, device)
                left = 2 - len(devices[order])
                defect.becomes(lambda left=left: len(tables(server.namespace, group)), 2, left)
        if not defect.shown:
            observer.serves(group)
    observer.becomes(ABSENT, group)


@pytest.mark.usefixtures("implementation")
def test_equal_route_of_the_administrator_serves(server: Host, observer: Observer) -> None:
    """It is found in place of the deleted one; with the group it goes."""
    sock = server.member(GROUP)
    route = "anycast", GROUP, "dev", server.device, "table", "local"
    server.namespace.ip("route", "replace", *route, "metric", "0", "proto", "kernel")
    observer.serves(GROUP)
    sock.close()
    assert server.groups() == []


@pytest.mark.usefixtures("implementation")
def test_deleted_after_the_last_leave(
    server: Host, observer: Observer, kernel_log: KernelLog
) -> None:
    """A group that nobody holds does not come back."""
    server.member(GROUP).close()
    route = "anycast", GROUP, "dev", server.device, "table", "local"
    server.namespace.ip("route", "add", *route)
    server.namespace.ip("route", "del", *route)
    assert lines(kernel_log, GROUP) == 0
    observer.becomes(ABSENT, GROUP)
