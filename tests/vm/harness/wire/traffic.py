# SPDX-License-Identifier: GPL-2.0
"""A client that asks a server in several ways, one question after the other, and counts."""

import socket
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from scapy.packet import Packet

from harness.process.child import Child
from harness.stress.span import Span
from harness.topology.host import Host
from harness.topology.lan import Cable
from harness.wire import tcp
from harness.wire.ndisc import Peer

PORT = 4244
# Seconds for an answer; questions are not repeated, so a lost one is not made up for. Only TCP
# repeats those of connections, which therefore show no more than that the server can be reached.
PATIENCE = 15.0
PACE = 0.05


class Traffic:
    """Each kind of question is asked by a process of its own until the span is over."""

    def __init__(self, server: Host, client: Host, span: Span) -> None:
        self._server, self._client, self._span = server, client, span
        self._asking: list[Child] = []
        self._answering: list[Child] = []

    def datagrams(self, group: str) -> None:
        """To a program that holds the group and sends them back."""
        service = self._server.member(group)
        service.bind(("::", PORT))
        self._answering.append(self._server.child(lambda: _echo(service)))
        service.close()
        sock = self._client.open()
        sock.settimeout(PATIENCE)
        self._ask("datagrams", lambda number: _exchanged(sock, (group, PORT), number))

    def solicitations(self, peer: Peer, group: str) -> None:
        """For a group that the client's kernel does not ask for."""
        question = peer.ask(group, multicast=True)
        self._ask("solicitations", lambda _: _advertised(peer, question, group))

    def connections(self) -> None:
        """Each to the server's own address, and used once."""
        listener = self._server.open(socket.SOCK_STREAM)
        listener.bind((self._server.address, PORT))
        listener.listen(64)
        self._answering.append(self._server.child(lambda: _serve(listener)))
        listener.close()
        self._ask("connections", lambda number: _connected(self._server.address, number))

    def syns(self, cable: Cable) -> None:
        """To a listener on any address, made by hand: unlike a connection's they are sent once."""
        knock = tcp.Knock(cable)
        self._ask("syns", lambda _: knock.answer(self._server.address) == tcp.ACCEPTED)

    def _ask(self, kind: str, ask: Callable[[int], bool]) -> None:
        def work() -> tuple[str, int, int]:
            asked = lost = 0
            self._span.start()
            while not self._span.over():
                asked += 1
                lost += not ask(asked)
                time.sleep(PACE)
            return kind, asked, lost

        self._asking.append(self._span.child(self._client, work))

    def done(self) -> tuple[Counter[str], Counter[str]]:
        """How many questions of each kind were asked, and how many of them got no answer."""
        results = [child.result(self._span.limit()) for child in self._asking]
        for child in self._answering:
            child.kill()
        asked = Counter({kind: count for kind, count, _ in results})
        return asked, Counter({kind: count for kind, _, count in results})


def _echo(service: socket.socket) -> None:
    while True:
        data, source = service.recvfrom(64)
        service.sendto(data, source)


def _serve(listener: socket.socket) -> None:
    while True:
        with suppress(ConnectionError), listener.accept()[0] as sock:
            sock.sendall(sock.recv(64))


def _exchanged(sock: socket.socket, service: tuple[str, int], number: int) -> bool:
    question = str(number).encode()
    sock.sendto(question, service)
    with suppress(TimeoutError):
        while sock.recv(64) != question:
            pass
        return True
    return False


def _advertised(peer: Peer, question: Packet, group: str) -> bool:
    with tcp.one_processor():
        return len(peer.answers(question, group)) == 1


def _connected(address: str, number: int) -> bool:
    question = str(number).encode()
    with (
        suppress(OSError),
        socket.create_connection((address, PORT), timeout=PATIENCE) as sock,
    ):
        sock.sendall(question)
        return sock.recv(64) == question
    return False
