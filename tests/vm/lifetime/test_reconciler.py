# SPDX-License-Identifier: GPL-2.0
"""What is torn down is put back soon, whatever others are at, and however many routes there are."""

import multiprocessing
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from pyroute2 import IPRoute
from pyroute2.netlink.exceptions import NetlinkError

from harness.kernel.implementation import BUILTIN_C, MODULE, switch_to
from harness.process.child import Child
from harness.process.privilege import nobody_as_owner
from harness.sockopt import anycast
from harness.topology.host import Host
from harness.topology.lan import GROUP
from harness.views.observer import Observer, routed
from harness.wait import eventually

TRIALS = 20
# Seconds; the module's own retry, and what a machine that does other work may add.
REPAIR, SLOW = 1.0, 5.0
ATTACKERS_EACH = 2
ROUTES = 20_000
ADDRESS = "2001:db8:66::1"


def repair(server: Host) -> float:
    """Seconds until the deleted route of GROUP is there again."""
    server.namespace.ip("route", "del", "anycast", GROUP, "dev", server.device, "table", "local")
    began = time.monotonic()
    eventually("the route is back", lambda: routed(server, GROUP), step=0.001)
    return time.monotonic() - began


def worst_repair(server: Host) -> float:
    return max(repair(server) for _ in range(TRIALS))


def attack(ready: int) -> None:
    """As nobody, in a namespace of one's own: a group that waits, and joins again and again."""
    nobody_as_owner()
    Path("/proc/sys/net/ipv6/conf/all/forwarding").write_text("1", encoding="ascii")
    lo = socket.if_nametoindex("lo")
    with IPRoute() as rtnl:
        rtnl.link("set", index=lo, state="up")
    keeper, sock = (socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) for _ in range(2))
    anycast.join(keeper, ADDRESS, lo)
    Path("/proc/sys/net/ipv6/conf/lo/disable_ipv6").write_text("1", encoding="ascii")
    os.write(ready, b".")
    while True:
        with suppress(OSError):
            anycast.join(sock, ADDRESS, lo)
            anycast.leave(sock, ADDRESS, lo)


@pytest.fixture
def attacked() -> Iterator[Callable[[], None]]:
    """Called, attackers in user namespaces of their own begin, some on every processor."""
    attackers: list[Child] = []

    def begin() -> None:
        read, write = os.pipe()
        for _ in range(ATTACKERS_EACH * (os.cpu_count() or 1)):
            attackers.append(Child(lambda: attack(write)))
        os.close(write)
        for _ in attackers:
            assert os.read(read, 1)
        os.close(read)

    yield begin
    for attacker in attackers:
        attacker.kill()


@pytest.mark.module_only
def test_repair_beside_attackers(
    server: Host, attacked: Callable[[], None], implementation: str
) -> None:
    """Two on each processor; compared with what the machine takes alone, as it may be busy."""
    server.member(GROUP)
    alone = worst_repair(server)
    attacked()
    beside = worst_repair(server)
    print(f"worst of {TRIALS}: alone {alone:.3f} s, beside attackers {beside:.3f} s")
    assert beside < max(REPAIR, SLOW * alone)


@pytest.fixture
def routes(server: Host, many: Callable[[int], int], tmp_path: Path) -> Iterator[Any]:
    """The server is a router with many routes, and others that change; how often they have."""
    count = many(ROUTES)
    commands = tmp_path / "routes"
    hosts = (f"2001:db8:66::{n >> 16:x}:{n & 0xFFFF:x}" for n in range(1, count + 1))
    commands.write_text("".join(f"route add {host} dev lo\n" for host in hosts), encoding="ascii")
    server.namespace.run("ip", "-6", "-batch", str(commands))
    index = server.namespace.index_of("lo")
    route = {"dst": "198.51.100.0/24", "oif": index}
    changes = multiprocessing.Value("L", 0, lock=False)

    def change() -> None:
        with server.namespace.inside(), IPRoute() as rtnl:
            while True:
                rtnl.route("add", **route)
                rtnl.route("del", **route)
                changes.value += 2

    child = server.child(change)
    eventually("routes change", lambda: changes.value)
    yield changes
    child.kill()
    with suppress(NetlinkError):  # it was deleted
        server.namespace.rtnl.route("del", **route)
    server.namespace.ip("route", "flush", "root", "2001:db8:66::/48")


def test_router_whose_routes_change_all_the_time(
    server: Host, observer: Observer, routes: Any
) -> None:
    """The module comes, and what is torn down is put back, be it not at once."""
    switch_to(BUILTIN_C)
    server.member(GROUP)
    before = routes.value
    switch_to(MODULE)
    repair(server)
    observer.serves(GROUP)
    assert routes.value > before
