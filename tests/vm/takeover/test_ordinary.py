# SPDX-License-Identifier: GPL-2.0
"""Sockets that never touch anycast do not notice the module.

The module replaces two functions that such sockets pass through: that of bind() and that of a SYN.
The kernel has programs of its own to test those (tools/testing/selftests/net), but distributions do
not ship them built; so a fixed set of operations is done with each implementation, and whatever can
be seen of them must be the same.
"""

from collections import Counter
from ipaddress import IPv6Address

import pytest

from harness.kernel.implementation import BUILTIN_C, MODULE, switch_to
from harness.topology.lan import GROUP, LINK_LOCAL_GROUP, THIRD, Cable
from harness.wire.ordinary import Row, rows


@pytest.fixture(scope="module")
def in_c() -> list[Row]:
    switch_to(BUILTIN_C)
    return seen()


def test_the_set_is_worth_comparing(in_c: list[Row]) -> None:
    """Each row has a name of its own, and much succeeds as well as much fails."""
    assert len({name for name, _ in in_c}) == len(in_c) > 2500
    outcomes = Counter(str(outcome[0]) for _, outcome in in_c if isinstance(outcome, tuple | list))
    assert {"OK", "EADDRNOTAVAIL", "EINVAL", "ENODEV", "SYN-ACK", "silence"} <= set(outcomes)
    assert outcomes["OK"] > 500


def test_without_groups(in_c: list[Row]) -> None:
    switch_to(MODULE)
    assert different(seen(), in_c) == []


def test_with_groups_of_others(in_c: list[Row]) -> None:
    """None of the rows is about those."""
    switch_to(MODULE)
    assert different(seen(THIRD, LINK_LOCAL_GROUP), in_c) == []


def test_a_difference_is_seen(in_c: list[Row]) -> None:
    """A group that rows are about changes what becomes of those, and of no other."""
    switch_to(MODULE)
    rows_of_group = [name for name, _, _ in different(seen(GROUP), in_c)]
    assert "bind tcp plain 2001:db8:1::a 0" in rows_of_group
    digits = IPv6Address(GROUP).packed.hex()
    assert [name for name in rows_of_group if GROUP not in name and digits not in name] == []


def seen(*held: str) -> list[Row]:
    """All rows, on hosts of which the server holds these groups."""
    cable = Cable.build()
    try:
        cable.server.member(*held)
        return rows(cable)
    finally:
        for host in cable.hosts:
            host.shut()
            host.namespace.close()


def different(found: list[Row], expected: list[Row]) -> list[tuple[str, object, object]]:
    """Names the rows that differ; there are thousands in all."""
    assert [name for name, _ in found] == [name for name, _ in expected]
    pairs = zip(found, expected, strict=True)
    return [(name, new, old) for (name, new), (_, old) in pairs if new != old]
