# SPDX-License-Identifier: GPL-2.0
"""The dump by RTM_GETANYCAST and the notifications to RTNLGRP_IPV6_ACADDR."""

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.sockopt import anycast
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, LINK_LOCAL_GROUP, OFF_PREFIX, PREFIX, SECOND
from harness.views.netlink import (
    NETLINK_BROADCAST_ERROR,
    RTM_DELANYCAST,
    RTM_GETANYCAST,
    RTM_NEWANYCAST,
    SOL_NETLINK,
    Monitor,
    Record,
    dump,
)
from harness.wait import eventually

pytestmark = pytest.mark.usefixtures("implementation")

# More than the 32 kB that one read of a dump can hold.
MANY = 600
# More than fit into the smallest buffer, and fewer than into the default one.
WITHOUT_ROOM = 40


def test_dump_is_empty_without_groups(server: Host) -> None:
    assert dump(server.namespace) == []


@pytest.mark.smoke("module")
def test_dump(server: Host) -> None:
    """Two users are one group; the youngest group comes first."""
    server.forwarding(True)
    sock = server.member(GROUP, GROUP, LINK_LOCAL_GROUP)
    anycast.join(sock, OFF_PREFIX, 1)
    joined = {GROUP, LINK_LOCAL_GROUP, OFF_PREFIX}
    records = [record for record in dump(server.namespace) if record.address in joined]
    assert records == [
        Record(RTM_GETANYCAST, 1, OFF_PREFIX),
        Record(RTM_GETANYCAST, IFINDEX, LINK_LOCAL_GROUP),
        Record(RTM_GETANYCAST, IFINDEX, GROUP),
    ]


def test_dump_of_many_messages(server: Host) -> None:
    server.member(*(f"2001:db8:1::1:{number:x}" for number in range(MANY)))
    assert [record.address for record in dump(server.namespace)] == [
        f"2001:db8:1::1:{number:x}" for number in reversed(range(MANY))
    ]


def test_first_join_and_last_leave_are_notified(server: Host) -> None:
    monitor = Monitor(server)
    first, second = server.member(GROUP), server.member(GROUP)
    assert monitor.records(1) == [Record(RTM_NEWANYCAST, IFINDEX, GROUP)]
    first.close()
    assert not monitor.pending()
    anycast.leave(second, GROUP, IFINDEX)
    assert monitor.records(1) == [Record(RTM_DELANYCAST, IFINDEX, GROUP)]


def test_close_notifies_each_group(server: Host) -> None:
    sock = server.member(GROUP, SECOND)
    monitor = Monitor(server)
    sock.close()
    assert monitor.records(2) == [
        Record(RTM_DELANYCAST, IFINDEX, SECOND),
        Record(RTM_DELANYCAST, IFINDEX, GROUP),
    ]


def test_refused_join_is_not_notified(server: Host) -> None:
    monitor = Monitor(server)
    sock = server.open()
    assert anycast.result(lambda: anycast.join(sock, OFF_PREFIX, IFINDEX)) == "EADDRNOTAVAIL"
    assert not monitor.pending()


def test_only_the_own_namespace_hears(server: Host, client: Host) -> None:
    monitor = Monitor(client)
    server.member(GROUP).close()
    assert not monitor.pending()


@pytest.mark.parametrize("broadcast_error", [0, 1])
def test_listener_without_room(server: Host, broadcast_error: int) -> None:
    """It misses events, and is told so; others miss none, and no program is any the worse for it.

    NETLINK_BROADCAST_ERROR: a listener that wants those who tell to know that it has missed some.
    """
    groups = [f"{PREFIX}1:{number:x}" for number in range(WITHOUT_ROOM)]
    monitor, slow = Monitor(server), Monitor(server)
    slow.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    slow.sock.setsockopt(SOL_NETLINK, NETLINK_BROADCAST_ERROR, broadcast_error)
    sock = server.member(*groups)
    assert [record.address for record in monitor.records(len(groups))] == groups
    assert anycast.result(lambda: slow.sock.recv(1)) == "ENOBUFS"
    seen = [record.address for record in slow.all()]
    assert seen == groups[: len(seen)] != groups
    assert [record.address for record in dump(server.namespace)] == groups[::-1]
    anycast.leave(sock, groups[0], IFINDEX)
    assert slow.records(1) == monitor.records(1) == [Record(RTM_DELANYCAST, IFINDEX, groups[0])]


@pytest.fixture
def ip_monitor(server: Host, tmp_path: Path) -> Iterator[Path]:
    """The file that `ip monitor acaddress` writes to."""
    output = tmp_path / "monitor"
    argv = ["ip", "-oneline", "monitor", "acaddress"]
    with server.namespace.inside(), output.open("w", encoding="ascii") as stream:
        process = subprocess.Popen(argv, stdout=stream)
    yield output
    process.kill()
    process.wait()


def test_ip_monitor(server: Host, ip_monitor: Path) -> None:
    """What an administrator sees; the program does not tell when it begins to listen."""

    def printed() -> list[str]:
        lines = ip_monitor.read_text(encoding="ascii").splitlines()
        return [" ".join(line.split()) for line in lines]

    def heard_of_a_group() -> list[str]:
        server.member(GROUP).close()
        return printed()

    eventually("ip monitor prints", heard_of_a_group)
    server.member(SECOND).close()
    told = "11: veth-server inet6 any 2001:db8:1::b scope global"
    forever = "valid_lft forever preferred_lft forever"
    expected = [f"{told} \\ {forever}", f"Deleted {told} \\ {forever}"]
    eventually("the group is told of last", lambda: printed()[-2:] == expected)
