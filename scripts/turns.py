# SPDX-License-Identifier: GPL-2.0
"""A few of many at each turn."""


def some[T](things: list[T], count: int, turn: int) -> list[T]:
    """`count` of them. Successive turns go through all."""
    first = turn * count
    return [things[(first + n) % len(things)] for n in range(min(count, len(things)))]
