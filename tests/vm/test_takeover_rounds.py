# SPDX-License-Identifier: GPL-2.0
"""Switching to and fro, with traffic, and with programs that join and leave all the while."""

import socket
import time

from net import anycast
from net.anycast import Group
from net.child import Child
from net.host import Host
from net.implementation import BUILTIN_C, MODULE, switch_to
from net.lan import GROUP, PREFIX, SECOND

ROUNDS = 50
BUSY_ROUNDS = 5
PORT = 4242
PATIENCE = 15.0
PACE = 0.05
BUSY_SECONDS = 30
STOP = b"stop"


def echo(sock: socket.socket) -> int:
    """Answer datagrams until told to stop; returns how many there were."""
    answered = 0
    while True:
        data, source = sock.recvfrom(64)
        sock.sendto(data, source)
        if data == STOP:
            return answered
        answered += 1


def ask(sock: socket.socket, until: socket.socket) -> tuple[int, int]:
    """Ask again and again until told to stop; returns how many were asked, and unanswered."""
    until.setblocking(False)
    asked = lost = 0
    while True:
        try:
            until.recv(1)
        except BlockingIOError:
            pass
        else:
            return asked, lost
        asked += 1
        question = str(asked).encode()
        sock.sendto(question, (GROUP, PORT))
        try:
            while sock.recv(64) != question:
                pass
        except TimeoutError:
            lost += 1
        time.sleep(PACE)


def start_traffic(server: Host, client: Host) -> tuple[Child, Child, socket.socket]:
    """An echo server that holds the group, a client that asks it, and what stops the client."""
    service = server.member(GROUP)
    service.bind(("::", PORT))
    answering = server.child(lambda: echo(service))
    service.close()
    questions = client.open()
    questions.settimeout(PATIENCE)
    stop, told = socket.socketpair()
    return answering, client.child(lambda: ask(questions, told)), client.adopt(stop)


def test_fifty_rounds_under_traffic(server: Host, client: Host) -> None:
    """No question is lost, and after each switch all is as it was before the first."""
    switch_to(BUILTIN_C)
    server.proxy_delay(0)
    server.forwarding(True)
    server.member(SECOND, SECOND)
    answering, asking, stop = start_traffic(server, client)
    published = server.publication()
    assert anycast.parse(published.listing) == [
        Group(server.device, GROUP, 1),
        Group(server.device, SECOND, 2),
        Group(server.device, "fe80::", 1),
        Group(server.device, PREFIX, 1),
    ]
    for _ in range(ROUNDS):
        for implementation in MODULE, BUILTIN_C:
            switch_to(implementation)
            assert server.publication() == published
    stop.send(b"!")
    asked, lost = asking.result()
    assert lost == 0
    assert asked > ROUNDS
    client.open().sendto(STOP, (GROUP, PORT))
    assert answering.result() == asked


def join_and_leave(host: Host, address: str, deadline: float) -> int:
    """Hold a group by turns, ended by leave and by close; returns how many turns it were."""
    turns = 0
    while time.monotonic() < deadline:
        sock = host.member(address, GROUP)
        if turns % 2:
            anycast.leave(sock, GROUP, host.ifindex)
            anycast.leave(sock, address, 0)
        sock.close()
        turns += 1
    return turns


def read_listing(host: Host, deadline: float) -> int:
    """Read /proc/net/anycast6 all the time; each reading must be well-formed."""
    readings = 0
    while time.monotonic() < deadline:
        host.groups()
        readings += 1
    return readings


def switch_role(host: Host, deadline: float) -> int:
    """Have addrconf add and drop its groups."""
    turns = 0
    while time.monotonic() < deadline:
        host.forwarding(turns % 2 == 0)
        turns += 1
    host.forwarding(False)
    return turns


def test_programs_join_and_leave_during_the_switches(server: Host) -> None:
    """Whichever implementation each step falls on, nothing is left in the end."""
    switch_to(BUILTIN_C)
    deadline = time.monotonic() + BUSY_SECONDS
    children = [
        server.child(lambda number=number: join_and_leave(server, f"{PREFIX}{number}", deadline))
        for number in range(10, 13)
    ]
    children.append(server.child(lambda: read_listing(server, deadline)))
    children.append(server.child(lambda: switch_role(server, deadline)))
    rounds = 0
    while time.monotonic() < deadline or rounds < BUSY_ROUNDS:
        switch_to(MODULE)
        switch_to(BUILTIN_C)
        rounds += 1
    turns = [child.result() for child in children]
    assert min(turns) > 0
    assert rounds >= BUSY_ROUNDS
    server.assert_nothing_left()
