# SPDX-License-Identifier: GPL-2.0
"""/proc/net/anycast6: its bytes are read by programs, its reads may come in any size."""

import os

import pytest

from harness.sockopt import anycast
from harness.topology.host import Host
from harness.topology.lan import GROUP, LINK_LOCAL_GROUP, OFF_PREFIX, SECOND

pytestmark = pytest.mark.usefixtures("implementation")

# Nine pages of listing; the kernel fills one page at a time.
MANY = 600


def line(group: int) -> bytes:
    return b"11   veth-server     20010db800010000000000000001%04x     1\n" % group


def test_empty(server: Host) -> None:
    assert server.namespace.proc("anycast6") == b""


def test_one_line(server: Host) -> None:
    server.member(GROUP)
    assert server.namespace.proc("anycast6") == (
        b"11   veth-server     20010db800010000000000000000000a     1\n"
    )


def test_users_are_counted(server: Host) -> None:
    server.member(*[GROUP] * 12)
    server.member(GROUP)
    assert server.namespace.proc("anycast6") == (
        b"11   veth-server     20010db800010000000000000000000a    13\n"
    )


def test_youngest_first(server: Host) -> None:
    server.member(GROUP, LINK_LOCAL_GROUP, SECOND)
    assert server.namespace.proc("anycast6") == (
        b"11   veth-server     20010db800010000000000000000000b     1\n"
        b"11   veth-server     fe80000000000000000000000000000a     1\n"
        b"11   veth-server     20010db800010000000000000000000a     1\n"
    )


@pytest.mark.smoke("module")
def test_several_devices(server: Host) -> None:
    """Device after device in the order of their indices; wide fields push the rest along."""
    name, index = "fifteen-letters", 1234567
    server.namespace.add_dummy(name, index=index)
    server.forwarding(True)
    sock = server.open()
    for device in (index, server.ifindex, 1):
        anycast.join(sock, OFF_PREFIX, device)
    lines = server.namespace.proc("anycast6").splitlines(keepends=True)
    assert [entry for entry in lines if b"20010db80009" in entry] == [
        b"1    lo              20010db800090000000000000000000a     1\n",
        b"11   veth-server     20010db800090000000000000000000a     1\n",
        b"1234567 fifteen-letters 20010db800090000000000000000000a     1\n",
    ]
    sock.close()
    server.namespace.rtnl.link("del", index=index)


def test_long_listing(server: Host) -> None:
    """Reads of any size at any position, also backwards and past the end, show the same bytes."""
    server.member(*(f"2001:db8:1::1:{number:x}" for number in range(MANY)))
    expected = b"".join(line(number) for number in reversed(range(MANY)))
    fd = server.namespace.open_proc("anycast6")
    for size in (13, 61, 1000, 4096, 65536):
        os.lseek(fd, 0, os.SEEK_SET)
        chunks = list(iter(lambda size=size: os.read(fd, size), b""))
        assert b"".join(chunks) == expected
        assert max(map(len, chunks)) <= size
    for position in (0, 1, 4095, 4096, 30000, 61, len(expected) - 1, len(expected)):
        assert os.pread(fd, 100, position) == expected[position : position + 100]
    for position in (30000, 0, 4097):
        os.lseek(fd, position, os.SEEK_SET)
        assert os.read(fd, 100) == expected[position : position + 100]
    os.close(fd)


def test_open_file_sees_later_joins(server: Host) -> None:
    fd = server.namespace.open_proc("anycast6")
    assert os.read(fd, 100) == b""
    server.member(GROUP)
    assert os.pread(fd, 100, 0).endswith(b"0a     1\n")
    os.close(fd)


def test_groups_that_stay_are_never_missing(server: Host) -> None:
    """Groups that come during a read may make others show twice, but hide none."""
    server.member(*(f"2001:db8:1::1:{number:x}" for number in range(40)))
    stable = {group.address for group in server.groups()}
    fd = server.namespace.open_proc("anycast6")
    listing = b""
    for number in range(300, 310):
        server.member(f"2001:db8:1::1:{number:x}")
        listing += os.read(fd, 200)
    listing += b"".join(iter(lambda: os.read(fd, 4096), b""))
    os.close(fd)
    assert stable <= {group.address for group in anycast.parse(listing)}


def test_file_belongs_to_the_namespace_it_was_opened_in(server: Host, client: Host) -> None:
    server.member(GROUP)
    fd = client.namespace.open_proc("anycast6")
    with server.namespace.inside():
        assert os.read(fd, 100) == b""
    os.close(fd)
