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
    value = _polled(condition, bool, limit, step)
    if not value:
        raise AssertionError(f"{what}: not within {limit:g} s, last value {value!r}")
    return value


def settled[T](look: Callable[[], T], *final: T, limit: float = LIMIT) -> T:
    """Poll `look` until it gives one of the final values; return that, or what it gave last."""
    return _polled(look, lambda value: value in final, limit, STEP)


def _polled[T](
    look: Callable[[], T], is_final: Callable[[T], bool], limit: float, step: float
) -> T:
    deadline = time.monotonic() + limit
    while True:
        value = look()
        if is_final(value) or time.monotonic() > deadline:
            return value
        time.sleep(step)
