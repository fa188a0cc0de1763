# SPDX-License-Identifier: GPL-2.0
"""What counts in /proc/net/anycast6_stat: one row an operation, with all counters it moves."""

from collections.abc import Callable
from dataclasses import dataclass, field

from harness.kernel.caller import Caller
from harness.sockopt import anycast
from harness.sockopt.steps import (
    Step,
    Subject,
    join,
    join_other_socket,
    leave,
    sysctl,
    unprivileged,
)
from harness.topology.host import IFINDEX
from harness.topology.lan import GROUP, OFF_PREFIX, PREFIX, SECOND
from harness.views import settings
from harness.views.control import Control
from harness.views.export import TABLE, exported, metric
from harness.views.stat import stat
from harness.wait import settled

DEVICE = "veth-server"
ABSENT = 4711


def failing(step: Step, errno: str) -> Step:
    """The step is refused in this way."""

    def run(subject: Subject) -> None:
        assert anycast.result(lambda: step(subject)) == errno

    return run


def close() -> Step:
    return lambda s: s.sock.close()


def link(**attributes: object) -> Step:
    return lambda s: s.host.namespace.rtnl.link("set", index=IFINDEX, **attributes)


def listed(count: int) -> Step:
    """Wait until so many groups are listed: some changes are followed by a kernel thread."""

    def run(subject: Subject) -> None:
        assert settled(lambda: len(subject.host.groups()), count) == count

    return run


def addresses_again() -> Step:
    return lambda s: s.host.configure()


def forwarding(enabled: bool) -> Step:
    return lambda s: s.host.forwarding(enabled)


def route_deleted() -> Step:
    """And put back."""

    def run(subject: Subject) -> None:
        namespace = subject.host.namespace
        deleted = stat(namespace)["reconciled"] + 1
        namespace.ip("route", "del", "anycast", GROUP, "dev", DEVICE, "table", "local")
        assert settled(lambda: stat(namespace)["reconciled"], deleted) == deleted

    return run


def kernel(action: Callable[[Caller], object]) -> Step:
    return lambda s: action(Caller(s.host))


def second_device() -> Step:
    """A device with a group of the socket's, and with none of addrconf's."""

    def run(subject: Subject) -> None:
        subject.host.namespace.add_dummy("extra", "2001:db8:5::1", index=21)
        anycast.join(subject.sock, "2001:db8:5::a", 21)

    return run


def second_device_deleted() -> Step:
    return lambda s: s.host.namespace.rtnl.link("del", index=21)


def optmem(value: int) -> Step:
    return sysctl("core/optmem_max", str(value))


def max_groups(value: int) -> Step:
    return lambda s: settings.max_groups(s.host.namespace, value)


def export_table() -> Step:
    return lambda s: settings.export_table(s.host.namespace, TABLE)


def order(operation: str, *time: int) -> Step:
    """By the administrator."""
    return lambda subject: getattr(Control(subject.host), operation)(IFINDEX, GROUP, *time)


def exports(count: int) -> Step:
    """Wait until so many groups are exported."""

    def run(subject: Subject) -> None:
        assert settled(lambda: len(exported(subject.host.namespace)), count) == count

    return run


def route_in_the_way() -> Step:
    """Equal to the one by which the group would be exported."""
    words = "blackhole", GROUP, "table", str(TABLE), "metric", str(metric(IFINDEX))
    return lambda s: s.host.namespace.ip("route", "add", *words) and None


def short_option() -> Step:
    return lambda s: s.sock.setsockopt(41, anycast.IPV6_JOIN_ANYCAST, bytes(19))


@dataclass(frozen=True)
class Row:
    """`moves`: what the steps count; nothing else moves."""

    name: str
    steps: list[Step]
    moves: dict[str, int] = field(default_factory=dict)
    first: list[Step] = field(default_factory=list)  # done before, not counted
    caller: bool = False  # the module anycast6_caller is loaded


JOINED = [join()]

ROWS = [
    # Sockets
    Row("join", [join()], {"joins": 1, "published": 1}),
    Row("join-twice", [join(), join()], {"joins": 2, "published": 1}),
    Row("join-two-groups", [join(), join(SECOND)], {"joins": 2, "published": 2}),
    Row("join-of-another", [join_other_socket()], {"joins": 1}, JOINED),
    Row("leave", [leave()], {"leaves": 1, "withdrawn": 1}, JOINED),
    Row("leave-one-of-two", [leave()], {"leaves": 1}, [join(), join()]),
    Row("leave-any", [leave(ifindex=0)], {"leaves": 1, "withdrawn": 1}, JOINED),
    Row("close", [close()], {"leaves": 3, "withdrawn": 2}, [join(), join(), join(SECOND)]),
    # Refused; what is wrong with the option itself never comes to the module
    Row("permission", [failing(unprivileged(join()), "EPERM")], {"refused_permission": 1}),
    Row("address", [failing(join("ff02::1"), "EINVAL")], {"refused_address": 1}),
    Row("own-address", [failing(join(PREFIX + "1"), "EINVAL")], {"refused_address": 1}),
    Row("device", [failing(join(ifindex=ABSENT), "ENODEV")], {"refused_device": 1}),
    Row("unavailable", [failing(join(OFF_PREFIX), "EADDRNOTAVAIL")], {"refused_unavailable": 1}),
    Row(
        "disabled",
        [failing(join(), "EACCES")],
        {"refused_disabled": 1},
        [forwarding(True), sysctl(f"ipv6/conf/{DEVICE}/disable_ipv6", "1"), listed(0)],
    ),
    Row("limit", [failing(join(), "ENOBUFS")], {"refused_limit": 1}, [max_groups(0)]),
    Row("memory", [failing(join(), "ENOMEM")], {"refused_memory": 1}, [optmem(1)]),
    Row("short-option", [failing(short_option(), "EINVAL")]),
    Row("leave-of-none", [failing(leave(), "ENOENT")]),
    # Devices come and go
    Row("down", [link(state="down"), listed(0)], {"dormant": 1}, JOINED),
    Row(
        "up-again",
        [link(state="up"), addresses_again(), listed(1)],
        {"published": 1},
        [join(), link(state="down"), listed(0)],
    ),
    Row("leave-while-down", [leave()], {"leaves": 1}, [join(), link(state="down"), listed(0)]),
    Row(
        "disable-and-enable",
        [
            sysctl(f"ipv6/conf/{DEVICE}/disable_ipv6", "1"),
            listed(0),
            sysctl(f"ipv6/conf/{DEVICE}/disable_ipv6", "0"),
            addresses_again(),
            listed(2),
        ],
        {"dormant": 2, "published": 2},
        [join(), join(SECOND)],
    ),
    Row(
        "without-ipv6-and-with-it",
        [link(mtu=1279), listed(0), link(mtu=1500), listed(1)],
        {"dormant": 1, "published": 1},
        JOINED,
    ),
    Row(
        "numbered",
        [lambda s: s.host.add_temporary_address(GROUP)],
        {"dormant": 1, "yielded": 1},
        [lambda s: settings.admission(s.host.namespace, settings.ON_LINK), unprivileged(join())],
    ),
    Row("device-deleted", [second_device_deleted()], {"dormant": 1, "lost": 1}, [second_device()]),
    Row("stale-close", [close()], {}, [second_device(), second_device_deleted()]),
    Row("route-deleted", [route_deleted()], {"reconciled": 1}, JOINED),
    # Exports
    Row("exported", [join()], {"joins": 1, "published": 1, "exported": 1}, [export_table()]),
    Row("exported-later", [export_table(), exports(1)], {"exported": 1}, JOINED),
    Row(
        "export-failed",
        [join()],
        {"joins": 1, "published": 1, "export_failed": 1},
        [export_table(), route_in_the_way()],
    ),
    # What is asked for by netlink
    Row("suspended", [order("suspend")], {"dormant": 1, "suspended": 1}, JOINED),
    Row("resumed", [order("resume")], {"published": 1}, [*JOINED, order("suspend")]),
    Row("drained", [order("drain", 60_000)], {"drained": 1}, JOINED),
    Row("drain-resumed", [order("resume")], {}, [*JOINED, order("drain", 60_000)]),
    Row(
        "lease-over",
        [order("lease", 1), listed(0)],
        {"dormant": 1, "suspended": 1},
        JOINED,
    ),
    # addrconf and kernel callers; refusals count for sockets alone
    Row("router", [forwarding(True), listed(2)], {"joins": 2, "published": 2}),
    Row(
        "no-router",
        [forwarding(False), listed(0)],
        {"leaves": 2, "withdrawn": 2},
        [forwarding(True), listed(2)],
    ),
    Row("caller-inc", [kernel(lambda c: c.inc(GROUP))], {"joins": 1, "published": 1}, caller=True),
    Row(
        "caller-dec",
        [kernel(lambda c: c.dec(GROUP))],
        {"leaves": 1, "withdrawn": 1},
        [kernel(lambda c: c.inc(GROUP))],
        caller=True,
    ),
    Row(
        "caller-refused",
        [failing(kernel(lambda c: c.inc(GROUP)), "ENOBUFS")],
        {},
        [max_groups(0)],
        caller=True,
    ),
]
