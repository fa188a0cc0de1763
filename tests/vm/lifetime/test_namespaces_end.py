# SPDX-License-Identifier: GPL-2.0
"""Ending many network namespaces at once takes no longer with the module than without it.

Where nobody has joined a group nothing of ours is waited for: a grace period for each namespace
takes several times as long. For figures: the same in a VM whose clock counts instructions, with two
processors, for with one the kernel need not wait for grace periods (scripts/vm --icount --smp 2).
"""

import os
import time
from pathlib import Path

import pytest

from harness.kernel import implementation
from harness.topology.namespace import Namespace, restored
from harness.wait import eventually

NAMESPACES, REPEATS = 30, 5
# The machine may do other work meanwhile.
LIMIT = 2.5
MOST = Path("/proc/sys/user/max_net_namespaces")


def may_make_one() -> bool:
    """Whether there may be one more network namespace."""
    with restored():
        try:
            os.unshare(os.CLONE_NEWNET)
        except OSError:
            return False
    return True


def allow_one_more() -> None:
    """Until there is one more than now, and no other."""
    most = 1
    MOST.write_text(str(most), encoding="ascii")
    while not may_make_one():
        most += 1
        MOST.write_text(str(most), encoding="ascii")


def populated() -> Namespace:
    """With a device that is up and has an address."""
    namespace = Namespace()
    namespace.add_dummy("dummy0", "2001:db8::1")
    return namespace


def seconds_to_end() -> float:
    before = MOST.read_text(encoding="ascii")
    allow_one_more()
    limit = MOST.read_text(encoding="ascii")
    try:
        MOST.write_text(before, encoding="ascii")
        namespaces = [populated() for _ in range(NAMESPACES)]
        MOST.write_text(limit, encoding="ascii")
        began = time.monotonic()
        for namespace in namespaces:
            namespace.close()
        eventually("all are gone", may_make_one)
        return time.monotonic() - began
    finally:
        MOST.write_text(before, encoding="ascii")


def least() -> float:
    return min(seconds_to_end() for _ in range(REPEATS))


@pytest.mark.ordinary_kernel
def test_many_end_at_once() -> None:
    implementation.switch_to(implementation.BUILTIN_C)
    without = least()
    implementation.switch_to(implementation.MODULE)
    with_it = least()
    implementation.switch_to(implementation.BUILTIN_C)
    print(f"{NAMESPACES} namespaces: {without:.3f} s without, {with_it:.3f} s with the module")
    assert with_it <= LIMIT * without
