# SPDX-License-Identifier: GPL-2.0
"""Every row of the socket option table, against both implementations."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from harness.kernel.implementation import MODULE
from harness.process.child import Child
from harness.process.privilege import root_of_user_namespace
from harness.sockopt import anycast
from harness.sockopt.anycast import Group
from harness.sockopt.steps import Subject
from harness.topology.host import Host
from harness.topology.lan import GROUP, PREFIX
from harness.topology.namespace import PROC_NET
from sockopt_rows import DIFFERENCES, ROWS, Row, group

# What addrconf holds on a router for the prefixes of its interface.
SUBNET_ROUTER = (group("fe80::"), group(PREFIX))


def test_names_are_unique_and_differences_exist() -> None:
    names = [row.name for row in ROWS]
    assert len(set(names)) == len(names)
    assert set(DIFFERENCES) <= set(names)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_row(implementation: str, server: Host, row: Row) -> None:
    if implementation == MODULE:
        row = DIFFERENCES.get(row.name, row)
    server.forwarding(row.router)
    subject = Subject(server, server.open(row.kind, row.proto, row.family))
    for step in row.steps[:-1]:
        step(subject)
    assert anycast.result(lambda: row.steps[-1](subject)) == row.result
    assert listed_beside_addrconf(server, row) == sorted(row.listed)


def listed_beside_addrconf(server: Host, row: Row) -> list[Group]:
    listed = server.groups()
    for held in SUBNET_ROUTER if row.router else ():
        listed.remove(held)
    return sorted(listed)


@pytest.mark.usefixtures("implementation")
def test_root_of_the_owning_user_namespace_may_join() -> None:
    """The namespace belongs to the child's user namespace, where the child has all privileges."""

    def work() -> tuple[str, bytes]:
        root_of_user_namespace()
        os.unshare(os.CLONE_NEWNET)
        Path("/proc/sys/net/ipv6/conf/lo/forwarding").write_text("1", encoding="ascii")
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            answer = anycast.result(lambda: anycast.join(sock, GROUP, 1))
            return answer, (PROC_NET / "anycast6").read_bytes()

    answer, listing = Child(work).result()
    assert answer == "OK"
    assert anycast.parse(listing) == [Group("lo", GROUP, 1)]
