# SPDX-License-Identifier: GPL-2.0
"""BIRD and FRR announce exported groups to a router, configured as docs/operation.md shows.

+------------- server --------------+           +------- client --------+
| service             veth-server   |====BGP====|  veth-client          |
| 2001:db8:7::1/64    2001:db8:1::1 |           |  2001:db8:1::2        |
| the group 2001:db8:7::53          |           |  a router, with BIRD  |
+-----------------------------------+           +-----------------------+
"""

import signal
import socket
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from harness.kernel.implementation import BUILTIN_C, MODULE, switch_to
from harness.process.examples import OPERATION, examples, write_examples
from harness.process.routing import bird, frr, router
from harness.sockopt import anycast
from harness.topology.host import Host
from harness.topology.lan import Cable
from harness.views import settings
from harness.views.export import TABLE, addresses
from harness.wait import LIMIT, eventually, settled
from harness.wire.packets import Echo

SERVICE, SERVICE_ADDRESS = "service", "2001:db8:7::1"
GROUP, OTHER_GROUP = "2001:db8:7::53", "2001:db8:7::54"
# Of no prefix that the examples let pass.
PRIVATE = "2001:db8:1::a"
BIRD = 12  # RTPROT_BIRD
TRIALS = 5
SECOND = 1.0
SESSION = 60.0

pytestmark = [pytest.mark.ordinary_kernel]

type Daemon = Callable[[Host, Path], AbstractContextManager[None]]
DAEMONS = {"bird": (bird, "bird.conf"), "frr": (frr, "frr.conf")}


class Site:
    """The server with its daemon, and the router that hears of its groups."""

    def __init__(self, cable: Cable, daemon: Daemon, config: Path) -> None:
        self.server, self.router = cable.hosts
        self.ifindex = self.server.namespace.add_dummy(SERVICE, SERVICE_ADDRESS)
        self._daemon, self._config = daemon, config

    def daemon(self) -> AbstractContextManager[None]:
        return self._daemon(self.server, self._config)

    def hold(self, *groups: str) -> Callable[[], None]:
        """Returns what ends it."""
        sock = self.server.open()
        for group in groups:
            anycast.join(sock, group, self.ifindex)
        return sock.close

    def hold_by_child(self) -> Callable[[], None]:
        child = self.server.child(lambda: (self.hold(GROUP), signal.pause()))
        eventually("held", lambda: addresses(self.server.namespace) == [GROUP])
        return child.kill

    def known(self) -> list[str]:
        """The groups to which the router has a route of BGP's."""
        routes = self.router.namespace.rtnl.get_routes(family=socket.AF_INET6)
        return sorted(r.get_attr("RTA_DST") for r in routes if r["proto"] == BIRD)

    def announced(self, *groups: str, limit: float = LIMIT) -> float:
        """Until the router knows these groups and no other. Returns how long it took."""
        begin = time.monotonic()
        last = settled(self.known, sorted(groups), limit=limit)
        assert last == sorted(groups)
        return time.monotonic() - begin


@pytest.fixture(params=DAEMONS)
def site(request: pytest.FixtureRequest, cable: Cable, tmp_path: Path) -> Iterator[Site]:
    switch_to(MODULE)
    daemon, config = DAEMONS[request.param]
    for directory in tmp_path.parents[:2]:
        directory.chmod(0o755)
    write_examples(tmp_path, OPERATION)
    site = Site(cable, daemon, tmp_path / config)
    settings.export_table(site.server.namespace, TABLE)
    with router(site.router, tmp_path):
        yield site
    if site.server.has_device(SERVICE):
        site.server.namespace.delete_device(SERVICE)


@pytest.fixture
def announcing(site: Site) -> Iterator[Site]:
    """The session has come up."""
    end = site.hold(OTHER_GROUP)
    with site.daemon():
        site.announced(OTHER_GROUP, limit=SESSION)
        end()
        site.announced()
        yield site


def test_every_example_is_run_here() -> None:
    assert set(examples(OPERATION)) == {config for _, config in DAEMONS.values()}


def test_announced_and_withdrawn(announcing: Site) -> None:
    """In less than a second, as a rule; the router reaches the group by that route."""
    came, went = [], []
    for hold in [announcing.hold_by_child, lambda: announcing.hold(GROUP)] * TRIALS:
        end = hold()
        came.append(announcing.announced(GROUP))
        assert Echo(announcing.router).answerer(GROUP)
        end()
        went.append(announcing.announced())
    for what, seconds in ("announced", came), ("withdrawn", went):
        print(f"{what}: median {statistics.median(seconds):.3f} s, worst {max(seconds):.3f} s")
        assert statistics.median(seconds) < SECOND


def test_device_goes_down(announcing: Site) -> None:
    announcing.hold(GROUP)
    announcing.announced(GROUP)
    rtnl = announcing.server.namespace.rtnl
    rtnl.link("set", index=announcing.ifindex, state="down")
    announcing.announced()
    rtnl.link("set", index=announcing.ifindex, state="up")
    announcing.announced(GROUP)
    announcing.server.namespace.delete_device(SERVICE)
    announcing.announced()


def test_unload(announcing: Site) -> None:
    announcing.hold(GROUP)
    announcing.announced(GROUP)
    switch_to(BUILTIN_C)
    announcing.announced()
    switch_to(MODULE)
    settings.export_table(announcing.server.namespace, TABLE)
    announcing.announced(GROUP)


def test_only_what_the_filter_lets_pass(announcing: Site) -> None:
    announcing.server.member(PRIVATE)
    announcing.hold(GROUP)
    assert sorted(addresses(announcing.server.namespace)) == sorted([PRIVATE, GROUP])
    announcing.announced(GROUP)


def test_two_devices(announcing: Site) -> None:
    """The group is announced until it has left both."""
    other = announcing.server.namespace.add_dummy("other", "2001:db8:7::2")
    first, second = announcing.hold(GROUP), announcing.server.open()
    anycast.join(second, GROUP, other)
    announcing.announced(GROUP)
    first()
    eventually("one left", lambda: len(addresses(announcing.server.namespace)) == 1)
    end = announcing.hold(OTHER_GROUP)
    announcing.announced(GROUP, OTHER_GROUP)
    end()
    second.close()
    announcing.announced()
    announcing.server.namespace.delete_device("other")


def test_daemon_restarts(site: Site) -> None:
    """It learns the groups that are there, and forgets those that have gone meanwhile."""
    end = site.hold(GROUP)
    site.hold(OTHER_GROUP)
    with site.daemon():
        site.announced(GROUP, OTHER_GROUP, limit=SESSION)
    end()
    with site.daemon():
        site.announced(OTHER_GROUP, limit=SESSION)
