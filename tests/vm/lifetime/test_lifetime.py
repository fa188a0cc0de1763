# SPDX-License-Identifier: GPL-2.0
"""A membership lasts as long as its socket, whoever holds the socket."""

import os
import signal
import socket

import pytest

from harness.sockopt import anycast
from harness.sockopt.anycast import Group
from harness.sockopt.options import IPV6_ADDRFORM
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, SECOND
from harness.wait import eventually

pytestmark = pytest.mark.usefixtures("implementation")

ONE = [Group("veth-server", GROUP, 1)]
PORT = 4242


def test_each_socket_counts(server: Host) -> None:
    members = [server.member(GROUP) for _ in range(3)]
    for left in (2, 1):
        members.pop().close()
        assert server.groups() == [Group("veth-server", GROUP, left)]
    members.pop().close()
    assert server.groups() == []


@pytest.mark.smoke("module")
def test_close_releases_every_group(server: Host) -> None:
    sock = server.member(GROUP, SECOND, GROUP)
    assert len(server.groups()) == 2
    sock.close()
    assert server.groups() == []


def test_shutdown_releases_nothing(server: Host, client: Host) -> None:
    sock = server.member(GROUP)
    sock.connect((client.address, PORT))
    sock.shutdown(socket.SHUT_RDWR)
    assert server.groups() == ONE


def test_duplicate_descriptor_keeps_the_group(server: Host) -> None:
    sock = server.member(GROUP)
    duplicate = server.adopt(sock.dup())
    sock.close()
    assert server.groups() == ONE
    duplicate.close()
    assert server.groups() == []


def test_forked_child_keeps_the_group(server: Host) -> None:
    """One membership, two holders: the count stays, and the last holder's end releases it."""
    sock = server.member(GROUP)
    child = server.child(signal.pause)
    sock.close()
    assert server.groups() == ONE
    child.kill()
    assert server.groups() == []


def test_forked_child_may_leave(server: Host) -> None:
    sock = server.member(GROUP)
    server.child(lambda: anycast.leave(sock, GROUP, IFINDEX)).result()
    assert server.groups() == []
    assert anycast.result(lambda: anycast.leave(sock, GROUP, IFINDEX)) == "ENOENT"


@pytest.mark.smoke("module")
def test_killed_process_releases(server: Host) -> None:
    def work() -> None:
        server.member(GROUP)
        signal.pause()

    child = server.child(work)
    eventually("the child has joined", server.groups)
    child.kill()
    assert server.groups() == []


@pytest.mark.parametrize("inherited", [True, False], ids=["inherited", "close-on-exec"])
def test_exec(server: Host, inherited: bool) -> None:
    sock = server.member(GROUP)
    os.set_inheritable(sock.fileno(), inherited)
    child = server.child(lambda: os.execvp("sleep", ["sleep", "infinity"]))
    eventually("the child runs sleep", lambda: child.command() == "sleep")
    sock.close()
    assert server.groups() == (ONE if inherited else [])
    child.kill()
    assert server.groups() == []


def test_passed_descriptor_keeps_the_group(server: Host) -> None:
    """While it is in flight, nobody but the receiver's queue holds the socket."""
    sender, receiver = socket.socketpair(socket.AF_UNIX)
    sock = server.member(GROUP)
    socket.send_fds(sender, [b"x"], [sock.fileno()])
    sock.close()
    assert server.groups() == ONE

    _, (received,), _, _ = socket.recv_fds(receiver, 1, 1)
    assert server.groups() == ONE
    os.close(received)
    assert server.groups() == []
    sender.close()
    receiver.close()


def test_descriptor_lost_in_flight_releases(server: Host) -> None:
    sender, receiver = socket.socketpair(socket.AF_UNIX)
    sock = server.member(GROUP)
    socket.send_fds(sender, [b"x"], [sock.fileno()])
    sock.close()
    sender.close()
    receiver.close()
    eventually("the group is released", lambda: not server.groups())


def test_accepted_child_inherits_nothing(server: Host, client: Host) -> None:
    listener = server.open(socket.SOCK_STREAM)
    anycast.join(listener, GROUP, IFINDEX)
    listener.bind((server.address, PORT))
    listener.listen()
    connection = client.open(socket.SOCK_STREAM)
    connection.connect((server.address, PORT))
    accepted = server.adopt(listener.accept()[0])

    assert anycast.result(lambda: anycast.leave(accepted, GROUP, IFINDEX)) == "ENOENT"
    assert server.groups() == ONE
    accepted.close()
    assert server.groups() == ONE
    listener.close()
    assert server.groups() == []


def test_membership_of_an_accepted_child_is_its_own(server: Host, client: Host) -> None:
    listener = server.open(socket.SOCK_STREAM)
    listener.bind((server.address, PORT))
    listener.listen()
    connection = client.open(socket.SOCK_STREAM)
    connection.connect((server.address, PORT))
    accepted = server.adopt(listener.accept()[0])
    anycast.join(accepted, GROUP, IFINDEX)
    listener.close()
    assert server.groups() == ONE
    accepted.close()
    assert server.groups() == []


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM], ids=["tcp", "udp"])
def test_turning_into_an_ipv4_socket_releases(server: Host, kind: int) -> None:
    """IPV6_ADDRFORM; the socket is IPv4 then and cannot leave any more."""
    listener = server.open(socket.SOCK_STREAM, family=socket.AF_INET)
    listener.bind(("127.0.0.1", PORT))
    listener.listen()
    sock = server.open(kind)
    sock.connect(("::ffff:127.0.0.1", PORT))
    anycast.join(sock, GROUP, IFINDEX)
    anycast.join(sock, SECOND, IFINDEX)
    sock.setsockopt(socket.IPPROTO_IPV6, IPV6_ADDRFORM, socket.AF_INET)
    assert server.groups() == []
    assert anycast.result(lambda: anycast.leave(sock, GROUP, IFINDEX)) == "ENOPROTOOPT"
    sock.close()
    assert server.groups() == []
