# SPDX-License-Identifier: GPL-2.0
"""Listeners and connections that see the implementation change."""

import socket

import pytest

from harness.kernel import implementation as implementations
from harness.kernel.implementation import BUILTIN_C, MODULE
from harness.sockopt import anycast
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, LINK_LOCAL_GROUP, SECOND, Cable
from harness.wire.tcp import ACCEPTED, PORT, SILENCE, Knock, connect, listener


@pytest.fixture(autouse=True)
def builtin_c(server: Host) -> None:
    implementations.switch_to(BUILTIN_C)
    server.proxy_delay(0)


def test_listener_that_joined_before_the_takeover(cable: Cable) -> None:
    """Its memberships are adopted, handed back and adopted again; what it left stays left."""
    server, client = cable.hosts
    listening = listener(server)
    for group in (GROUP, SECOND, LINK_LOCAL_GROUP):
        anycast.join(listening, group, IFINDEX)
    server.member(SECOND)
    knock = Knock(cable)
    assert [knock.answer(a) for a in (GROUP, SECOND, LINK_LOCAL_GROUP)] == [SILENCE] * 3
    implementations.load()
    assert [knock.answer(a) for a in (GROUP, SECOND, LINK_LOCAL_GROUP)] == [ACCEPTED] * 3
    anycast.leave(listening, SECOND, IFINDEX)
    assert [knock.answer(a) for a in (GROUP, SECOND, LINK_LOCAL_GROUP)] == [
        ACCEPTED,
        SILENCE,
        ACCEPTED,
    ]
    implementations.unload()
    assert [knock.answer(a) for a in (GROUP, SECOND, server.address)] == [
        SILENCE,
        SILENCE,
        ACCEPTED,
    ]
    implementations.load()
    assert [knock.answer(a) for a in (GROUP, SECOND, LINK_LOCAL_GROUP)] == [
        ACCEPTED,
        SILENCE,
        ACCEPTED,
    ]
    connect(client, listening, GROUP).carries()
    anycast.leave(listening, GROUP, IFINDEX)
    server.member(GROUP)
    assert knock.answer(GROUP) == SILENCE


def test_listener_that_joined_twice_before_the_takeover(cable: Cable) -> None:
    listening = listener(cable.server)
    cable.server.member(GROUP)
    for _ in range(2):
        anycast.join(listening, GROUP, IFINDEX)
    implementations.load()
    knock = Knock(cable)
    for expected in (ACCEPTED, SILENCE):
        anycast.leave(listening, GROUP, IFINDEX)
        assert knock.answer(GROUP) == expected


def test_bound_listener_and_its_connection(cable: Cable) -> None:
    """A connection that the module accepted goes on with built-in C, which takes no new ones."""
    server, client = cable.hosts
    server.member(GROUP)
    implementations.load()
    listening = listener(server, GROUP)
    connection = connect(client, listening, GROUP)
    connection.carries()
    implementations.unload()
    knock = Knock(cable)
    assert knock.answer(GROUP) == SILENCE
    connection.carries()
    implementations.load()
    assert knock.answer(GROUP) == ACCEPTED
    connection.carries()
    connect(client, listening, GROUP).carries()


def test_bound_datagram_socket(cable: Cable) -> None:
    """It has its address for good."""
    server, client = cable.hosts
    server.member(GROUP)
    implementations.load()
    service, asking = server.open(), client.open()
    service.bind((GROUP, PORT))
    for switch in (implementations.unload, implementations.load):
        switch()
        asking.connect((GROUP, PORT))
        asking.send(b"question")
        service.settimeout(20)
        _, source = service.recvfrom(100)
        service.sendto(b"answer", source)
        asking.settimeout(20)
        assert asking.recv(100) == b"answer"


def test_listener_closed_by_the_other_implementation(cable: Cable) -> None:
    """C closes what the module's look-up knew: a new socket in its place has joined nothing."""
    server = cable.server
    server.member(GROUP)
    implementations.load()
    joined = listener(server)
    anycast.join(joined, GROUP, IFINDEX)
    implementations.unload()
    joined.close()
    strangers = [listener(server, options=((socket.SO_REUSEPORT, 1),)) for _ in range(8)]
    implementations.load()
    knock = Knock(cable)
    assert set(knock.answers(GROUP, 16)) == {SILENCE}
    assert set(knock.answers(server.address, 16)) == {ACCEPTED}
    assert implementations.live() == MODULE
    for sock in strangers:
        sock.close()
