# SPDX-License-Identifier: GPL-2.0
"""Waiting for a condition, with a limit; no scenario sleeps for a fixed time."""

import time
from collections.abc import Callable

LIMIT = 20.0
STEP = 0.01


def eventually[T](
    what: str, condition: Callable[[], T], limit: float = LIMIT, *, step: float = STEP
) -> T:
    """Poll `condition` until it is true and return its value, or fail naming `what`."""
    deadline = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {limit:g} s, last value {value!r}")
        time.sleep(step)


def settled[T](look: Callable[[], T], *final: T, limit: float = LIMIT) -> T:
    """Poll `look` until it gives one of the final values; return that, or what it gave last."""
    deadline = time.monotonic() + limit
    while True:
        value = look()
        if value in final or time.monotonic() > deadline:
            return value
        time.sleep(STEP)
