# SPDX-License-Identifier: GPL-2.0
"""A group belongs to one network namespace, and keeps it alive through its socket."""

import signal
import socket

import pytest

from harness.sockopt import anycast
from harness.topology.host import Host
from harness.topology.lan import GROUP, LINK_LOCAL_GROUP
from harness.topology.namespace import Namespace
from harness.views.netlink import dump
from harness.wait import eventually
from harness.wire.ndisc import Peer
from harness.wire.packets import Service, packet_info

pytestmark = pytest.mark.usefixtures("implementation")

# Where nothing is sent to: the source is looked at first, and there is no route.
DISCARD = ("2001:db8:2::1", 9)


def test_other_namespace_sees_nothing(server: Host, client: Host) -> None:
    server.member(GROUP, LINK_LOCAL_GROUP)
    assert client.groups() == []
    assert dump(client.namespace) == []
    assert client.publication().routes == frozenset()


def test_group_is_no_source_elsewhere(server: Host, client: Host) -> None:
    server.member(GROUP)
    assert sent_from(GROUP, server) == "OK"
    assert sent_from(GROUP, client) == "EINVAL"


def test_look_up_tells_namespaces_apart(server: Host) -> None:
    """All namespaces share one hash table, whose 256 buckets depend on the namespace, too.

    That none of 2400 look-ups meets a foreign group in its bucket has a chance of 1 to 10 000.
    """
    groups = [f"2001:db8:1::1:{number:x}" for number in range(600)]
    server.member(*groups)
    for stranger in (Namespace() for _ in range(4)):
        with stranger.inside(), socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            answers = {send_from(group, sock, DISCARD) for group in groups}
        stranger.close()
        assert answers == {"EINVAL"}


def sent_from(source: str, host: Host) -> str:
    return send_from(source, host.open(), (host.address, Service.PORT))


def send_from(source: str, sock: socket.socket, destination: tuple[str, int]) -> str:
    info = packet_info(source, 0)
    return anycast.result(lambda: sock.sendmsg([b"x"], info, 0, destination))


def test_same_group_in_two_namespaces(server: Host, client: Host) -> None:
    """Two groups: the end of one leaves the other alone."""
    first, second = server.member(GROUP), client.member(GROUP)
    first.close()
    assert server.groups() == []
    assert [group.address for group in client.groups()] == [GROUP]
    second.close()
    assert client.groups() == []


def test_namespace_dies_with_a_closed_member(server: Host, client: Host) -> None:
    server.member(GROUP).close()
    server.namespace.close()
    eventually("the cable is gone", lambda: not client.has_device())


def test_namespace_lives_while_a_member_does(server: Host, client: Host, peer: Peer) -> None:
    """Nobody holds the namespace but the socket; it still answers, until it is closed."""
    sock = server.member(GROUP)
    server.namespace.close()
    question = peer.ask(GROUP, multicast=True)
    assert len(peer.answers(question, GROUP)) == 1
    sock.close()
    eventually("the cable is gone", lambda: not client.has_device())


@pytest.mark.smoke("module")
def test_namespace_dies_with_its_last_process(server: Host, client: Host) -> None:
    """The process dies with its memberships open."""

    def work() -> None:
        server.member(GROUP, LINK_LOCAL_GROUP)
        while True:
            signal.pause()

    child = server.child(work)
    eventually("the child has joined", lambda: len(server.groups()) == 2)
    server.namespace.close()
    assert client.has_device()
    child.kill()
    eventually("the cable is gone", lambda: not client.has_device())
