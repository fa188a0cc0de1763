# SPDX-License-Identifier: GPL-2.0
"""A second device of a host, on which nobody else is.

+----------- server ------------+
|                   veth-server |=== cable
|                         other |
| 2001:db8:1::9/125, fe80::9/64 |
+-------------------------------+
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from harness.topology.host import Host

NAME = "other"
# A prefix in which the groups of the scenarios are, and no host.
GLOBAL, LENGTH = "2001:db8:1::9", 125
LINK_LOCAL = "fe80::9"


class Second(NamedTuple):
    name: str
    ifindex: int


@contextmanager
def second_device(host: Host) -> Iterator[Second]:
    """Gone with all its groups at the end, if not before."""
    namespace = host.namespace
    device = Second(NAME, namespace.add_dummy(NAME))
    namespace.add_address(NAME, GLOBAL, LENGTH)
    namespace.add_address(NAME, LINK_LOCAL)
    yield device
    if host.has_device(NAME):
        namespace.delete_device(NAME)
