# SPDX-License-Identifier: GPL-2.0
"""Memberships that users had before the takeover are not counted, and are given back as ever."""

import socket

from harness.kernel import implementation
from harness.process.privilege import become_nobody
from harness.sockopt import anycast
from harness.sockopt.anycast import result
from harness.topology.host import IFINDEX, Host
from harness.views.settings import max_user_memberships

WELL_KNOWN = "2001:db8:1:0:fdff:ffff:ffff:fffe"
BOUND = 5


def held_by_nobody(server: Host) -> list[socket.socket]:
    """Sockets by which nobody has joined for as long as he may, and that stay; and one more."""
    sockets = [server.open() for _ in range(BOUND + 1)]

    def work() -> list[str]:
        become_nobody()
        return [result(lambda s=sock: anycast.join(s, WELL_KNOWN, IFINDEX)) for sock in sockets]

    assert server.child(work).result() == ["OK"] * BOUND + ["ENOBUFS"]
    return sockets


def test_those_taken_over_are_not_counted(server: Host) -> None:
    implementation.switch_to(implementation.MODULE)
    max_user_memberships(BOUND)
    taken_over = held_by_nobody(server)
    implementation.switch_to(implementation.BUILTIN_C)
    implementation.switch_to(implementation.MODULE)
    max_user_memberships(BOUND)
    counted = held_by_nobody(server)
    for sock in taken_over:
        sock.close()
    for sock in counted:
        sock.close()
    for sock in held_by_nobody(server):
        sock.close()
    max_user_memberships(4096)
