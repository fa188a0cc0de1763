# SPDX-License-Identifier: GPL-2.0
"""What programs make the module keep is charged to them, and bounded for each user."""

import errno
import multiprocessing
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.kernel.control_group import ControlGroup, control_group
from harness.kernel.meminfo import kernel_memory, shrunk
from harness.process.child import Child
from harness.process.memory import lock_memory
from harness.process.privilege import become_nobody, nobody_as_owner
from harness.sockopt import anycast
from harness.sockopt.anycast import Group, result
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP
from harness.topology.namespace import PROC_NET
from harness.views import settings
from harness.views.settings import max_user_memberships
from harness.views.stat import stat
from harness.wait import eventually

pytestmark = [pytest.mark.module_only, pytest.mark.usefixtures("implementation")]

# What everybody may join: the home agents of the prefix.
WELL_KNOWN = "2001:db8:1:0:fdff:ffff:ffff:fffe"
PER_SOCKET = 4095
KIB = 1024
ROOM = 4 * KIB * KIB
NOISE = KIB * KIB // 2
# KiB that the kernel may keep of them, for something else; seconds between looks.
KEPT, STEP = 256, 0.5
BOUND = 5
# Seconds for tens of thousands of joins on a busy machine.
LIMIT = 600.0
MAKE_DEVICES = (
    "ip link set lo up && ip link add v0 type veth peer name v1 && ip link set v0 up &&"
    " ip link set v1 up && sysctl -qw net.ipv6.conf.all.forwarding=1"
)
# In percent, of what the kernel's memory grew by. Not counted: hashes, and multicast groups.
COUNTED = 80


@dataclass(frozen=True)
class Spent:
    """Bytes; how many joins succeeded, and what the last one was answered."""

    joins: int
    answer: str
    grown: int
    charged: int


def spend(group: ControlGroup, join: Callable[[int], None]) -> Spent:
    """Join for as long as there is memory, with room for as much as ROOM; the last join is undone.

    At the limit a page of the process itself would be its end: its memory is locked, and it has
    done all this before.
    """
    for _ in range(2):
        assert refusal(lambda: join(-1)) == errno.ENOMEM
    memory, charged, joins = kernel_memory(), group.kernel(), 0
    group.limit(str(group.used() + ROOM))
    answer = 0
    while not answer:
        answer = refusal(lambda n=joins: join(n))
        joins += not answer
    group.limit("max")
    grown = kernel_memory() - memory
    return Spent(joins, errno.errorcode[answer], grown * KIB, group.kernel() - charged)


def refusal(action: Callable[[], None]) -> int:
    try:
        action()
    except OSError as error:
        return error.errno or 0
    return 0


@pytest.fixture
def group() -> Iterator[ControlGroup]:
    with control_group("anycast6-scenario") as group:
        yield group


@contextmanager
def bound(memberships: int) -> Iterator[None]:
    """How many each user may have."""
    before = settings.read("max_user_memberships")
    max_user_memberships(memberships)
    try:
        yield
    finally:
        max_user_memberships(int(before))


@pytest.mark.ordinary_kernel
@pytest.mark.parametrize(
    "kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM], ids=["datagram", "stream"]
)
def test_memberships_count_against_the_control_group(
    server: Host, group: ControlGroup, kind: int
) -> None:
    """Of nobody, who needs no privilege for them; others' memberships are as they were."""
    other = server.member(GROUP, WELL_KNOWN)
    memory = shrunk()

    def work() -> tuple[Spent, list[Group]]:
        lock_memory()
        full, *sockets = (socket.socket(socket.AF_INET6, kind) for _ in range(40))
        for _ in range(PER_SOCKET):
            anycast.join(full, WELL_KNOWN, IFINDEX)
        become_nobody()
        group.enter()

        def join(number: int) -> None:
            sock = full if number < 0 else sockets[number // PER_SOCKET]
            anycast.join(sock, WELL_KNOWN, IFINDEX)

        return spend(group, join), anycast.parse((PROC_NET / "anycast6").read_bytes())

    with bound(1_000_000):
        spent, seen = server.child(work).result(LIMIT)
    print(f"{spent}: {100 * spent.charged // spent.grown} % of the growth is counted")
    assert spent.answer == "ENOMEM"
    assert spent.charged * 100 >= spent.grown * COUNTED
    assert spent.charged <= ROOM + NOISE
    users = {line.address: line.users for line in seen}
    assert users == {GROUP: 1, WELL_KNOWN: 1 + PER_SOCKET + spent.joins}
    assert {line.address: line.users for line in server.groups()} == {GROUP: 1, WELL_KNOWN: 1}
    eventually("the memory is given back", lambda: shrunk() < memory + KEPT, step=STEP)
    other.close()


@pytest.mark.ordinary_kernel
@pytest.mark.parametrize("device", ["lo", "v0"])
def test_groups_count_against_the_control_group(group: ControlGroup, device: str) -> None:
    """Of the root of a user namespace, on a device without neighbours and on one with them."""

    def work() -> Spent:
        lock_memory()
        nobody_as_owner()
        subprocess.run(MAKE_DEVICES, shell=True, check=True)
        full, *sockets = (socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) for _ in range(10))
        index = socket.if_nametoindex(device)
        for _ in range(PER_SOCKET):
            anycast.join(full, GROUP, index)
        group.enter()

        def join(number: int) -> None:
            sock = full if number < 0 else sockets[number // PER_SOCKET]
            anycast.join(sock, f"2001:db8:9::{number + 1:x}", index)

        return spend(group, join)

    with bound(1_000_000):
        spent = Child(work).result(LIMIT)
    each = spent.grown // spent.joins, spent.charged // spent.joins
    print(f"{spent}: {each[0]} bytes for a group on {device}, {each[1]} of them charged")
    assert spent.answer == "ENOMEM"
    assert spent.charged * 100 >= spent.grown * COUNTED
    assert spent.charged <= ROOM + NOISE


def granted(joins: int, kind: int = socket.SOCK_DGRAM) -> tuple[list[socket.socket], list[str]]:
    """What so many joins on as many sockets are answered, in the current namespace."""
    sockets = [socket.socket(socket.AF_INET6, kind) for _ in range(joins)]
    answers = [result(lambda s=sock: anycast.join(s, WELL_KNOWN, IFINDEX)) for sock in sockets]
    return sockets, answers


@pytest.mark.parametrize(
    "kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM], ids=["datagram", "stream"]
)
def test_a_user_may_have_so_many(server: Host, kind: int) -> None:
    """By however many sockets; a leave and a close make room, and a refused join takes none."""

    def work() -> list[str]:
        become_nobody()
        sockets, answers = granted(BOUND + 2, kind)
        assert answers == ["OK"] * BOUND + ["ENOBUFS"] * 2
        anycast.leave(sockets[0], WELL_KNOWN, IFINDEX)
        sockets[1].close()
        for _ in range(BOUND):
            assert result(lambda: anycast.join(sockets[0], GROUP, IFINDEX)) == "EPERM"
            assert result(lambda: anycast.join(sockets[0], WELL_KNOWN, 4711)) == "ENODEV"
        for _ in range(2):
            anycast.join(sockets[0], WELL_KNOWN, IFINDEX)
        return [result(lambda s=sock: anycast.join(s, WELL_KNOWN, IFINDEX)) for sock in sockets[2:]]

    before = stat(server.namespace)["refused_limit"]
    with bound(BOUND):
        assert server.child(work).result() == ["ENOBUFS"] * BOUND
        assert stat(server.namespace)["refused_limit"] == before + 2 + BOUND
        # All of it has been given back, and root is not bound.
        assert server.child(work).result() == ["ENOBUFS"] * BOUND
        with server.namespace.inside():
            sockets, answers = granted(BOUND + 1, kind)
    assert answers == ["OK"] * (BOUND + 1)
    for sock in sockets:
        sock.close()


def test_a_group_that_is_refused_takes_no_share(server: Host) -> None:
    settings.max_groups(server.namespace, 0)

    def work() -> list[str]:
        become_nobody()
        return granted(2 * BOUND)[1]

    with bound(BOUND):
        assert server.child(work).result() == ["ENOBUFS"] * (2 * BOUND)
        settings.max_groups(server.namespace, 1)
        assert server.child(work).result() == ["OK"] * BOUND + ["ENOBUFS"] * BOUND


def test_users_are_counted_apart(server: Host) -> None:
    def another() -> list[str]:
        os.setresuid(1000, 1000, 1000)
        return granted(BOUND)[1]

    def work() -> list[str]:
        become_nobody()
        return granted(BOUND)[1]

    with bound(BOUND):
        with server.namespace.inside():
            held = held_by_nobody(server, BOUND)
        assert server.child(another).result() == ["OK"] * BOUND
        assert server.child(work).result() == ["ENOBUFS"] * BOUND
        for sock in held:
            sock.close()
        assert server.child(work).result() == ["OK"] * BOUND


def held_by_nobody(server: Host, joins: int) -> list[socket.socket]:
    """Sockets that nobody has joined by, and that stay."""
    sockets = [server.open() for _ in range(joins)]

    def work() -> None:
        become_nobody()
        for sock in sockets:
            anycast.join(sock, WELL_KNOWN, IFINDEX)

    server.child(work).result()
    return sockets


def test_namespaces_do_not_multiply_it(server: Host) -> None:
    """A user has one share, whatever namespaces he makes and whoever he is there."""

    def as_owner() -> list[str]:
        nobody_as_owner()
        subprocess.run(MAKE_DEVICES, shell=True, check=True)
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            return [result(lambda: anycast.join(sock, GROUP, 1)) for _ in range(2)]

    ready, mapped = multiprocessing.Semaphore(0), multiprocessing.Semaphore(0)

    def as_another_there() -> list[str]:
        become_nobody()
        os.unshare(os.CLONE_NEWUSER)
        ready.release()
        assert mapped.acquire(timeout=60)
        os.setresuid(5, 5, 5)
        return granted(2)[1]

    with bound(BOUND):
        held_by_nobody(server, BOUND - 1)
        assert Child(as_owner).result() == ["OK", "ENOBUFS"]
        child = server.child(as_another_there)
        assert ready.acquire(timeout=60)
        Path(f"/proc/{child.pid}/uid_map").write_text("0 100000 10", encoding="ascii")
        mapped.release()
        assert child.result() == ["OK", "ENOBUFS"]


def test_the_bound_is_the_first_namespaces(server: Host) -> None:
    """Who has privilege in another one may not change it."""
    assert settings.read("max_user_memberships") == "4096"
    with server.namespace.inside():
        assert not (settings.DIRECTORY / "max_user_memberships").exists()
    with bound(7):
        assert settings.read("max_user_memberships") == "7"
