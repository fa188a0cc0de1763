# SPDX-License-Identifier: GPL-2.0
"""Whoever reads /proc/net/anycast6_members holds nobody up, and may take his time."""

import os
import random
import time
from collections import Counter
from collections.abc import Callable

import pytest

from harness.sockopt import anycast
from harness.stress.soak import Soak
from harness.stress.span import Span
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, SECOND
from harness.views.members import parse

pytestmark = [pytest.mark.module_only, pytest.mark.usefixtures("implementation")]

HOLDERS = 12000
PER_SOCKET = 4000
READINGS = 5
SECONDS, LEAST = 5.0, 5
LASTING = [f"2001:db8:1::2:{number:x}" for number in range(0, 100, 2)]
PASSING = [f"2001:db8:1::2:{number:x}" for number in range(1, 100, 2)]


def read(file: int, size: int) -> list[bytes]:
    """Piece by piece, from where the reader is."""
    return list(iter(lambda: os.read(file, size), b""))


def holders(server: Host, count: int) -> None:
    for done in range(0, count, PER_SOCKET):
        server.member(*[GROUP] * min(PER_SOCKET, count - done))


def test_pieces_make_the_whole(server: Host) -> None:
    """Of any size, by position, and again from the beginning."""
    server.member(*LASTING, *PASSING, *[GROUP] * 200)
    whole = server.namespace.proc("anycast6_members")
    assert len(whole.splitlines()) == 300
    file = server.namespace.open_proc("anycast6_members")
    for size in 1, 7, 80, 4096, 1 << 20:
        assert b"".join(read(file, size)) == whole
        assert os.lseek(file, 0, os.SEEK_SET) == 0
    for offset in 0, 5000, 4999, 77, 12345, len(whole):
        assert os.pread(file, 100, offset) == whole[offset : offset + 100]
    assert os.lseek(file, 5000, os.SEEK_SET) == 5000
    assert b"".join(read(file, 300)) == whole[5000:]
    os.close(file)


def test_reader_at_what_has_gone(server: Host) -> None:
    """It goes on behind that, with the next group or device."""
    first, second, third = (server.member(address) for address in (GROUP, SECOND, *LASTING[:1]))
    whole = server.namespace.proc("anycast6_members").splitlines(keepends=True)
    file = server.namespace.open_proc("anycast6_members")
    assert os.read(file, len(whole[0])) == whole[0]
    second.close()
    assert os.read(file, 4096) == whole[2]
    third.close()
    assert os.read(file, 4096) == b""
    first.close()
    os.lseek(file, 0, os.SEEK_SET)
    assert os.read(file, 4096) == b""
    os.close(file)


def test_lasting_holds_are_shown_once(server: Host, rng: random.Random, soak: Soak) -> None:
    """Others come and go before and behind them, groups and further holders of theirs."""
    server.member(*LASTING, *LASTING)
    span = Span(soak.length(SECONDS), LEAST)

    def churn() -> int:
        sock, held, turns = server.open(), set[str](), 0
        span.start()
        while not span.over():
            group = rng.choice(PASSING + LASTING)
            (anycast.leave if group in held else anycast.join)(sock, group, IFINDEX)
            held ^= {group}
            turns += 1
        return turns

    def reader() -> Counter[str]:
        file = server.namespace.open_proc("anycast6_members")
        done: Counter[str] = Counter()
        mine = {line.holder for line in parse(server.namespace.proc("anycast6_members"))}
        span.start()
        while not span.over(done):
            os.lseek(file, 0, os.SEEK_SET)
            seen = parse(b"".join(read(file, 200)))
            counts = Counter(line.address for line in seen if line.holder in mine)
            done["wrong"] += counts != Counter(dict.fromkeys(LASTING, 2))
            done["readings"] += 1
        return done

    churner = span.child(server, churn)
    reading = span.child(server, reader, ("readings",))
    span.begin()
    done = reading.result(span.limit())
    soak.record(joins_and_leaves=churner.result(span.limit()), readings=done["readings"])
    assert done["wrong"] == 0


@pytest.mark.ordinary_kernel
@pytest.mark.skipif(os.cpu_count() == 1, reason="one processor does one thing at a time")
def test_joins_do_not_wait_for_a_reading(server: Host, many: Callable[[int], int]) -> None:
    """On the same device, and not for a part of it that can be noticed."""
    count = many(HOLDERS)
    holders(server, count)
    span = Span()

    def joiner() -> list[tuple[float, float]]:
        os.sched_setaffinity(0, {0})
        sock, joins = server.open(), []
        span.start()
        while not span.over():
            before = time.monotonic()
            anycast.join(sock, SECOND, IFINDEX)
            anycast.leave(sock, SECOND, IFINDEX)
            joins.append((before, time.monotonic()))
        return joins

    child = span.child(server, joiner)
    os.sched_setaffinity(0, {1})
    span.begin()
    readings = []
    for _ in range(READINGS):
        before = time.monotonic()
        lines = server.namespace.proc("anycast6_members").count(b"\n")
        readings.append((before, time.monotonic()))
        assert count <= lines <= count + 1
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    span.end()
    joins = child.result(span.limit())
    # The best of several: the machine may be busy with other things, too.
    waits = [
        max((end - begin for begin, end in joins if begin < last and end > first), default=0.0)
        / (last - first)
        for first, last in readings
    ]
    print(f"the longest join took {min(waits):.1%} of the time of a reading")
    assert min(waits) < 0.15
