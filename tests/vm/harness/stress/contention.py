# SPDX-License-Identifier: GPL-2.0
"""Others who take the locks that a scenario is about."""

from collections.abc import Iterator
from contextlib import contextmanager

from pyroute2 import IPRoute

from harness.process.child import Child
from harness.topology.host import Host

NAME, INDEX = "other", 22


@contextmanager
def of_rtnl(server: Host) -> Iterator[None]:
    """Somebody takes RTNL again and again, for a device of no importance."""
    server.namespace.add_dummy(NAME, index=INDEX)

    def change() -> None:
        with server.namespace.inside(), IPRoute() as rtnl:
            while True:
                rtnl.link("set", index=INDEX, mtu=1400)
                rtnl.link("set", index=INDEX, mtu=1500)

    child = Child(change)
    yield
    child.kill()
    server.namespace.rtnl.link("del", index=INDEX)
