# SPDX-License-Identifier: GPL-2.0
"""What groups cost the kernel, as SECURITY.md says; `pytest -s` tells the figures."""

import socket
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from harness.kernel.meminfo import kernel_memory, shrunk
from harness.sockopt import anycast
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, PREFIX
from harness.wait import eventually

PER_SOCKET = 4095
SOCKETS = 3
GROUPS = 1500
# Bytes, slabs that are not full included.
MEMBERSHIP = {"builtin-c": 48, "module": 144}
MEMBERSHIP_OF_TCP = {"builtin-c": 48, "module": 208}
NEW_GROUP = {"builtin-c": 2048, "module": 2048}
# What the kernel may have taken for something else meanwhile: a tenth of what is spent.
NOISE_KIB = 100

# Seconds between looks, each of which is work.
STEP = 0.5

# KASAN takes memory of its own around each object.
pytestmark = pytest.mark.ordinary_kernel


@dataclass(frozen=True)
class Spender:
    """Takes memory `count` times and returns what holds it."""

    count: int
    spend: Callable[[Host], list[socket.socket]]


def memberships(kind: int) -> Callable[[Host], list[socket.socket]]:
    """As many as sockets may have, all of one group."""

    def spend(server: Host) -> list[socket.socket]:
        sockets = [server.open(kind) for _ in range(SOCKETS)]
        for sock in sockets:
            for _ in range(PER_SOCKET):
                anycast.join(sock, GROUP, IFINDEX)
            assert anycast.result(lambda s=sock: anycast.join(s, GROUP, IFINDEX)) == "ENOMEM"
        return sockets

    return spend


def groups(server: Host) -> list[socket.socket]:
    """Each with a solicited-node group of its own, which costs most."""
    sock = server.open()
    for number in range(GROUPS):
        anycast.join(sock, f"{PREFIX}5:{number:x}", IFINDEX)
    return [sock]


def per_unit(server: Host, spender: Spender) -> float:
    """Bytes; all that was taken must be given back."""
    before = shrunk()
    held = spender.spend(server)
    spent = kernel_memory() - before
    for sock in held:
        sock.close()
    given_back(before + NOISE_KIB)
    return spent * 1024 / spender.count


def given_back(most: int) -> None:
    """Until the kernel has no more memory than that; the last time is the one that counts."""
    eventually("the memory is given back", lambda: shrunk() < most, step=STEP)


@pytest.mark.parametrize(
    ("kind", "bounds"),
    [(socket.SOCK_DGRAM, MEMBERSHIP), (socket.SOCK_STREAM, MEMBERSHIP_OF_TCP)],
    ids=["datagram", "stream"],
)
def test_memory_of_a_membership(
    implementation: str, server: Host, kind: int, bounds: dict[str, int]
) -> None:
    spent = per_unit(server, Spender(SOCKETS * PER_SOCKET, memberships(kind)))
    print(f"{implementation}: {spent:.0f} bytes for a membership")
    assert spent <= bounds[implementation]


def test_memory_of_a_group(implementation: str, server: Host) -> None:
    spent = per_unit(server, Spender(GROUPS, groups))
    print(f"{implementation}: {spent:.0f} bytes for a group")
    assert spent <= NEW_GROUP[implementation]
