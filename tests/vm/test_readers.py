# SPDX-License-Identifier: GPL-2.0
"""Who reads the listing while groups come and go sees those that stay."""

import os
import random
import time

import pytest

from net import anycast
from net.anycast import Group, parse
from net.host import IFINDEX, Host
from net.lan import GROUP

SECONDS = 5.0
# They fit the one page that the kernel fills at a time.
COMING_AND_GOING = [f"2001:db8:1::1:{number:x}" for number in range(40)]


def churn(host: Host) -> int:
    """Join and leave at random, the younger and the older ones; how often."""
    os.sched_setaffinity(0, {0})
    sock, held, turns = host.open(), set(), 0
    rng = random.Random(0)
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        group = rng.choice(COMING_AND_GOING)
        (anycast.leave if group in held else anycast.join)(sock, group, IFINDEX)
        held ^= {group}
        turns += 1
    return turns


def read(host: Host) -> int:
    """Read all of it in one call, again and again; how often the lasting group was missing."""
    os.sched_setaffinity(0, {1})
    file = host.namespace.open_proc("anycast6")
    missing = 0
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        listing = parse(os.pread(file, 65536, 0))
        missing += Group(host.device, GROUP, 1) not in listing
    return missing


@pytest.mark.usefixtures("implementation")
def test_listing_during_churn(server: Host) -> None:
    server.member(GROUP)
    reader = server.child(lambda: read(server))
    churner = server.child(lambda: churn(server))
    assert churner.result() > 0
    assert reader.result() == 0
