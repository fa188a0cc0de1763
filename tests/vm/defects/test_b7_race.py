# SPDX-License-Identifier: GPL-2.0
"""B7 at one moment: of a join and a new unicast address of the same device, one wins."""

import mmap
import os
import socket
import struct
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from harness.process.child import Child
from harness.process.privilege import become_nobody
from harness.sockopt import anycast
from harness.stress.soak import Soak
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP
from harness.topology.namespace import IFA_F_NODAD
from harness.topology.requests import Request
from harness.views import settings
from harness.views.state import Publication
from harness.wait import settled

pytestmark = [pytest.mark.module_only, pytest.mark.usefixtures("implementation")]

ROUNDS, GLIMPSE = 100_000, 500
# Of the variations; an emulated machine does 50 rounds a second.
FEWER = 10_000
ROUND = struct.Struct("=q")
PARTIES = 2
# Turns of a loop by which one of them is late: on a busy machine, too, either wins at times.
DELAYS = 0, 1, 3, 10, 30, 100, 300, 1000, 3000
LIMIT = 4 * 3600.0


class Rounds:
    """Both parties begin a step at the same moment, each on a processor of its own."""

    def __init__(self) -> None:
        self._places = mmap.mmap(-1, PARTIES * ROUND.size)

    def together(self, party: int, step: int) -> None:
        """Wait for the other one to have come so far."""
        ROUND.pack_into(self._places, party * ROUND.size, step)
        other = (1 - party) * ROUND.size
        while ROUND.unpack_from(self._places, other)[0] < step:
            pass


@dataclass
class Party:
    """`act` may fail; `undo` is done when it did not."""

    act: Callable[[], object]
    undo: Callable[[], object]

    def play(self, rounds: Rounds, number: int, count: int) -> list[str]:
        """The outcome of each round. In between there are steps at which nothing is undone yet."""
        os.sched_setaffinity(0, {number})
        outcomes = []
        for turn, step in enumerate(range(1, 3 * count, 3)):
            delay = DELAYS[turn // PARTIES % len(DELAYS)] if turn % PARTIES == number else 0
            rounds.together(number, step)
            for _ in range(delay):
                pass
            outcome = anycast.result(self.act)
            outcomes.append(outcome)
            rounds.together(number, step + 1)
            if outcome == "OK":
                self.undo()
            rounds.together(number, step + 2)
        return outcomes


def joiner(sock: socket.socket, ifindex: int) -> Party:
    return Party(
        lambda: anycast.join(sock, GROUP, ifindex), lambda: anycast.leave(sock, GROUP, ifindex)
    )


def adder(server: Host, stack: ExitStack, flags: int) -> Party:
    add = stack.enter_context(Request.add_address(server, IFINDEX, GROUP, flags))
    delete = stack.enter_context(Request.delete_address(server, IFINDEX, GROUP))
    return Party(add.send, delete.send)


def race(
    server: Host, count: int, ifindex: int, flags: int, become: Callable[[], object]
) -> Counter[tuple[str, str]]:
    """How often each pair of outcomes was seen, that of the join first."""
    rounds, sock = Rounds(), server.open()

    def join() -> list[str]:
        become()
        return joiner(sock, ifindex).play(rounds, 0, count)

    def add() -> list[str]:
        with ExitStack() as stack:
            return adder(server, stack, flags).play(rounds, 1, count)

    children: list[Child] = [server.child(join), server.child(add)]
    joined, added = (child.result(LIMIT) for child in children)
    return Counter(zip(joined, added, strict=True))


@pytest.fixture
def unchanged(server: Host) -> Iterator[None]:
    """What is published, and the addresses, are in the end what they were."""

    def world() -> tuple[Publication, str]:
        return server.publication(), server.namespace.ip("-o", "addr")

    before = world()
    yield
    assert settled(world, before) == before


DETECTION = {"nodad": (IFA_F_NODAD, {}), "dad": (0, {"accept_dad": "1"})}
DETECTION["optimistic"] = (0, {"accept_dad": "1", "optimistic_dad": "1"})


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("detection", DETECTION)
@pytest.mark.parametrize("ifindex", [IFINDEX, 0], ids=["named", "unnamed"])
def test_one_wins(server: Host, soak: Soak, ifindex: int, detection: str) -> None:
    """The other one is told: the address is the host's own, or a group."""
    flags, sysctls = DETECTION[detection]
    for name, value in sysctls.items():
        server.namespace.sysctl(f"ipv6/conf/{server.device}/{name}", value)
    rounds = ROUNDS if (ifindex, detection) == (IFINDEX, "nodad") else FEWER
    seen = race(server, soak.count(GLIMPSE, rounds), ifindex, flags, lambda: None)
    assert set(seen) <= {("OK", "EADDRINUSE"), ("EINVAL", "OK")}, seen
    soak.record(joins=seen["OK", "EADDRINUSE"], addresses=seen["EINVAL", "OK"])


@pytest.mark.usefixtures("unchanged")
def test_administrator_wins_against_nobody(server: Host, soak: Soak) -> None:
    """The address is always taken, be it before the join or after it."""
    settings.admission(server.namespace, settings.ON_LINK)
    count = soak.count(GLIMPSE, FEWER)
    seen = race(server, count, IFINDEX, IFA_F_NODAD, become_nobody)
    assert set(seen) <= {("OK", "OK"), ("EINVAL", "OK")}, seen
    soak.record(yielded=seen["OK", "OK"], refused=seen["EINVAL", "OK"])
