# SPDX-License-Identifier: GPL-2.0
"""Kinds of disturbance of the server's device, each a process that repeats it for a while."""

import itertools
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pyroute2 import IPRoute, NetlinkError

from harness.process.child import Child
from harness.stress.span import Span
from harness.topology.host import IFINDEX
from harness.topology.lan import PREFIX, Cable
from harness.topology.loss import MTU, MTU_WITHOUT_IPV6, VRF
from harness.topology.namespace import IFA_F_NODAD, SYSCTL, Namespace
from harness.topology.stacked import LOWER

OTHER_NAME = "renamed"
PASSING = PREFIX + "77"


class Site:
    """The device as one process sees it; others work on it, too, so any request may fail."""

    def __init__(self, cable: Cable, elsewhere: Namespace) -> None:
        host = cable.server
        self._cable = cable
        self.names = host.device, OTHER_NAME
        self._home, self._elsewhere = host.namespace.descriptor(), elsewhere.descriptor()
        self._vrf = host.namespace.index_of(VRF)
        self._lower = host.namespace.index_of(LOWER) if host.has_device(LOWER) else 0
        self._rtnl, self._far = _connection(host.namespace), _connection(elsewhere)
        self._client = _connection(cable.client.namespace)

    def link(self, **attributes: object) -> None:
        with suppress(NetlinkError):
            self._rtnl.link("set", index=IFINDEX, **attributes)

    def sysctl(self, device: str, name: str, value: str) -> None:
        with suppress(OSError):
            Path(SYSCTL, "ipv6/conf", device, name).write_text(value, encoding="ascii")

    def flap(self) -> None:
        self.link(state="down")
        self.link(state="up")

    def carrier(self) -> None:
        for state in "down", "up":
            with suppress(NetlinkError):
                self._rtnl.link("set", index=self._lower, state=state)

    def rename(self) -> None:
        self.link(ifname=OTHER_NAME)
        self.link(ifname=self.names[0])

    def move(self) -> None:
        """Away and back; a device that has been moved is down."""
        self.link(net_ns_fd=self._elsewhere)
        with suppress(NetlinkError):
            self._far.link("set", index=IFINDEX, net_ns_fd=self._home)
        self.link(state="up")

    def forwarding(self) -> None:
        """A router's own groups come and go, with the role and with the addresses."""
        for command in "add", "del":
            for name in "all", "default", self.names[0]:
                self.sysctl(name, "forwarding", str(int(command == "del")))
            self._address(self._rtnl, command, IFINDEX, PASSING)

    def delete(self) -> None:
        """Another device of the same name and index follows."""
        with suppress(NetlinkError):
            self._rtnl.link("del", index=IFINDEX)
        with suppress(NetlinkError, OSError):
            self._cable.make(self._rtnl, self._client)
        self.link(state="up")
        with suppress(OSError):
            for host, rtnl in zip(self._cable.hosts, (self._rtnl, self._client), strict=True):
                for address in host.address, host.link_local:
                    self._address(rtnl, "replace", host.ifindex, address)

    def _address(self, rtnl: IPRoute, command: str, ifindex: int, address: str) -> None:
        with suppress(NetlinkError):
            rtnl.addr(command, index=ifindex, address=address, prefixlen=64, flags=IFA_F_NODAD)

    def mtu(self) -> None:
        self.link(mtu=MTU_WITHOUT_IPV6)
        self.link(mtu=MTU)

    def vrf(self) -> None:
        self.link(master=self._vrf)
        self.link(master=0)

    def disable_ipv6(self) -> None:
        for value in "1", "0":
            for name in self.names:
                self.sysctl(name, "disable_ipv6", value)


KINDS: dict[str, Callable[[Site], None]] = {
    "flap": Site.flap,
    "rename": Site.rename,
    "move": Site.move,
    "forwarding": Site.forwarding,
    "mtu": Site.mtu,
    "vrf": Site.vrf,
    "disable_ipv6": Site.disable_ipv6,
}
# Not for two at a time: the other one would do without the device most of the time.
DELETE = "delete"
# Of a device that lies on another one: the carrier goes, too. Not all of them can be moved.
STACKED = ("flap", "carrier", "mtu", "vrf", "disable_ipv6", "forwarding")
EVERY = KINDS | {DELETE: Site.delete, "carrier": Site.carrier}


def start(cable: Cable, kinds: tuple[str, ...], elsewhere: Namespace, span: Span) -> Child:
    """Its result is how often the disturbances were repeated by turns, each at least once."""

    def work() -> Counter[str]:
        site, turns = Site(cable, elsewhere), Counter[str]()
        span.start()
        for kind in itertools.cycle(kinds):
            if span.over(turns) and len(turns) == len(kinds):
                return turns
            EVERY[kind](site)
            turns[kind] += 1
        raise AssertionError("no kinds")

    return span.child(cable.server, work, kinds)


def _connection(namespace: Namespace) -> IPRoute:
    with namespace.inside():
        return IPRoute()
