# SPDX-License-Identifier: GPL-2.0
"""Who found a group's route just before it was withdrawn does not keep the VRF's device.

The kernel remembers with the route which device packets to it belong to, for each CPU. What finds
the route is interrupted here, so that it remembers after the group has gone dormant.
"""

import os
import random
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread

import pytest

from harness.kernel.tracing import TRACEFS
from harness.process.child import Child
from harness.topology import loss
from harness.topology.host import Host
from harness.topology.lan import GROUP, Cable

ROUNDS = 8
# Seconds; the kernel itself says that a device is still in use after 10.
LIMIT = 8.0
TRIGGER = TRACEFS / "events" / "fib6" / "fib6_table_lookup" / "trigger"


@contextmanager
def slow_look_ups() -> Iterator[None]:
    """Between a route's being found and its being used its finder's stack is written down."""
    TRIGGER.write_text("stacktrace", encoding="ascii")
    try:
        yield
    finally:
        TRIGGER.write_text("!stacktrace", encoding="ascii")
        (TRACEFS / "trace").write_text("", encoding="ascii")


@contextmanager
def before_all_others() -> Iterator[None]:
    """On one processor, where whoever is interrupted waits until this process sleeps."""
    os.sched_setaffinity(0, {0})
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
    try:
        yield
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        os.sched_setaffinity(0, range(os.cpu_count() or 1))


def flood(server: Host) -> Child:
    """Packets of the host's own to the group, by way of the VRF."""

    def work() -> None:
        sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, loss.VRF.encode())
        os.sched_setaffinity(0, {0})
        while True:
            with suppress(OSError):
                sock.sendto(b"", (GROUP, 9))

    return server.child(work)


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
def test_vrf_can_be_deleted_while_the_group_is_dormant(cable: Cable, rng: random.Random) -> None:
    server = cable.server
    sock = server.member(GROUP)
    stuck = 0
    for _ in range(ROUNDS):
        loss.add_vrf(server, loss.VRF, loss.VRFS[loss.VRF])
        loss.enslave(cable)
        sender = flood(server)
        with slow_look_ups(), before_all_others():
            # At a moment of chance the sender is interrupted, and the group goes.
            time.sleep(rng.uniform(0.1, 0.3))
            loss.shrink(cable)
        sender.kill()
        deletion = Thread(target=server.namespace.run, args=("ip", "link", "del", loss.VRF))
        deletion.start()
        deletion.join(LIMIT)
        if deletion.is_alive():
            stuck += 1
            sock.close()
            deletion.join()
            sock = server.member(GROUP)
        loss.grow(cable)
    assert stuck == 0
    sock.close()
