# SPDX-License-Identifier: GPL-2.0
"""A server on a cable that is about to be disturbed, and how it looks afterwards.

It is a router, whose own groups come and go as well, or a host, whose holds must add up in the end
(harness/views/stat.py).
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from harness.stress.turmoil import OTHER_NAME
from harness.topology import loss
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import PREFIX, Cable
from harness.topology.namespace import Namespace
from harness.views.observer import ABSENT, PUBLISHED, Observer, State

KEPT = PREFIX + "a", PREFIX + "b"
# Each listens to a solicited-node group of its own.
GROUPS = *KEPT, PREFIX + "c", "fe80::d"

type Look = dict[str, tuple[int, State]]


@dataclass
class Scene:
    """`elsewhere` is where devices are moved to; `done` counts disturbances, and what they met."""

    cable: Cable
    observer: Observer
    seed: str
    router: bool = True
    elsewhere: Namespace = field(default_factory=Namespace)
    done: Counter[str] = field(default_factory=Counter)

    @property
    def server(self) -> Host:
        return self.cable.server

    def calm(self) -> None:
        """Undo what disturbances that met may have left behind."""
        server, client = self.cable.hosts
        if not any(server.has_device(name) for name in (server.device, OTHER_NAME)):
            self.cable.plug()
        device = {"ifname": server.device, "mtu": loss.MTU, "master": 0}
        server.namespace.rtnl.link("set", index=IFINDEX, **device)
        server.namespace.rtnl.link("set", index=IFINDEX, state="up")
        server.namespace.sysctl(f"ipv6/conf/{server.device}/disable_ipv6", "0")
        if self.router:
            server.forwarding(True)
        loss.usable(self.cable)
        client.restore_addresses()

    def look(self) -> Look:
        """Users and state of every group."""
        users = {group.address: group.users for group in self.server.groups()}
        return {group: (users.get(group, 0), self.observer.state(group)) for group in GROUPS}


@contextmanager
def laid_out(
    cable: Cable, observer: Observer, seed: str, *, router: bool = True
) -> Iterator[Scene]:
    scene = Scene(cable, observer, seed, router)
    server = cable.server
    if router:
        server.forwarding(True)
    else:
        keep_addresses(server)
    loss.add_vrf(server, loss.VRF, loss.VRFS[loss.VRF])
    yield scene
    server.shut()  # C does not let go of a VRF before all members of groups there have
    loss.delete_vrf(server, loss.VRF)
    scene.elsewhere.close()


def expected(held: Counter[str]) -> Look:
    return {group: (held[group], PUBLISHED if held[group] else ABSENT) for group in GROUPS}


def keep_addresses(host: Host) -> None:
    """While its device is down; a host may join on the prefixes of its addresses only."""
    for name in "all", "default", host.device:
        host.namespace.sysctl(f"ipv6/conf/{name}/keep_addr_on_down", "1")
