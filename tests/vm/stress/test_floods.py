# SPDX-License-Identifier: GPL-2.0
"""A neighbour floods the link, by the programs made for it (thc-ipv6, ipv6toolkit)."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from harness.kernel import allocations
from harness.kernel.implementation import BUILTIN_C
from harness.kernel.log import KernelLog
from harness.kernel.meminfo import shrunk
from harness.process.program import running
from harness.sockopt import anycast
from harness.stress.soak import FULL, Soak
from harness.topology.host import Host
from harness.topology.lan import GROUP, LINK_LOCAL_GROUP, Cable
from harness.views.observer import PUBLISHED, Observer
from harness.views.state import solicited_node
from harness.wait import eventually
from harness.wire.tcp import PORT, listener

# Starting a program takes long in an emulated machine, and some find out about the link first.
LIMIT = 300.0
# Packets of each flood; at full length they are sent for a minute.
LEAST = 2000
# Entries that the neighbour cache may have besides lasting ones, of all namespaces (gc_thresh3).
NEIGHBOURS = 1024
CACHE = Path("/proc/net/stat/ndisc_cache")
# What the kernel may keep: the sizes of its own caches vary by that. On a slow kernel KASAN keeps
# what has been freed.
MEMORY_KIB, MEMORY_OF_SLOW_KIB = 512, 8192
STEP = 0.5

Flood = Callable[[Cable], list[str]]


def thc_solicitations(cable: Cable) -> list[str]:
    """From random sources, for the group."""
    return ["atk6-flood_solicitate6", cable.client.device, solicited_node(GROUP), GROUP]


def thc_solicitations_of_any(cable: Cable) -> list[str]:
    """With a router alert."""
    return ["atk6-flood_solicitate6", "-a", cable.client.device]


def thc_advertisements(cable: Cable) -> list[str]:
    """Of random addresses, to all."""
    return ["atk6-flood_advertise6", cable.client.device]


def thc_multicast_reports(cable: Cable) -> list[str]:
    return ["atk6-flood_mld26", cable.client.device]


def thc_router_solicitations(cable: Cable) -> list[str]:
    return ["atk6-flood_rs6", "-sS", cable.client.device]


def thc_unreachable(cable: Cable) -> list[str]:
    """Errors about packets that the group is said to have sent."""
    return ["atk6-flood_unreach6", "-R", cable.client.device, GROUP]


def thc_syns(cable: Cable) -> list[str]:
    """To a listener that has joined the group."""
    return ["atk6-thcsyn6", "-R", cable.client.device, GROUP, str(PORT)]


def toolkit_solicitations(cable: Cable) -> list[str]:
    """In bursts, from forged sources that each want to be remembered."""
    where = ("-i", cable.client.device, "-d", solicited_node(GROUP), "-t", GROUP)
    return ["ns6", *where, "-F", "500", "-e", "-l", "-z", "1"]


def toolkit_advertisements(cable: Cable) -> list[str]:
    """In bursts: somebody else claims the group."""
    where = ("-i", cable.client.device, "-d", "ff02::1", "-t", GROUP)
    return ["na6", *where, "-F", "500", "-o", "-e", "-l", "-z", "1"]


FLOODS = [
    thc_solicitations,
    thc_solicitations_of_any,
    thc_advertisements,
    thc_multicast_reports,
    thc_router_solicitations,
    thc_unreachable,
    thc_syns,
    toolkit_solicitations,
    toolkit_advertisements,
]


@pytest.mark.parametrize("flood", FLOODS, ids=lambda flood: flood.__name__)
def test_group_outlasts_it(
    implementation: str,
    cable: Cable,
    observer: Observer,
    soak: Soak,
    kernel_log: KernelLog,
    flood: Flood,
) -> None:
    server, client = cable.hosts
    server.member(GROUP, LINK_LOCAL_GROUP)
    # With the module, a listener that has joined is reached by way of the group.
    anycast.join(listener(server), GROUP, server.ifindex)
    # A full neighbour cache keeps the kernel from answering whom it does not know, for any address.
    server.remember(client)
    observer.serves(GROUP, LINK_LOCAL_GROUP)
    held, memory, known = server.publication(), shrunk(), neighbours()
    said = kernel_log.of_module()

    before = received(server)
    wanted = before + LEAST
    end = time.monotonic() + soak.length(0.0, 0.0 if implementation == BUILTIN_C else FULL)
    module = implementation != BUILTIN_C and not soak.slow_kernel
    with ExitStack() as stack, running(client, *flood(cable)) as process:
        recording = stack.enter_context(allocations.recorded()) if module else None

        def enough() -> bool:
            assert process.poll() is None, process.communicate()[0]
            return received(server) >= wanted and time.monotonic() >= end

        eventually(f"{process.args} floods", enough, LIMIT)
        assert neighbours() <= known + NEIGHBOURS
        assert server.publication() == held
        if recording:
            assert recording.by_module() == []

    assert server.publication() == held
    assert kernel_log.of_module() == said
    observer.becomes(PUBLISHED, GROUP, LINK_LOCAL_GROUP)
    server.namespace.ip("neigh", "flush", "dev", server.device, "nud", "all")
    most = memory + (MEMORY_OF_SLOW_KIB if soak.slow_kernel else MEMORY_KIB)
    eventually("the memory is given back", lambda: shrunk() < most, step=STEP)
    soak.record(packets=received(server) - before)


def received(host: Host) -> int:
    """Packets that have come in on the host's interface."""
    (link,) = host.namespace.rtnl.get_links(host.ifindex)
    return link.get_attr("IFLA_STATS64")["rx_packets"]


def neighbours() -> int:
    """Entries of the neighbour cache in one moment, which a dump of a cache that changes is not."""
    return int(CACHE.read_text(encoding="ascii").splitlines()[1].split()[0], 16)
