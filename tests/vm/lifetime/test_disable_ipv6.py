# SPDX-License-Identifier: GPL-2.0
"""net.ipv6.conf.*.disable_ipv6, which the module takes over: as ever, but for groups."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pyroute2 import IPRoute

from harness.kernel.tracing import recorded
from harness.process.child import Child
from harness.sockopt import anycast
from harness.sockopt.anycast import Group
from harness.topology.host import Host
from harness.topology.lan import OFF_PREFIX, Cable
from harness.topology.loss import usable
from harness.views.state import tables

pytestmark = pytest.mark.usefixtures("implementation")

BARE, OTHER = 21, 22
DEFAULT = "default"
# Seconds, in which the module's retry would come several times.
QUIET = 3.5
ROUNDS = 200


@pytest.fixture
def bare(cable: Cable) -> Iterator[str]:
    """A router's device that has no address, whatever happens to it."""
    server = cable.server
    server.forwarding(True)
    server.namespace.add_dummy("bare", index=BARE)
    yield "bare"
    server.namespace.delete_device("bare")
    usable(cable)


def disabled(server: Host, of: str) -> str:
    return server.namespace.read_sysctl(f"ipv6/conf/{of}/disable_ipv6")


def disable(server: Host, of: str, value: str) -> None:
    server.namespace.sysctl(f"ipv6/conf/{of}/disable_ipv6", value)


@pytest.mark.module_only
@pytest.mark.parametrize("by", ["bare", "all"])
def test_group_without_addresses(server: Host, bare: str, by: str) -> None:
    """Its group goes and comes in the course of the write, and nobody looks after it meanwhile."""
    sock, group = server.open(), Group(bare, OFF_PREFIX, 1)
    anycast.join(sock, OFF_PREFIX, BARE)
    disable(server, by, "1")
    assert group not in server.groups()
    assert tables(server.namespace, OFF_PREFIX) == []
    with recorded("workqueue:workqueue_queue_work") as trace:
        trace.filter("workqueue_queue_work", 'workqueue == "anycast6"', group="workqueue")
        trace.clear()
        time.sleep(QUIET)
        assert trace.events() == []
    disable(server, by, "0")
    assert group in server.groups()
    assert tables(server.namespace, OFF_PREFIX) == ["local"]
    sock.close()


@pytest.mark.module_only
def test_group_of_another_device(server: Host, bare: str) -> None:
    """A write concerns its own device alone, and that of the devices to come none that is there."""
    server.namespace.add_dummy("other", index=OTHER)
    sock, group = server.open(), Group(bare, OFF_PREFIX, 1)
    anycast.join(sock, OFF_PREFIX, BARE)
    for of in ("other", DEFAULT):
        disable(server, of, "1")
        assert group in server.groups()
        disable(server, of, "0")
    sock.close()
    server.namespace.rtnl.link("del", index=OTHER)


@pytest.mark.parametrize("value", ["1", "0", "5", "-1"])
@pytest.mark.parametrize("of", ["bare", "all", DEFAULT])
def test_value(server: Host, bare: str, of: str, value: str) -> None:
    """Any number but 0 disables; that of all devices is set in each, and in those to come."""
    disable(server, of, value)
    values = {name: disabled(server, name) for name in (bare, "all", DEFAULT)}
    set_too = {"all": {bare, "all", DEFAULT}}.get(of, {of})
    assert values == {name: value if name in set_too else "0" for name in values}
    disable(server, of, "0")


@pytest.mark.parametrize("nonsense", ["x", "", "1x", "99999999999"])
def test_nonsense(server: Host, bare: str, nonsense: str) -> None:
    disable(server, bare, "1")
    if nonsense:
        with pytest.raises(OSError, match="Invalid argument"):
            disable(server, bare, nonsense)
    else:
        disable(server, bare, nonsense)
    assert disabled(server, bare) == "1"


def test_device_to_come(server: Host) -> None:
    disable(server, DEFAULT, "1")
    server.namespace.add_dummy("other", index=OTHER, up=False)
    assert disabled(server, "other") == "1"
    disable(server, DEFAULT, "0")
    server.namespace.rtnl.link("del", index=OTHER)


def test_addresses(server: Host, bare: str) -> None:
    """A device loses them, and gets its link-local one again; the same number twice is as once."""

    def addresses() -> list[str]:
        return server.namespace.ip("-o", "addr", "show", "dev", bare).splitlines()

    server.namespace.sysctl(f"ipv6/conf/{bare}/addr_gen_mode", "0")
    assert len(addresses()) == 1
    for value, left in (("1", 0), ("1", 0), ("0", 1), ("0", 1)):
        disable(server, bare, value)
        assert len(addresses()) == left


@contextmanager
def others_take_rtnl(server: Host) -> Iterator[None]:
    """Somebody changes a device of no importance, again and again."""
    server.namespace.add_dummy("other", index=OTHER)

    def change() -> None:
        with server.namespace.inside(), IPRoute() as rtnl:
            while True:
                rtnl.link("set", index=OTHER, mtu=1400)
                rtnl.link("set", index=OTHER, mtu=1500)

    child = Child(change)
    yield
    child.kill()
    server.namespace.rtnl.link("del", index=OTHER)


def test_beside_others(server: Host, bare: str) -> None:
    """Who finds RTNL taken begins again, and the program does not see that."""
    with others_take_rtnl(server):
        for _ in range(ROUNDS):
            for value in ("1", "0"):
                disable(server, bare, value)
                assert disabled(server, bare) == value
