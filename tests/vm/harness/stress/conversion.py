# SPDX-License-Identifier: GPL-2.0
"""Sockets that turn into IPv4 sockets (IPV6_ADDRFORM) while other processes join by them."""

import random
import socket
from collections import Counter

from harness.process.child import Child
from harness.sockopt import anycast
from harness.sockopt.options import IPV6_ADDRFORM
from harness.stress.scene import GROUPS
from harness.stress.span import Span
from harness.topology.host import IFINDEX, Host

IPV4_MAPPED = "::ffff:127.0.0.1", 9
PAUSES = (0, 1, 10, 100, 1000)
ACTIONS = ("conversions", "joins", "leaves")


class Conversion:
    """One process makes the sockets, gives them to two others, and converts them."""

    def __init__(self, host: Host, seed: str, span: Span) -> None:
        self._span = span
        pairs = [socket.socketpair(type=socket.SOCK_SEQPACKET) for _ in range(2)]
        lines = [near for near, _ in pairs]
        self._children: list[Child] = [
            span.child(
                host,
                lambda line=line, number=number: _use(
                    line, lines, random.Random(f"{seed} {number}"), span
                ),
            )
            for number, (_, line) in enumerate(pairs)
        ]
        for _, line in pairs:
            line.close()
        self._children.append(
            span.child(host, lambda: _convert(lines, random.Random(seed), span), ACTIONS[:1])
        )
        for line in lines:
            line.close()

    def done(self) -> Counter[str]:
        return sum((child.result(self._span.limit()) for child in self._children), Counter())


def _convert(lines: list[socket.socket], rng: random.Random, span: Span) -> Counter[str]:
    done: Counter[str] = Counter()
    span.start()
    while not span.over(done):
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            sock.connect(IPV4_MAPPED)
            for line in lines:
                socket.send_fds(line, [b"s"], [sock.fileno()])
            for line in lines:
                line.recv(1)
            for _ in range(rng.choice(PAUSES)):
                pass
            sock.setsockopt(socket.IPPROTO_IPV6, IPV6_ADDRFORM, socket.AF_INET)
            done["conversions"] += 1
    return done


def _use(
    line: socket.socket, far_ends: list[socket.socket], rng: random.Random, span: Span
) -> Counter[str]:
    """Tell of each socket, then join and leave by it for as long as it is an IPv6 socket."""
    for far in far_ends:
        far.close()
    done: Counter[str] = Counter()
    span.start()
    while descriptors := socket.recv_fds(line, 1, 1)[1]:
        with socket.socket(fileno=descriptors[0]) as sock:
            line.send(b"s")
            answer = "OK"
            while answer != "ENOPROTOOPT":
                kind, action = rng.choice((("joins", anycast.join), ("leaves", anycast.leave)))
                group = rng.choice(GROUPS)
                answer = anycast.result(lambda a=action, s=sock, g=group: a(s, g, IFINDEX))
                done[kind] += answer == "OK"
    return done
