# SPDX-License-Identifier: GPL-2.0
"""net.ipv6.anycast6.export_table: published groups are in a table for routing daemons."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from harness.kernel.implementation import BUILTIN_C, MODULE, switch_to
from harness.process.privilege import as_nobody
from harness.sockopt import anycast
from harness.sockopt.anycast import Group
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, LINK_LOCAL_GROUP, PREFIX, SECOND, Cable
from harness.topology.second import Second
from harness.views import settings
from harness.views.export import (
    OTHER_TABLE,
    TABLE,
    Exported,
    Story,
    addresses,
    exported,
    metric,
)
from harness.views.observer import ABSENT, Observer
from harness.views.stat import moved, stat
from harness.wait import eventually, settled

MANY = 1000
BEGINS = ["+route", "+group", f"+export {TABLE}"]
EXPORTED = Exported(GROUP, metric(IFINDEX))


@pytest.fixture
def exporting(server: Host) -> Host:
    settings.export_table(server.namespace, TABLE)
    return server


def becomes(host: Host, *expected: str, table: int = TABLE) -> None:
    """The table has these groups, at once or as soon as a kernel thread gets to them."""
    last = settled(lambda: addresses(host.namespace, table), list(expected))
    assert last == list(expected)


def held_by_child(host: Host) -> Callable[[], None]:
    """A process holds the group. Returns what kills it."""
    child = host.child(lambda: (host.member(GROUP), signal.pause()))
    eventually("held", lambda: Group(host.device, GROUP, 1) in host.groups())
    return child.kill


def held_by_socket(host: Host) -> Callable[[], None]:
    return host.member(GROUP).close


def held_and_left(host: Host) -> Callable[[], None]:
    sock = host.member(GROUP)
    return lambda: anycast.leave(sock, GROUP, IFINDEX)


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
class TestOrder:
    """First the group, then its export; the export ends while the host still serves the group."""

    @pytest.mark.smoke("module-held_by_socket")
    @pytest.mark.parametrize("hold", [held_by_socket, held_and_left, held_by_child])
    def test_held_and_left(
        self, exporting: Host, observer: Observer, hold: Callable[[Host], Callable[[], None]]
    ) -> None:
        story = Story(exporting)
        end = hold(exporting)
        observer.serves(GROUP)
        assert exported(exporting.namespace) == [EXPORTED]
        assert story.of(GROUP) == BEGINS
        end()
        assert exported(exporting.namespace) == []
        assert story.of(GROUP) == [f"-export {TABLE}", "-route", "-group"]
        observer.becomes(ABSENT, GROUP)

    def test_not_the_last_holder(self, exporting: Host) -> None:
        first, second = exporting.member(GROUP), exporting.member(GROUP)
        story = Story(exporting)
        first.close()
        assert (story.of(GROUP), exported(exporting.namespace)) == ([], [EXPORTED])
        second.close()
        assert exported(exporting.namespace) == []

    def test_device_goes_down(self, exporting: Host, observer: Observer) -> None:
        exporting.member(GROUP)
        story = Story(exporting)
        rtnl = exporting.namespace.rtnl
        rtnl.link("set", index=IFINDEX, state="down")
        assert exported(exporting.namespace) == []
        assert story.of(GROUP)[:2] == [f"-export {TABLE}", "-route"]
        exporting.configure()
        observer.serves(GROUP)
        assert exported(exporting.namespace) == [EXPORTED]
        assert story.of(GROUP) == BEGINS

    @pytest.mark.parametrize("whose", ["veth-server", "all"])
    def test_ipv6_is_disabled(self, exporting: Host, observer: Observer, whose: str) -> None:
        exporting.member(GROUP)
        story = Story(exporting)
        exporting.namespace.sysctl(f"ipv6/conf/{whose}/disable_ipv6", "1")
        assert exported(exporting.namespace) == []
        assert story.of(GROUP)[:2] == [f"-export {TABLE}", "-route"]
        exporting.namespace.sysctl(f"ipv6/conf/{whose}/disable_ipv6", "0")
        exporting.configure()
        observer.serves(GROUP)
        becomes(exporting, GROUP)

    def test_group_yields_to_an_address(self, exporting: Host) -> None:
        settings.admission(exporting.namespace, settings.ON_LINK)
        sock = exporting.open()
        assert as_nobody(exporting, lambda: anycast.join(sock, GROUP, IFINDEX)) == "OK"
        story = Story(exporting)
        exporting.namespace.add_address(exporting.device, GROUP)
        assert exported(exporting.namespace) == []
        assert story.of(GROUP)[:2] == [f"-export {TABLE}", "-route"]
        exporting.namespace.delete_address(exporting.device, GROUP)
        becomes(exporting, GROUP)

    def test_subnet_router_is_switched_off(self, exporting: Host, observer: Observer) -> None:
        """What addrconf holds is exported like all other groups."""
        exporting.forwarding(True)
        becomes(exporting, PREFIX)
        story = Story(exporting)
        settings.subnet_router(exporting.namespace, wanted=False)
        observer.becomes(ABSENT, PREFIX)
        assert exported(exporting.namespace) == []
        assert story.of(PREFIX)[:2] == [f"-export {TABLE}", "-route"]
        settings.subnet_router(exporting.namespace, wanted=True)
        becomes(exporting, PREFIX)


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
class TestTable:
    def test_nothing_by_default(self, server: Host) -> None:
        story = Story(server)
        server.member(GROUP).close()
        assert story.of(GROUP) == ["+route", "+group", "-route", "-group"]

    def test_groups_that_are_held_already(self, server: Host) -> None:
        server.member(GROUP, SECOND)
        settings.export_table(server.namespace, TABLE)
        becomes(server, GROUP, SECOND)

    def test_change_of_the_table(self, exporting: Host, observer: Observer) -> None:
        exporting.member(GROUP)
        story = Story(exporting)
        settings.export_table(exporting.namespace, OTHER_TABLE)
        becomes(exporting, GROUP, table=OTHER_TABLE)
        becomes(exporting)
        assert story.of(GROUP) == [f"-export {TABLE}", f"+export {OTHER_TABLE}"]
        settings.export_table(exporting.namespace, 0)
        becomes(exporting, table=OTHER_TABLE)
        assert story.of(GROUP) == [f"-export {OTHER_TABLE}"]
        observer.serves(GROUP)

    def test_link_local_groups_stay_at_home(self, exporting: Host) -> None:
        exporting.member(LINK_LOCAL_GROUP, GROUP)
        assert addresses(exporting.namespace) == [GROUP]

    def test_mtu_without_ipv6(self, exporting: Host) -> None:
        exporting.member(GROUP)
        rtnl = exporting.namespace.rtnl
        rtnl.link("set", index=IFINDEX, mtu=1279)
        assert exported(exporting.namespace) == []
        rtnl.link("set", index=IFINDEX, mtu=1500)
        exporting.configure()
        becomes(exporting, GROUP)

    def test_one_group_on_two_devices(self, exporting: Host, other: Second) -> None:
        """Each device has its own route, which does not outlive it."""
        sock = exporting.member(GROUP)
        anycast.join(sock, GROUP, other.ifindex)
        second = Exported(GROUP, metric(other.ifindex))
        assert exported(exporting.namespace) == sorted([EXPORTED, second])
        anycast.leave(sock, GROUP, IFINDEX)
        assert exported(exporting.namespace) == [second]
        anycast.join(sock, GROUP, IFINDEX)
        exporting.namespace.delete_device(other.name)
        assert exported(exporting.namespace) == [EXPORTED]

    def test_table_of_a_rule_hides_no_group(self, exporting: Host, observer: Observer) -> None:
        """The kernel looks into table local first."""
        exporting.namespace.ip("rule", "add", "table", str(TABLE), "pref", "1")
        exporting.member(GROUP)
        observer.serves(GROUP)

    def test_loopback_without_ipv6(self, exporting: Host) -> None:
        """As where the administrator wants IPv6 on chosen devices only."""
        exporting.namespace.sysctl("ipv6/conf/lo/disable_ipv6", "1")
        exporting.member(GROUP)
        assert exported(exporting.namespace) == [EXPORTED]

    def test_of_one_namespace(self, exporting: Host, client: Host) -> None:
        exporting.member(GROUP)
        client.member(GROUP)
        assert exported(client.namespace) == []

    def test_many(self, exporting: Host, many: Callable[[int], int]) -> None:
        exporting.namespace.sysctl("core/optmem_max", str(2**20))
        groups = [f"{PREFIX}a:{number:x}" for number in range(1, many(MANY) + 1)]
        sock = exporting.member(*groups)
        assert len(exported(exporting.namespace)) == len(groups)
        settings.export_table(exporting.namespace, OTHER_TABLE)
        eventually("moved", lambda: exported(exporting.namespace) == [])
        eventually("all", lambda: len(exported(exporting.namespace, OTHER_TABLE)) == len(groups))
        sock.close()
        assert exported(exporting.namespace, OTHER_TABLE) == []


@contextmanager
def own_route(host: Host, *words: str) -> Iterator[None]:
    """The administrator's own blackhole; it is there at the end, too."""
    route = "blackhole", GROUP, "table", str(TABLE), *words
    host.namespace.ip("route", "add", *route)
    yield
    host.namespace.ip("route", "del", *route)


def blackhole(host: Host, verb: str, *words: str) -> None:
    host.namespace.ip("route", verb, "blackhole", GROUP, "table", str(TABLE), *words)


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
class TestAdministrator:
    def test_other_route_is_left_alone(self, exporting: Host) -> None:
        with own_route(exporting, "metric", "7", "proto", "static"):
            sock = exporting.member(GROUP)
            assert exported(exporting.namespace) == [Exported(GROUP, 7, 4), EXPORTED]
            sock.close()
            assert exported(exporting.namespace) == [Exported(GROUP, 7, 4)]

    @pytest.mark.parametrize("protocol", ["200", "static"])
    def test_equal_route_is_left_alone(
        self, exporting: Host, observer: Observer, protocol: str
    ) -> None:
        """Whatever its protocol. It is in the way, and when it has gone the group is exported."""
        words = "metric", str(EXPORTED.metric), "proto", protocol
        before = stat(exporting.namespace)
        with own_route(exporting, *words):
            sock = exporting.member(GROUP)
            observer.serves(GROUP)
            counted = moved(before, stat(exporting.namespace))
            assert "export_failed" in counted
            assert "exported" not in counted
            sock.close()
            assert addresses(exporting.namespace) == [GROUP]
            exporting.member(GROUP)
        becomes(exporting, GROUP)
        assert exported(exporting.namespace) == [EXPORTED]

    def test_replaced_route_is_left_alone(self, exporting: Host) -> None:
        """It was put in the place of the export."""
        sock = exporting.member(GROUP)
        words = "metric", str(EXPORTED.metric), "proto", "200"
        blackhole(exporting, "replace", *words)
        assert exported(exporting.namespace) == [EXPORTED]
        sock.close()
        assert exported(exporting.namespace) == [EXPORTED]
        blackhole(exporting, "del", *words)

    def test_deleted_route_comes_back(self, exporting: Host, other: Second) -> None:
        sock = exporting.member(GROUP, SECOND)
        anycast.join(sock, GROUP, other.ifindex)
        wanted = exported(exporting.namespace)
        for words in (
            ("del", "blackhole", GROUP, "table", str(TABLE), "metric", str(EXPORTED.metric)),
            ("del", "blackhole", GROUP, "table", str(TABLE), "metric", str(metric(other.ifindex))),
            ("flush", "table", str(TABLE)),
        ):
            story = Story(exporting)
            exporting.namespace.ip("route", *words)
            assert settled(lambda: exported(exporting.namespace), wanted) == wanted
            assert f"-export {TABLE}" in story.of(GROUP)

    def test_loopback_goes_down(self, exporting: Host) -> None:
        """The kernel deletes all blackholes."""
        exporting.member(GROUP)
        lo = exporting.namespace.index_of("lo")
        for state in "down", "up":
            exporting.namespace.rtnl.link("set", index=lo, state=state)
            becomes(exporting, GROUP)

    def test_withdrawal_asks_for_no_pass(self, exporting: Host) -> None:
        """What the module itself deletes is not restored, nor looked for."""
        exporting.member(SECOND)
        for _ in range(20):
            exporting.member(GROUP).close()
            assert addresses(exporting.namespace) == [SECOND]


def test_handed_back_and_taken_over(cable: Cable, observer: Observer) -> None:
    """C keeps the group, which is exported no more; the module begins anew, switched off."""
    switch_to(MODULE)
    server = cable.server
    settings.export_table(server.namespace, TABLE)
    server.member(GROUP)
    assert exported(server.namespace) == [EXPORTED]
    story = Story(server)
    switch_to(BUILTIN_C)
    assert exported(server.namespace) == []
    assert story.of(GROUP) == [f"-export {TABLE}"]
    observer.serves(GROUP)
    switch_to(MODULE)
    assert settings.read("export_table", server.namespace) == "0"
    settings.export_table(server.namespace, TABLE)
    becomes(server, GROUP)
    observer.serves(GROUP)
