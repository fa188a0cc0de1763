# SPDX-License-Identifier: GPL-2.0
"""/proc/net/anycast6_members: every hold, with its holder."""

import os
import socket
import threading
from collections.abc import Callable

import pytest

from harness.kernel import caller
from harness.kernel.caller import Caller
from harness.process.child import Child
from harness.process.privilege import (
    NOBODY,
    become_nobody,
    nobody_as_owner,
    nobody_as_root_elsewhere,
)
from harness.sockopt import anycast
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, LINK_LOCAL_GROUP, PREFIX, SECOND
from harness.topology.namespace import PROC_NET
from harness.views import settings
from harness.views.members import DORMANT, PUBLISHED, Hold, by_socket, members, parse
from harness.wait import settled

pytestmark = [pytest.mark.module_only, pytest.mark.usefixtures("implementation")]

MANY = 2000
KERNEL = f"module {caller.NAME}"


def hold(
    holder: str,
    address: str = GROUP,
    state: str = PUBLISHED,
    device: str = "veth-server",
    ifindex: int = IFINDEX,
) -> Hold:
    return Hold(ifindex, device, address, state, holder)


def test_nobody_holds_anything(server: Host) -> None:
    assert server.namespace.proc("anycast6_members") == b""


def test_bytes_of_a_line(server: Host) -> None:
    """They are ABI."""
    sock = server.member(LINK_LOCAL_GROUP)
    line = f"11 veth-server fe80::a published {by_socket(sock)}\n"
    assert server.namespace.proc("anycast6_members") == line.encode("ascii")


@pytest.mark.smoke("module")
def test_each_hold_has_its_line(server: Host) -> None:
    first, second = server.member(GROUP, GROUP, SECOND), server.member(GROUP)
    assert members(server.namespace) == sorted(
        [
            hold(by_socket(first)),
            hold(by_socket(first)),
            hold(by_socket(first), SECOND),
            hold(by_socket(second)),
        ]
    )
    anycast.leave(first, GROUP, IFINDEX)
    second.close()
    assert members(server.namespace) == sorted(
        [hold(by_socket(first)), hold(by_socket(first), SECOND)]
    )
    first.close()
    assert members(server.namespace) == []


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW])
def test_kinds_of_sockets(server: Host, kind: int) -> None:
    proto = socket.IPPROTO_ICMPV6 if kind == socket.SOCK_RAW else 0
    sock = server.open(kind, proto)
    anycast.join(sock, GROUP, IFINDEX)
    assert members(server.namespace) == [hold(by_socket(sock))]


def test_user_and_process_are_those_that_joined(server: Host) -> None:
    """Not those that have the socket afterwards: the parent here, when the child is gone."""
    sock = server.open()
    settings.admission(server.namespace, settings.ON_LINK)

    def work() -> None:
        become_nobody()
        anycast.join(sock, GROUP, IFINDEX)

    child = server.child(work)
    child.result()
    assert members(server.namespace) == [hold(by_socket(sock, NOBODY, child.pid))]
    anycast.join(sock, SECOND, IFINDEX)
    assert members(server.namespace) == [
        hold(by_socket(sock, NOBODY, child.pid)),
        hold(by_socket(sock), SECOND),
    ]


def test_process_of_a_thread(server: Host) -> None:
    """The number that the threads of a process share."""
    sock = server.open()
    thread = threading.Thread(target=anycast.join, args=(sock, GROUP, IFINDEX))
    thread.start()
    thread.join()
    assert members(server.namespace) == [hold(by_socket(sock))]


def test_process_is_told_as_the_reader_knows_it(server: Host) -> None:
    """By the number in the reader's PID namespace, or as 0 if that does not see it."""
    first, second = server.member(GROUP), server.open()

    def inside() -> tuple[int, list[Hold]]:
        anycast.join(second, SECOND, IFINDEX)
        return os.getpid(), members(server.namespace)

    def work() -> tuple[int, int, list[Hold]]:
        os.unshare(os.CLONE_NEWPID)
        child = Child(inside)
        return child.pid, *child.result()

    outside, pid, seen = server.child(work).result()
    assert pid == 1
    assert seen == [hold(by_socket(first, pid=0)), hold(by_socket(second, pid=pid), SECOND)]
    assert members(server.namespace) == [
        hold(by_socket(first)),
        hold(by_socket(second, pid=outside), SECOND),
    ]


def test_kernel_caller(server: Host) -> None:
    sock = server.member(GROUP)
    with caller.loaded():
        kernel = Caller(server)
        for _ in range(2):
            kernel.inc(GROUP)
        assert members(server.namespace) == [hold(KERNEL), hold(KERNEL), hold(by_socket(sock))]
        kernel.dec(GROUP)
        assert members(server.namespace) == [hold(KERNEL), hold(by_socket(sock))]
    assert members(server.namespace) == [hold(by_socket(sock))]


def test_addrconf(server: Host) -> None:
    """One line for each group, with the number of addresses that need it."""
    server.forwarding(True)
    assert members(server.namespace) == [
        hold("addrconf 1", PREFIX),
        hold("addrconf 1", "fe80::"),
    ]
    server.add_temporary_address(PREFIX + "99")
    sock = server.member(PREFIX)
    assert members(server.namespace) == [
        hold("addrconf 2", PREFIX),
        hold(by_socket(sock), PREFIX),
        hold("addrconf 1", "fe80::"),
    ]
    server.forwarding(False)
    assert members(server.namespace) == [hold(by_socket(sock), PREFIX)]


def test_dormant(server: Host) -> None:
    """Listed here while /proc/net/anycast6 has it not, with all its holders."""
    sock = server.member(GROUP)
    link = server.namespace.rtnl.link
    with caller.loaded():
        Caller(server).inc(GROUP)
        link("set", index=IFINDEX, state="down")
        assert server.groups() == []
        assert members(server.namespace) == [
            hold(KERNEL, state=DORMANT),
            hold(by_socket(sock), state=DORMANT),
        ]
        server.configure()
        assert members(server.namespace) == [hold(KERNEL), hold(by_socket(sock))]
    link("set", index=IFINDEX, mtu=1279)
    assert members(server.namespace) == [hold(by_socket(sock), state=DORMANT)]
    link("set", index=IFINDEX, mtu=1500)
    server.configure()
    assert members(server.namespace) == [hold(by_socket(sock))]


def test_stale_memberships_are_none(server: Host) -> None:
    """Of a device that is gone, be there another of the same name and index."""
    sock = server.open()
    for _ in range(2):
        server.namespace.add_dummy("extra", "2001:db8:5::1", index=21)
        assert members(server.namespace) == []
        anycast.join(sock, "2001:db8:5::a", 21)
        line = hold(by_socket(sock), "2001:db8:5::a", device="extra", ifindex=21)
        assert members(server.namespace) == [line]
        server.namespace.delete_device("extra")
        assert members(server.namespace) == []


def test_renamed_device(server: Host) -> None:
    sock = server.member(GROUP)
    server.namespace.rtnl.link("set", index=IFINDEX, ifname="renamed")
    assert members(server.namespace) == [hold(by_socket(sock), device="renamed")]
    server.namespace.rtnl.link("set", index=IFINDEX, ifname=server.device)


def test_other_namespaces_are_not_shown(server: Host, client: Host) -> None:
    on_server = server.member(GROUP)
    assert members(client.namespace) == []
    on_client = client.open()
    anycast.join(on_client, SECOND, client.ifindex)
    assert members(server.namespace) == [hold(by_socket(on_server))]
    line = hold(by_socket(on_client), SECOND, device=client.device, ifindex=client.ifindex)
    assert members(client.namespace) == [line]


def test_large_listing(server: Host) -> None:
    """Complete, each line once, however small the reads are."""
    addresses = [f"2001:db8:1::1:{number:x}" for number in range(MANY)]
    sock = server.member(*addresses)
    assert {entry.address for entry in members(server.namespace)} == set(addresses)
    fd = server.namespace.open_proc("anycast6_members")
    text = b"".join(iter(lambda: os.read(fd, 1000), b""))
    os.close(fd)
    assert parse(text) == sorted(hold(by_socket(sock), address) for address in addresses)


def test_many_holders_of_one_group(server: Host) -> None:
    sock = server.member(*[GROUP] * 300)
    assert members(server.namespace) == [hold(by_socket(sock))] * 300
    sock.close()
    assert members(server.namespace) == []


def readable() -> dict[str, str]:
    return {
        name: anycast.result(lambda n=name: (PROC_NET / n).read_bytes())
        for name in ("anycast6_members", "anycast6_stat")
    }


# Who may read: what opening both answers.
READERS = [
    ("root", lambda: None, "OK"),
    ("nobody", become_nobody, "EACCES"),
    ("root-elsewhere", nobody_as_root_elsewhere, "EACCES"),
    ("owner", nobody_as_owner, "OK"),
]


@pytest.mark.parametrize(
    ("become", "result"), [row[1:] for row in READERS], ids=[row[0] for row in READERS]
)
def test_readers(server: Host, become: Callable[[], object], result: str) -> None:
    def work() -> dict[str, str]:
        become()
        return readable()

    expected = {"anycast6_members": result, "anycast6_stat": "OK"}
    assert server.child(work).result() == expected


def test_modes(server: Host) -> None:
    with server.namespace.inside():
        modes = {
            name: (PROC_NET / name).stat().st_mode & 0o7777
            for name in ("anycast6", "anycast6_members", "anycast6_stat")
        }
    assert modes == {"anycast6": 0o444, "anycast6_members": 0o400, "anycast6_stat": 0o444}


def test_user_is_told_as_the_reader_knows_him() -> None:
    """The owner of a namespace is root there, whoever he is outside."""

    def work() -> tuple[str, str]:
        nobody_as_owner()
        settings_file = settings.DIRECTORY.parent / "conf" / "lo" / "forwarding"
        settings_file.write_text("1", encoding="ascii")
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            anycast.join(sock, GROUP, 1)
            return (PROC_NET / "anycast6_members").read_text(encoding="ascii"), by_socket(sock)

    child = Child(work)
    text, expected = child.result()
    assert expected.endswith(f" uid 0 pid {child.pid}")
    # The device is down.
    assert text == f"1 lo {GROUP} dormant {expected}\n"


def test_writers(server: Host) -> None:
    """There is nothing to be written, for root neither."""
    with server.namespace.inside():
        for name in ("anycast6_members", "anycast6_stat"):
            with pytest.raises(OSError, match="Errno"):
                (PROC_NET / name).write_text("0", encoding="ascii")


def test_listing_while_groups_come_and_go(server: Host) -> None:
    """A child joins and leaves all the time; what stays is never missing."""
    sock = server.member(GROUP)

    def churn() -> None:
        other = server.open()
        for _ in range(300):
            anycast.join(other, SECOND, IFINDEX)
            anycast.leave(other, SECOND, IFINDEX)

    child = server.child(churn)
    for _ in range(100):
        seen = members(server.namespace)
        assert hold(by_socket(sock)) in seen
        assert len(seen) <= 2
    child.result()
    left = [hold(by_socket(sock))]
    assert settled(lambda: members(server.namespace), left) == left
