# SPDX-License-Identifier: GPL-2.0
"""net.ipv6.anycast6.max_groups: how many groups a namespace may have, whoever asks for one more."""

import socket
from collections.abc import Iterator

import pytest

from harness.kernel import caller
from harness.kernel.caller import Caller
from harness.sockopt import anycast
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, LINK_LOCAL_GROUP, PREFIX, SECOND, THIRD
from harness.topology.namespace import Namespace
from harness.views import settings
from harness.wait import settled

pytestmark = [pytest.mark.module_only, pytest.mark.usefixtures("implementation")]

FOURTH = PREFIX + "d"
EXTRA, EXTRA_INDEX, EXTRA_PREFIX = "extra", 21, "2001:db8:5::"
FULL = "ENOBUFS"


def join(host: Host, *addresses: str, ifindex: int = IFINDEX) -> list[str]:
    """What a socket each answers, which stays open."""
    return [
        anycast.result(lambda a=address: anycast.join(host.open(), a, ifindex))
        for address in addresses
    ]


def room(host: Host, ifindex: int = IFINDEX, prefix: str = PREFIX, *, most: int = 8) -> int:
    """How many groups more there can be; they are tried, and given back."""
    sock = host.open()
    results = []
    while len(results) < most and FULL not in results:
        address = f"{prefix}1:{len(results):x}"
        results.append(anycast.result(lambda a=address: anycast.join(sock, a, ifindex)))
    sock.close()
    assert set(results) <= {"OK", FULL}
    return results.count("OK")


@pytest.fixture
def extra(server: Host, client: Host) -> Iterator[Namespace]:
    """A second device of the server's, without a link; a scenario may delete it or give it away."""
    namespace = server.namespace
    namespace.add_dummy(EXTRA, EXTRA_PREFIX + "1", index=EXTRA_INDEX)
    yield namespace
    for host in (server, client):
        if host.has_device(EXTRA):
            host.namespace.delete_device(EXTRA)


def test_ceiling(server: Host) -> None:
    settings.max_groups(server.namespace, 3)
    assert join(server, GROUP, SECOND, LINK_LOCAL_GROUP) == ["OK"] * 3
    assert join(server, THIRD, FOURTH) == [FULL] * 2
    assert len(server.groups()) == 3


def test_further_holders_are_not_counted(server: Host) -> None:
    settings.max_groups(server.namespace, 1)
    assert join(server, *[GROUP] * 5) == ["OK"] * 5
    assert join(server, SECOND) == [FULL]
    assert [group.users for group in server.groups()] == [5]


def test_none(server: Host) -> None:
    settings.max_groups(server.namespace, 0)
    assert join(server, GROUP) == [FULL]
    settings.max_groups(server.namespace, 1)
    assert join(server, GROUP) == ["OK"]


def test_lowered_below_what_there_is(server: Host) -> None:
    """Nothing ends; new groups have to wait until enough others have ended."""
    socks = [server.member(address) for address in (GROUP, SECOND, THIRD)]
    settings.max_groups(server.namespace, 1)
    assert len(server.groups()) == 3
    assert join(server, GROUP, FOURTH) == ["OK", FULL]
    socks[1].close()
    assert join(server, FOURTH) == [FULL]
    socks[2].close()
    assert join(server, FOURTH) == [FULL]
    settings.max_groups(server.namespace, 2)
    assert join(server, FOURTH) == ["OK"]


def test_leave_makes_room(server: Host) -> None:
    settings.max_groups(server.namespace, 2)
    sock = server.member(GROUP, SECOND)
    for _ in range(3):
        assert join(server, THIRD) == [FULL]
        anycast.leave(sock, SECOND, IFINDEX)
        assert room(server) == 1
        anycast.join(sock, SECOND, IFINDEX)


def test_the_last_holder_makes_room(server: Host) -> None:
    settings.max_groups(server.namespace, 1)
    first, last = server.member(GROUP), server.member(GROUP)
    first.close()
    assert room(server) == 0
    last.close()
    assert room(server) == 1


def test_close_makes_room(server: Host) -> None:
    settings.max_groups(server.namespace, 4)
    sock = server.member(GROUP, SECOND, THIRD, FOURTH)
    assert room(server) == 0
    sock.close()
    assert room(server) == 4


def test_death_of_a_program_makes_room(server: Host) -> None:
    """The child ends with its sockets open."""
    settings.max_groups(server.namespace, 2)
    assert server.child(lambda: [s.fileno() >= 0 for s in (server.member(GROUP, SECOND),)]).result()
    assert settled(lambda: room(server), 2) == 2


@pytest.mark.usefixtures("extra")
def test_deleted_device_makes_room(server: Host) -> None:
    """A stale close afterwards gives back nothing that is not there."""
    settings.max_groups(server.namespace, 3)
    sock = server.open()
    anycast.join(sock, EXTRA_PREFIX + "a", EXTRA_INDEX)
    anycast.join(sock, EXTRA_PREFIX + "b", EXTRA_INDEX)
    assert room(server) == 1
    server.namespace.rtnl.link("del", index=EXTRA_INDEX)
    assert room(server) == 3
    assert anycast.result(lambda: anycast.leave(sock, EXTRA_PREFIX + "a", EXTRA_INDEX)) == "ENODEV"
    sock.close()
    assert room(server) == 3


def test_device_that_moves_away_makes_room(server: Host, client: Host, extra: Namespace) -> None:
    """And takes no groups along."""
    settings.max_groups(server.namespace, 2)
    settings.max_groups(client.namespace, 2)
    anycast.join(server.open(), EXTRA_PREFIX + "a", EXTRA_INDEX)
    assert room(server) == 1
    extra.rtnl.link("set", index=EXTRA_INDEX, net_ns_fd=client.namespace.descriptor())
    assert room(server) == 2
    assert room(client, client.ifindex) == 2


def test_dormant_groups_count(server: Host, extra: Namespace) -> None:
    """They come back, so their place is kept."""
    settings.max_groups(server.namespace, 2)
    sock = server.open()
    anycast.join(sock, EXTRA_PREFIX + "a", EXTRA_INDEX)
    extra.rtnl.link("set", index=EXTRA_INDEX, state="down")
    assert server.groups() == []
    assert room(server) == 1
    sock.close()
    assert room(server) == 2


def test_group_returns_to_its_place(server: Host, extra: Namespace) -> None:
    """However full the namespace is meanwhile."""
    settings.max_groups(server.namespace, 2)
    anycast.join(server.open(), EXTRA_PREFIX + "a", EXTRA_INDEX)
    for mtu in (1279, 1500):
        extra.rtnl.link("set", index=EXTRA_INDEX, mtu=mtu)
        if mtu < 1280:
            server.member(GROUP)
            settings.max_groups(server.namespace, 1)
    assert {group.address for group in server.groups()} == {EXTRA_PREFIX + "a", GROUP}
    assert join(server, SECOND) == [FULL]


def test_addrconf_is_never_refused_but_counted(server: Host) -> None:
    settings.max_groups(server.namespace, 0)
    server.forwarding(True)
    assert sorted(group.address for group in server.groups()) == [PREFIX, "fe80::"]
    settings.max_groups(server.namespace, 3)
    assert room(server) == 1
    settings.max_groups(server.namespace, 2)
    assert join(server, GROUP, PREFIX) == [FULL, "OK"]
    server.forwarding(False)
    # The socket's own hold on the subnet-router anycast keeps that.
    assert [group.address for group in server.groups()] == [PREFIX]
    assert room(server) == 1


def test_each_namespace_has_its_own(server: Host, client: Host) -> None:
    settings.max_groups(server.namespace, 1)
    assert join(server, GROUP, SECOND) == ["OK", FULL]
    assert join(client, GROUP, SECOND, ifindex=client.ifindex) == ["OK", "OK"]
    settings.max_groups(client.namespace, 2)
    assert join(client, THIRD, ifindex=client.ifindex) == [FULL]


def test_joins_that_fail_take_no_place(server: Host) -> None:
    """Neither for the ceiling nor for what comes after it was passed."""
    settings.max_groups(server.namespace, 2)
    server.forwarding(True)
    server.namespace.sysctl(f"ipv6/conf/{server.device}/disable_ipv6", "1")
    assert settled(server.groups, []) == []
    assert join(server, *[GROUP] * 10) == ["EACCES"] * 10
    server.namespace.sysctl(f"ipv6/conf/{server.device}/disable_ipv6", "0")
    server.forwarding(False)
    server.restore_addresses()
    server.member(GROUP, SECOND)
    assert join(server, *[THIRD] * 10) == [FULL] * 10
    server.shut()
    assert settled(lambda: room(server), 2) == 2


def test_many_at_once(server: Host) -> None:
    """Programs that race for the last places get exactly those that there are."""
    settings.max_groups(server.namespace, 100)

    def work(number: int, sock: socket.socket) -> list[str]:
        addresses = [f"{PREFIX}{number}:{low:x}" for low in range(50)]
        return [
            anycast.result(lambda a=address: anycast.join(sock, a, IFINDEX))
            for address in addresses
        ]

    socks = [server.open() for _ in range(4)]
    children = [
        server.child(lambda n=number, s=sock: work(n, s)) for number, sock in enumerate(socks, 1)
    ]
    results = [result for child in children for result in child.result()]
    assert (results.count("OK"), results.count(FULL)) == (100, 100)
    assert len(server.groups()) == 100


def test_kernel_caller(server: Host) -> None:
    settings.max_groups(server.namespace, 1)
    with caller.loaded():
        kernel = Caller(server)
        kernel.inc(GROUP)
        assert anycast.result(lambda: kernel.inc(SECOND)) == FULL
        assert join(server, SECOND, GROUP) == [FULL, "OK"]
        kernel.inc(GROUP)
        assert [group.users for group in server.groups()] == [3]
        # What was refused is not held.
        assert anycast.result(lambda: kernel.dec(SECOND)) == "ENOENT"
