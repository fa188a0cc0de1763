# SPDX-License-Identifier: GPL-2.0
"""Groups held across a switch of implementation, in both directions.

Each scenario begins something under one implementation and ends it under the other. That nothing is
lost or left behind is also what the fixture `server` checks in the end.
"""

import socket

import pytest

from harness.kernel.implementation import BUILTIN_C, MODULE, switch_to
from harness.sockopt import anycast
from harness.sockopt.anycast import Group
from harness.topology.host import Host
from harness.topology.lan import GROUP, PREFIX, SECOND, THIRD
from harness.views.state import Publication
from harness.wire.ndisc import Peer

BOTH_WAYS = pytest.mark.parametrize(
    ("before", "after"), [(BUILTIN_C, MODULE), (MODULE, BUILTIN_C)], ids=["load", "unload"]
)
pytestmark = BOTH_WAYS

PORT = 4242


def switched(host: Host, after: str) -> Publication:
    """Switch, and return what the host publishes, which is what it published before."""
    published = host.publication()
    switch_to(after)
    assert host.publication() == published
    return published


def users(host: Host, address: str) -> int:
    return sum(group.users for group in host.groups() if group.address == address)


def test_memberships_of_a_socket_and_of_addrconf(server: Host, before: str, after: str) -> None:
    switch_to(before)
    server.forwarding(True)
    server.member(GROUP, SECOND, GROUP)
    published = switched(server, after)
    assert len(published.routes) == 4
    assert anycast.parse(published.listing) == [
        Group(server.device, SECOND, 1),
        Group(server.device, GROUP, 2),
        Group(server.device, "fe80::", 1),
        Group(server.device, PREFIX, 1),
    ]


def test_socket_leaves_what_it_joined_before(server: Host, before: str, after: str) -> None:
    switch_to(before)
    sock = server.member(GROUP, SECOND, GROUP)
    switched(server, after)
    anycast.leave(sock, GROUP, server.ifindex)
    assert users(server, GROUP) == 1
    anycast.leave(sock, GROUP, 0)
    assert server.groups() == [Group(server.device, SECOND, 1)]
    assert anycast.result(lambda: anycast.leave(sock, GROUP, server.ifindex)) == "ENOENT"
    anycast.leave(sock, SECOND, server.ifindex)
    server.assert_nothing_left()


def test_close_of_a_socket_that_joined_before(server: Host, before: str, after: str) -> None:
    switch_to(before)
    sock = server.member(GROUP, SECOND)
    switched(server, after)
    sock.close()
    server.assert_nothing_left()


def test_death_of_a_program_that_joined_before(server: Host, before: str, after: str) -> None:
    switch_to(before)
    ready, tell = socket.socketpair()

    def hold() -> None:
        server.member(GROUP)
        tell.send(b"joined")
        tell.recv(1)

    child = server.child(hold)
    assert ready.recv(16) == b"joined"
    switched(server, after)
    assert users(server, GROUP) == 1
    child.kill()
    server.assert_nothing_left()


@pytest.mark.smoke("load")
def test_one_group_of_both(server: Host, before: str, after: str) -> None:
    """The count goes on where it was, whichever of the two takes or gives."""
    switch_to(before)
    first, second = server.member(GROUP), server.member(GROUP)
    switched(server, after)
    third = server.member(GROUP)
    anycast.join(first, GROUP, server.ifindex)
    assert users(server, GROUP) == 4
    switched(server, before)
    second.close()
    third.close()
    assert users(server, GROUP) == 2
    switched(server, after)
    anycast.leave(first, GROUP, server.ifindex)
    assert users(server, GROUP) == 1
    first.close()
    server.assert_nothing_left()


def test_one_socket_with_memberships_of_both(server: Host, before: str, after: str) -> None:
    switch_to(before)
    sock = server.member(GROUP, SECOND)
    switched(server, after)
    anycast.join(sock, THIRD, server.ifindex)
    anycast.leave(sock, GROUP, server.ifindex)
    switched(server, before)
    assert [group.address for group in server.groups()] == [THIRD, SECOND]
    anycast.leave(sock, THIRD, 0)
    sock.close()
    server.assert_nothing_left()


def test_addrconf_drops_what_it_added_before(server: Host, before: str, after: str) -> None:
    switch_to(before)
    server.forwarding(True)
    switched(server, after)
    server.forwarding(False)
    server.assert_nothing_left()


def test_device_goes_that_had_groups_before(server: Host, before: str, after: str) -> None:
    """Also the memberships that sockets still believe in do no harm later; the module says so."""
    switch_to(before)
    index = server.namespace.add_dummy("extra", "2001:db8:5::1")
    sock = server.open()
    anycast.join(sock, "2001:db8:5::a", index)
    anycast.join(sock, "2001:db8:5::b", index)
    switched(server, after)
    server.namespace.delete_device("extra")
    assert server.groups() == []
    answer = anycast.result(lambda: anycast.leave(sock, "2001:db8:5::a", index))
    assert answer == ("ENODEV" if after == MODULE else "OK")
    sock.close()
    server.assert_nothing_left()


def test_neighbours_are_answered_as_before(
    server: Host, peer: Peer, before: str, after: str
) -> None:
    switch_to(before)
    sock = server.member(GROUP)
    question = peer.ask(GROUP, multicast=True)
    (answer,) = peer.answers(question, GROUP)
    switched(server, after)
    assert peer.answers(question, GROUP) == [answer]
    sock.close()
    assert peer.answers(question, GROUP) == []


def test_program_that_sleeps_in_recv(server: Host, client: Host, before: str, after: str) -> None:
    """A program that waits for packets while the implementation changes gets them."""
    switch_to(before)
    sock = server.member(GROUP)
    sock.bind(("::", PORT))
    child = server.child(lambda: sock.recv(64))
    sock.close()
    switched(server, after)
    client.open().sendto(b"are you there?", (GROUP, PORT))
    assert child.result() == b"are you there?"
    server.assert_nothing_left()
