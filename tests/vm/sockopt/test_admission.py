# SPDX-License-Identifier: GPL-2.0
"""Every row of the admission table, as four users."""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from admission_rows import ABSENT, ANY, BUILTIN_C, DEVICE, LO, PRIVILEGED, ROWS, Row
from harness.kernel import implementation
from harness.process.child import Child
from harness.process.privilege import (
    as_nobody,
    become_nobody,
    nobody_as_owner,
    nobody_as_root_elsewhere,
)
from harness.sockopt import anycast
from harness.sockopt.anycast import Group
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP
from harness.topology.namespace import Namespace
from harness.views import settings
from harness.views.settings import NOTHING, ON_LINK, POLICIES, WELL_KNOWN
from harness.wait import eventually
from harness.wire.packets import Echo

INDEX = {DEVICE: IFINDEX, ANY: 0, ABSENT: 4711, LO: 1}
NAME = "many"
ADDRESSES = {
    "2001:db8:64::1": 64,
    "2001:db8:48::1": 48,
    "2001:db8:48:1::1": 64,
    "2001:db8:96::1": 96,
    "2001:db8:120::1": 120,
    "2001:db8:121::1": 121,
    "fe80::1": 64,
}
TENTATIVE = "2001:db8:64::7e"
HOME_AGENTS = "2001:db8:1:0:fdff:ffff:ffff:fffe"


@dataclass(frozen=True)
class User:
    """`become` is done by a child process; an owner makes the network namespace as well."""

    name: str
    privileged: bool
    become: Callable[[], object]
    owner: bool = False

    def column(self, implementation: str, policy: int) -> str | int | None:
        """That of the table which says what becomes of the user's joins; None refuses all."""
        if implementation == "builtin-c":
            return BUILTIN_C if self.privileged else None
        if self.privileged:
            return PRIVILEGED
        return None if policy == NOTHING else policy


USERS = [
    User("root", True, lambda: None),
    User("nobody", False, become_nobody),
    User("root-elsewhere", False, nobody_as_root_elsewhere),
    User("owner", True, nobody_as_owner, owner=True),
]


def test_table_has_every_row_once() -> None:
    cases = [(row.address, row.device) for row in ROWS]
    assert len(set(cases)) == len(cases)


@pytest.mark.parametrize("router", [False, True], ids=["host", "router"])
@pytest.mark.parametrize("user", USERS, ids=lambda user: user.name)
def test_table(implementation: str, user: User, router: bool) -> None:
    policies = POLICIES if implementation == "module" else (NOTHING,)
    for policy, results in answers(user, router, policies).items():
        column = user.column(implementation, policy)
        expected = [table_line(row, expected_result(row, column, router)) for row in ROWS]
        seen = [table_line(row, result) for row, result in zip(ROWS, results, strict=True)]
        assert seen == expected, f"{user.name}, policy {policy}"


def expected_result(row: Row, column: str | int | None, router: bool) -> str:
    return "EPERM" if column is None else row.result(column, router)


def table_line(row: Row, result: str) -> str:
    return f"{row.address} {row.device} {result}"


def answers(user: User, router: bool, policies: Sequence[int]) -> dict[int, list[str]]:
    """What each row answers, by policy."""

    def asked_by_owner() -> dict[int, list[str]]:
        user.become()
        namespace = furnished(router)
        results = {}
        for policy in policies:
            set_policy(namespace, policy)
            with namespace.inside():
                results[policy] = ask_all()
        return results

    if user.owner:
        return Child(asked_by_owner).result()
    namespace = furnished(router)
    try:
        return {policy: ask_as(user, namespace, policy) for policy in policies}
    finally:
        namespace.close()


def ask_as(user: User, namespace: Namespace, policy: int) -> list[str]:
    def work() -> list[str]:
        user.become()
        return ask_all()

    set_policy(namespace, policy)
    with namespace.inside():
        child = Child(work)
    return child.result()


def set_policy(namespace: Namespace, policy: int) -> None:
    if implementation.live() == implementation.MODULE:
        settings.admission(namespace, policy)


def ask_all() -> list[str]:
    return [ask(row.address, INDEX[row.device]) for row in ROWS]


def ask(address: str, ifindex: int) -> str:
    """What was joined is left again, with the socket."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
        return anycast.result(lambda: anycast.join(sock, address, ifindex))


def furnished(router: bool) -> Namespace:
    """A namespace with the device of the table."""
    namespace = Namespace()
    namespace.rtnl.link(
        "add", kind="veth", ifname=NAME, index=IFINDEX, peer={"ifname": "other-end"}
    )
    for name in ("other-end", NAME):
        namespace.rtnl.link("set", index=namespace.index_of(name), state="up")
    eventually("the link is up", lambda: operational(namespace))
    for address, prefix_length in ADDRESSES.items():
        namespace.add_address(NAME, address, prefix_length)
    for name in ("accept_dad", "dad_transmits"):
        namespace.sysctl(f"ipv6/conf/{NAME}/{name}", "100")
    namespace.add_address(NAME, TENTATIVE, dad=True)
    namespace.sysctl("ipv6/conf/all/forwarding", str(int(router)))
    return namespace


def operational(namespace: Namespace) -> bool:
    (link,) = namespace.rtnl.get_links(IFINDEX)
    return link.get_attr("IFLA_OPERSTATE") == "UP"


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
def test_nobody_serves_a_well_known_address(server: Host, client: Host) -> None:
    """As policy 1, the default, is meant: joined, listed, delivered and left without privilege."""
    sock = server.open()
    assert as_nobody(server, lambda: anycast.join(sock, HOME_AGENTS, IFINDEX)) == "OK"
    assert server.groups() == [Group(server.device, HOME_AGENTS, 1)]
    assert Echo(client).answerer(HOME_AGENTS) == server.address
    assert as_nobody(server, lambda: anycast.leave(sock, HOME_AGENTS, IFINDEX)) == "OK"
    assert server.groups() == []


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
def test_policy_is_asked_at_the_join_alone(server: Host) -> None:
    """A stricter policy ends no membership, and hinders nobody to leave."""
    sock = server.open()
    settings.admission(server.namespace, ON_LINK)
    for _ in range(2):
        assert as_nobody(server, lambda: anycast.join(sock, GROUP, IFINDEX)) == "OK"
    for policy in (WELL_KNOWN, NOTHING):
        settings.admission(server.namespace, policy)
        assert as_nobody(server, lambda: anycast.join(sock, GROUP, IFINDEX)) == "EPERM"
        assert server.groups()[0].address == GROUP
        assert as_nobody(server, lambda: anycast.leave(sock, GROUP, IFINDEX)) == "OK"
    assert server.groups() == []


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
def test_further_holders_are_asked_as_the_first(server: Host) -> None:
    """That somebody with privilege holds a group opens it for nobody else."""
    server.member(GROUP)
    sock = server.open()
    assert as_nobody(server, lambda: anycast.join(sock, GROUP, IFINDEX)) == "EPERM"
    assert server.groups() == [Group(server.device, GROUP, 1)]
