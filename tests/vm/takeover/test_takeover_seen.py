# SPDX-License-Identifier: GPL-2.0
"""What an operator sees of a takeover: members, counters, tracepoints, the log."""

import re
from collections.abc import Iterator

import pytest

from harness.kernel import caller
from harness.kernel.caller import Caller
from harness.kernel.implementation import ANYCAST6, BUILTIN_C, MODULE, switch_to
from harness.kernel.log import KernelLog
from harness.kernel.tracing import recorded
from harness.sockopt import anycast
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, PREFIX, SECOND
from harness.views.members import Hold, by_socket, members
from harness.views.stat import moved, stat

# Events of a module that is not loaded yet.
COMING = ":mod:anycast6"


@pytest.fixture(autouse=True)
def nothing_half_unloaded() -> Iterator[None]:
    yield
    if not ANYCAST6.directory.exists() and ANYCAST6.is_loaded():
        ANYCAST6.remove()


def holders(host: Host, address: str) -> list[str]:
    return [hold.holder for hold in members(host.namespace) if hold.address == address]


def counters_of_takeover(host: Host) -> dict[str, int]:
    """All that have moved; but other members are asked for later."""
    counters = stat(host.namespace).items()
    return {name: count for name, count in counters if count and name != "member_solicitations"}


def test_holds_of_c_are_adopted(server: Host) -> None:
    switch_to(BUILTIN_C)
    server.forwarding(True)
    first, second = server.member(GROUP, GROUP, SECOND), server.member(GROUP)
    subnet_router = server.member(PREFIX)
    switch_to(MODULE)
    assert holders(server, GROUP) == ["adopted 3"]
    assert holders(server, SECOND) == ["adopted 1"]
    assert holders(server, PREFIX) == ["addrconf 1", "adopted 1"]
    assert holders(server, "fe80::") == ["addrconf 1"]
    anycast.join(second, GROUP, IFINDEX)
    assert holders(server, GROUP) == ["adopted 3", by_socket(second)]
    anycast.leave(first, GROUP, IFINDEX)
    assert holders(server, GROUP) == ["adopted 2", by_socket(second)]
    first.close()
    assert holders(server, GROUP) == ["adopted 1", by_socket(second)]
    assert holders(server, SECOND) == []
    second.close()
    subnet_router.close()
    assert holders(server, GROUP) == []
    assert holders(server, PREFIX) == ["addrconf 1"]


def test_who_held_is_forgotten_by_the_hand_back(server: Host) -> None:
    """C knows no names."""
    switch_to(MODULE)
    sock = server.member(GROUP, GROUP)
    with caller.loaded(leave_held=True):
        Caller(server).inc(GROUP)
    assert len(holders(server, GROUP)) == 3
    for implementation in (BUILTIN_C, MODULE):
        switch_to(implementation)
    assert members(server.namespace) == [
        Hold(IFINDEX, server.device, GROUP, "published", "adopted 3")
    ]
    sock.close()
    with caller.loaded():
        Caller(server).dec(GROUP)
    assert members(server.namespace) == []


def test_counters_begin_at_zero(server: Host) -> None:
    """What C did is not counted; what becomes of its groups is."""
    switch_to(BUILTIN_C)
    sock = server.member(GROUP, SECOND, GROUP)
    switch_to(MODULE)
    before = stat(server.namespace)
    assert counters_of_takeover(server) == {}
    sock.close()
    assert moved(before, stat(server.namespace)) == {"leaves": 3, "withdrawn": 2}


def test_repair_is_counted(server: Host) -> None:
    """A group that C has left without route is published by the takeover."""
    switch_to(BUILTIN_C)
    server.member(GROUP, SECOND)
    server.namespace.ip("route", "del", "anycast", GROUP, "dev", server.device, "table", "local")
    switch_to(MODULE)
    assert counters_of_takeover(server) == {"reconciled": 1}


def test_takeover_and_handback_events(server: Host, kernel_log: KernelLog) -> None:
    """With the numbers that the log has."""
    switch_to(BUILTIN_C)
    server.member(GROUP, GROUP, SECOND)
    with recorded(COMING) as trace:
        switch_to(MODULE)
        assert census(trace.events()) == [
            ("takeover", *logged(kernel_log, "took over")),
        ]
        server.member(PREFIX + "c")
        # The events go with the module.
        ANYCAST6.disable()
        seen = [event for event in trace.events() if not event.startswith(("join", "publish"))]
        assert census(seen) == [
            ("takeover", *logged(kernel_log, "took over")),
            ("handback", *logged(kernel_log, "handed back")),
        ]
    took, handed = (logged(kernel_log, what) for what in ("took over", "handed back"))
    assert took >= (2, 3)
    assert handed == (took[0] + 1, took[1] + 1)


def census(events: list[str]) -> list[tuple[str, int, int]]:
    found = [re.fullmatch(r"(\w+): groups=(\d+) holders=(\d+)", event) for event in events]
    assert all(found), events
    return [(match[1], int(match[2]), int(match[3])) for match in found if match]


def logged(log: KernelLog, what: str) -> tuple[int, int]:
    """The numbers of the last such line."""
    pattern = re.compile(rf"anycast6: {what} (\d+) groups with (\d+) holders")
    *_, match = [found for line in log.lines() if (found := pattern.fullmatch(line))]
    return int(match[1]), int(match[2])
