# SPDX-License-Identifier: GPL-2.0
"""Connections to a group: how they are made, and that they live while the group is held."""

import socket
import struct
from collections import Counter
from pathlib import Path

import pytest

from harness.kernel.implementation import MODULE
from harness.sockopt import anycast
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, Cable
from harness.topology.loss import LOSSES
from harness.views.netstat import tcp_counters
from harness.wire.packets import Echo, readable
from harness.wire.tcp import ACCEPTED, PORT, SILENCE, Knock, accept, connect, listener

pytestmark = pytest.mark.usefixtures("undelayed")

TCP_FASTOPEN = 23
TCP_INFO = 11
OPTIONS_OF_TCP_INFO = 5
SYN_CARRIED_DATA = 0x20
CLIENT_AND_SERVER = "3"
WITHOUT_COOKIES = str(0x207)
ALWAYS = "2"
COOKIES = Path("/proc/sys/net/ipv4/tcp_syncookies")
TRIES = 24
KINDS = pytest.mark.parametrize("bound", [True, False], ids=["bound", "joined"])


@pytest.fixture
def served(implementation: str) -> str:
    return ACCEPTED if implementation == MODULE else SILENCE


def serving(host: Host, bound: bool) -> tuple[socket.socket, socket.socket]:
    """A listener of the group, and the socket that holds the group."""
    if bound:
        member = host.member(GROUP)
        return listener(host, GROUP), member
    listening = listener(host)
    anycast.join(listening, GROUP, IFINDEX)
    return listening, listening


@KINDS
@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
def test_connection_outlasts_the_loss_of_the_group(cable: Cable, name: str, bound: bool) -> None:
    """It is silent while the group is away, and what was sent meanwhile arrives afterwards."""
    server, client = cable.hosts
    listening, _ = serving(server, bound)
    connection = connect(client, listening, GROUP)
    connection.carries()
    loss = LOSSES[name]
    loss.lose(cable)
    connection.near.sendall(b"meanwhile")
    assert not readable(connection.far, 0)
    loss.restore(cable)
    server.proxy_delay(0)
    assert connection.far.recv(100) == b"meanwhile"
    connection.carries()
    connect(client, listening, GROUP).carries()


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
def test_connection_outlasts_a_gap_between_members(server: Host, client: Host) -> None:
    """Not held is not answered: nothing is delivered, and nothing resets the connection."""
    listening, member = serving(server, bound=True)
    connection = connect(client, listening, GROUP)
    connection.carries()
    member.close()
    assert server.groups() == []
    connection.near.sendall(b"meanwhile")
    assert not readable(connection.far, 0.5)
    assert not readable(connection.near, 0)
    server.member(GROUP)
    assert connection.far.recv(100) == b"meanwhile"
    connection.carries()


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
def test_connection_outlives_its_listener(server: Host, client: Host) -> None:
    """What was accepted has no membership of its own; it needs the group, not the listener."""
    server.member(GROUP)
    listening, _ = serving(server, bound=False)
    connection = connect(client, listening, GROUP)
    anycast.leave(listening, GROUP, IFINDEX)
    connection.carries()
    listening.close()
    connection.carries()


@KINDS
def test_syn_cookies(cable: Cable, served: str, bound: bool) -> None:
    if not COOKIES.exists():
        pytest.skip("this kernel has no SYN cookies")
    server, client = cable.hosts
    server.namespace.sysctl("ipv4/tcp_syncookies", ALWAYS)
    if served == ACCEPTED:
        listening, _ = serving(server, bound)
        before = received_cookies(server)
        connection = connect(client, listening, GROUP)
        connection.carries()
        assert connection.served_from == GROUP
        assert received_cookies(server) == before + 1
        listening.close()
    listener(server)
    server.member(GROUP)
    knock = Knock(cable)
    assert [knock.answer(a) for a in (GROUP, server.address)] == [SILENCE, ACCEPTED]


def received_cookies(host: Host) -> int:
    return tcp_counters(host.namespace)["SyncookiesRecv"]


@KINDS
@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
def test_fast_open(cable: Cable, bound: bool) -> None:
    """The first connection brings the client a cookie, the second one's SYN carries data."""
    for host in cable.hosts:
        host.namespace.sysctl("ipv4/tcp_fastopen", CLIENT_AND_SERVER)
    server, client = cable.hosts
    listening, _ = serving(server, bound)
    listening.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, 16)
    for carried in (0, SYN_CARRIED_DATA):
        near = client.open(socket.SOCK_STREAM)
        near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("=qq", 20, 0))
        near.sendto(b"at once", socket.MSG_FASTOPEN, (GROUP, PORT))
        near.settimeout(20)
        connection = accept(client, listening, near)
        assert connection.far.recv(100) == b"at once"
        info = connection.far.getsockopt(socket.IPPROTO_TCP, TCP_INFO, 64)
        assert info[OPTIONS_OF_TCP_INFO] & SYN_CARRIED_DATA == carried
        connection.carries()


@pytest.mark.usefixtures("implementation")
def test_fast_open_does_not_reach_others(cable: Cable) -> None:
    """Data in the SYN changes nothing for a listener that serves other addresses."""
    for host in cable.hosts:
        host.namespace.sysctl("ipv4/tcp_fastopen", WITHOUT_COOKIES)
    server, client = cable.hosts
    listening = listener(server)
    listening.setsockopt(socket.IPPROTO_TCP, TCP_FASTOPEN, 16)
    server.member(GROUP)
    assert Echo(client).answerer(GROUP)  # what comes first is sent first
    near = client.open(socket.SOCK_STREAM)
    near.setblocking(False)
    assert near.sendto(b"group", socket.MSG_FASTOPEN, (GROUP, PORT)) == len(b"group")
    behind = client.open(socket.SOCK_STREAM)
    behind.sendto(b"unicast", socket.MSG_FASTOPEN, (server.address, PORT))
    assert accept(server, listening, behind).far.recv(100) == b"unicast"
    assert not readable(listening, 0)


REUSE = ((socket.SO_REUSEPORT, 1),)


def test_port_shared_with_a_listener_that_did_not_join(cable: Cable, served: str) -> None:
    """The kernel spreads SYNs over both: those that fall to the stranger are lost, in silence."""
    joined, stranger = (listener(cable.server, options=REUSE) for _ in range(2))
    anycast.join(joined, GROUP, IFINDEX)
    knock = Knock(cable)
    assert set(knock.answers(cable.server.address, TRIES)) == {ACCEPTED}
    answers = Counter(knock.answers(GROUP, TRIES))
    assert set(answers) == {served, SILENCE}
    anycast.join(stranger, GROUP, IFINDEX)
    assert set(knock.answers(GROUP, TRIES)) == {served}


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
def test_port_shared_with_a_bound_listener(cable: Cable) -> None:
    """What is bound to the group goes before the wildcard: no SYN is lost."""
    server = cable.server
    server.member(GROUP)
    listener(server, options=REUSE)
    bound = listener(server, GROUP, options=REUSE)
    knock = Knock(cable)
    assert set(knock.answers(GROUP, TRIES)) == {ACCEPTED}
    assert set(knock.answers(server.address, TRIES)) == {ACCEPTED}
    connect(cable.client, bound, GROUP).carries()


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
def test_port_shared_by_bound_listeners(cable: Cable) -> None:
    """All of them get some."""
    server = cable.server
    server.member(GROUP)
    listeners = [listener(server, GROUP, options=REUSE) for _ in range(2)]
    waiting = []
    for _ in range(TRIES):
        waiting.append(cable.client.open(socket.SOCK_STREAM))
        waiting[-1].settimeout(20)
        waiting[-1].connect((GROUP, PORT))
    assert all(readable(sock, 0) for sock in listeners)


@KINDS
@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
def test_much_data_both_ways(server: Host, client: Host, bound: bool) -> None:
    """Windows open and close, and the end of each direction arrives."""
    data = bytes(range(256)) * 4096
    listening, _ = serving(server, bound)
    connection = connect(client, listening, GROUP)

    def echo() -> int:
        received = b"".join(iter(lambda: connection.far.recv(65536), b""))
        connection.far.sendall(received)
        connection.far.shutdown(socket.SHUT_WR)
        return len(received)

    child = server.child(echo)
    connection.near.sendall(data)
    connection.near.shutdown(socket.SHUT_WR)
    assert b"".join(iter(lambda: connection.near.recv(65536), b"")) == data
    assert child.result() == len(data)
