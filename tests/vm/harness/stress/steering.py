# SPDX-License-Identifier: GPL-2.0
"""A process that suspends, resumes, drains and leases groups at random, with short times."""

import errno
import random
from collections import Counter
from collections.abc import Sequence

from harness.process.child import Child
from harness.stress.span import Span
from harness.topology.host import IFINDEX, Host
from harness.views.control import Control, answer

ACTIONS = ("suspend", "resume", "drain", "lease")
# Milliseconds.
TIMES = (1, 5, 20, 100, 5000)
# What a request may come to while groups, devices and the module come and go.
POSSIBLE = {"OK", "ENOENT", "ENODEV", "EINVAL", "EAGAIN"}


def start(host: Host, groups: Sequence[str], seed: str, span: Span) -> Child:
    """Its result is how often it did what, of what was not refused."""

    def work() -> Counter[str]:
        control, rng, done = Control(), random.Random(seed), Counter[str]()
        span.start()
        while not span.over(done):
            action = rng.choice(ACTIONS)
            done[action] += _act(control, action, rng.choice(groups), rng)
        return done

    return span.child(host, work, ACTIONS)


def _act(control: Control, action: str, group: str, rng: random.Random) -> bool:
    time = (rng.choice(TIMES),) if action in ("drain", "lease") else ()
    seen = answer(lambda: getattr(control, action)(IFINDEX, group, *time)).result
    assert seen in POSSIBLE, f"{action} {group} {time}: {seen}"
    return seen == "OK"


def served_again(control: Control, groups: Sequence[str]) -> None:
    """Take back whatever was asked for."""
    for group in groups:
        for request in (
            lambda g=group: control.lease(IFINDEX, g, 0),
            lambda g=group: control.resume(IFINDEX, g),
        ):
            assert answer(request).result in ("OK", errno.errorcode[errno.ENOENT])
