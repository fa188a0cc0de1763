# SPDX-License-Identifier: GPL-2.0
"""Who reads the listing while groups come and go sees those that stay."""

import os
import random
from collections import Counter

import pytest

from harness.sockopt import anycast
from harness.sockopt.anycast import Group, parse
from harness.stress.soak import Soak
from harness.stress.span import Span
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP

SECONDS = 5.0
# They fit the one page that the kernel fills at a time, and a reader is often at one that goes.
COMING_AND_GOING = [f"2001:db8:1::1:{number:x}" for number in range(8)]
# On one processor the reader waits in the midst of the list while groups go.
PROCESSORS = {"at-once": (0, 1), "by-turns": (0, 0)}


def churn(host: Host, processor: int, rng: random.Random, span: Span) -> int:
    """Join and leave at random, the younger and the older ones; how often."""
    os.sched_setaffinity(0, {processor})
    sock, held, turns = host.open(), set(), 0
    span.start()
    while not span.over():
        group = rng.choice(COMING_AND_GOING)
        (anycast.leave if group in held else anycast.join)(sock, group, IFINDEX)
        held ^= {group}
        turns += 1
    return turns


def read(host: Host, processor: int, span: Span) -> Counter[str]:
    """Read all of it in one call, again and again; how often the lasting group was missing."""
    os.sched_setaffinity(0, {processor})
    file = host.namespace.open_proc("anycast6")
    lasting = os.pread(file, 65536, 0)
    assert parse(lasting) == [Group(host.device, GROUP, 1)]
    done: Counter[str] = Counter()
    span.start()
    while not span.over():
        done["missing"] += lasting not in os.pread(file, 65536, 0)
        done["readings"] += 1
    return done


@pytest.mark.smoke("module-by-turns")
@pytest.mark.usefixtures("implementation")
@pytest.mark.parametrize("way", PROCESSORS)
def test_listing_during_churn(server: Host, rng: random.Random, soak: Soak, way: str) -> None:
    churners, readers = PROCESSORS[way]
    server.member(GROUP)
    span = Span(soak.length(SECONDS))
    reader = span.child(server, lambda: read(server, readers, span))
    churner = span.child(server, lambda: churn(server, churners, rng, span))
    span.begin()
    done = reader.result(span.limit())
    soak.record(joins_and_leaves=churner.result(span.limit()), readings=done["readings"])
    assert done["missing"] == 0
