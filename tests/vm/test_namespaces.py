# SPDX-License-Identifier: GPL-2.0
"""A group belongs to one network namespace, and keeps it alive through its socket."""

import signal

import pytest

from net import anycast
from net.host import Host
from net.lan import GROUP, LINK_LOCAL_GROUP
from net.ndisc import Peer
from net.packets import Service, packet_info
from net.rtnetlink import dump
from net.wait import eventually

pytestmark = pytest.mark.usefixtures("implementation")


def test_other_namespace_sees_nothing(server: Host, client: Host) -> None:
    server.member(GROUP, LINK_LOCAL_GROUP)
    assert client.groups() == []
    assert dump(client.namespace) == []
    assert client.publication().routes == frozenset()


def test_group_is_no_source_elsewhere(server: Host, client: Host) -> None:
    """The look-up without a device goes through a table that all namespaces share."""
    server.member(GROUP)
    assert sent_from_group(server, client) == "OK"
    assert sent_from_group(client, server) == "EINVAL"


def sent_from_group(host: Host, other: Host) -> str:
    sock = host.open()
    message, info = [b"x"], packet_info(GROUP, 0)
    return anycast.result(lambda: sock.sendmsg(message, info, 0, (other.address, Service.PORT)))


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
