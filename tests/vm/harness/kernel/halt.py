# SPDX-License-Identifier: GPL-2.0
"""A process that sleeps halfway through the end of a group: tests/modules/anycast6_halt.c."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.kernel import kmodule
from harness.kernel.implementation import built_module
from harness.process.child import Child
from harness.sockopt import anycast
from harness.topology.host import IFINDEX, Host
from harness.wait import eventually

NAME = "anycast6_halt"
PARAMETERS = Path("/sys/module", NAME, "parameters")


@contextmanager
def halfway_through_a_leave(host: Host, group: str) -> Iterator[Child]:
    """A process that holds the group has left it, and sleeps before it deletes the route.

    It goes on, to its end, when the block ends. Nobody else has its socket, which is locked.
    """
    (joined, tell), (wait, begin) = os.pipe(), os.pipe()

    def leave() -> None:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            anycast.join(sock, group, IFINDEX)
            os.write(tell, b"j")
            os.read(wait, 1)
            anycast.leave(sock, group, IFINDEX)

    child = host.child(leave)
    os.read(joined, 1)
    kmodule.insert(built_module(NAME), f"pid={child.pid}")
    try:
        os.write(begin, b"b")
        eventually("it is halfway", lambda: _parameter("asleep").read_text("ascii") == "Y\n")
        yield child
    finally:
        _parameter("go").write_text("1", encoding="ascii")
        child.result()
        kmodule.remove(NAME)
        for end in joined, tell, wait, begin:
            os.close(end)


def _parameter(name: str) -> Path:
    return PARAMETERS / name
