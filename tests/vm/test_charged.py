# SPDX-License-Identifier: GPL-2.0
"""What programs make the module keep is charged to them."""

import errno
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from net import anycast
from net.anycast import Group
from net.child import Child
from net.control_group import ControlGroup, control_group
from net.host import IFINDEX, Host
from net.lan import GROUP
from net.meminfo import kernel_memory
from net.namespace import PROC_NET
from net.privilege import become_nobody, nobody_as_owner
from net.wait import eventually

pytestmark = [pytest.mark.module_only, pytest.mark.usefixtures("implementation")]

# What everybody may join: the home agents of the prefix.
WELL_KNOWN = "2001:db8:1:0:fdff:ffff:ffff:fffe"
PER_SOCKET = 4095
KIB = 1024
ROOM = 4 * KIB * KIB
NOISE = KIB * KIB // 2
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

    At the limit a page of the process itself would be its end, so it has done all this before.
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


@pytest.mark.ordinary_kernel
@pytest.mark.parametrize(
    "kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM], ids=["datagram", "stream"]
)
def test_memberships_count_against_the_control_group(
    server: Host, group: ControlGroup, kind: int
) -> None:
    """Of nobody, who needs no privilege for them; others' memberships are as they were."""
    other = server.member(GROUP, WELL_KNOWN)
    memory = kernel_memory()

    def work() -> tuple[Spent, list[Group]]:
        full, *sockets = (socket.socket(socket.AF_INET6, kind) for _ in range(40))
        for _ in range(PER_SOCKET):
            anycast.join(full, WELL_KNOWN, IFINDEX)
        become_nobody()
        group.enter()

        def join(number: int) -> None:
            sock = full if number < 0 else sockets[number // PER_SOCKET]
            anycast.join(sock, WELL_KNOWN, IFINDEX)

        return spend(group, join), anycast.parse((PROC_NET / "anycast6").read_bytes())

    spent, seen = server.child(work).result(LIMIT)
    print(f"{spent}: {100 * spent.charged // spent.grown} % of the growth is counted")
    assert spent.answer == "ENOMEM"
    assert spent.charged * 100 >= spent.grown * COUNTED
    assert spent.charged <= ROOM + NOISE
    users = {line.address: line.users for line in seen}
    assert users == {GROUP: 1, WELL_KNOWN: 1 + PER_SOCKET + spent.joins}
    assert {line.address: line.users for line in server.groups()} == {GROUP: 1, WELL_KNOWN: 1}
    eventually("the memory is given back", lambda: kernel_memory() < memory + KIB)
    other.close()


@pytest.mark.ordinary_kernel
@pytest.mark.parametrize("device", ["lo", "v0"])
def test_groups_count_against_the_control_group(group: ControlGroup, device: str) -> None:
    """Of the root of a user namespace, on a device without neighbours and on one with them."""

    def work() -> Spent:
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

    spent = Child(work).result(LIMIT)
    each = spent.grown // spent.joins, spent.charged // spent.joins
    print(f"{spent}: {each[0]} bytes for a group on {device}, {each[1]} of them charged")
    assert spent.answer == "ENOMEM"
    assert spent.charged * 100 >= spent.grown * COUNTED
    assert spent.charged <= ROOM + NOISE
