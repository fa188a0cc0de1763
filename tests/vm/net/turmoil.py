# SPDX-License-Identifier: GPL-2.0
"""Kinds of disturbance of the server's device, each a process that repeats it for a while."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pyroute2 import IPRoute, NetlinkError

from net.child import Child
from net.host import IFINDEX, Host
from net.loss import MTU, MTU_WITHOUT_IPV6, VRF
from net.namespace import SYSCTL, Namespace

OTHER_NAME = "renamed"


class Site:
    """The device as one process sees it; others work on it, too, so any request may fail."""

    def __init__(self, host: Host, elsewhere: Namespace) -> None:
        self.names = host.device, OTHER_NAME
        self._home, self._elsewhere = host.namespace.descriptor(), elsewhere.descriptor()
        self._vrf = host.namespace.index_of(VRF)
        self._rtnl = IPRoute()
        with elsewhere.inside():
            self._far = IPRoute()

    def link(self, **attributes: object) -> None:
        with suppress(NetlinkError):
            self._rtnl.link("set", index=IFINDEX, **attributes)

    def sysctl(self, device: str, name: str, value: str) -> None:
        with suppress(OSError):
            Path(SYSCTL, "ipv6/conf", device, name).write_text(value, encoding="ascii")

    def flap(self) -> None:
        self.link(state="down")
        self.link(state="up")

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
        self.sysctl("all", "forwarding", "0")
        self.sysctl("all", "forwarding", "1")

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


def start(host: Host, kind: str, elsewhere: Namespace, seconds: float) -> Child:
    """Its result is how often the disturbance was repeated, at least once."""

    def work() -> int:
        site, turns = Site(host, elsewhere), 0
        deadline = time.monotonic() + seconds
        while not turns or time.monotonic() < deadline:
            KINDS[kind](site)
            turns += 1
        return turns

    return host.child(work)
