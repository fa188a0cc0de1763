# SPDX-License-Identifier: GPL-2.0
"""Kinds of disturbance of the server's device, each a process that repeats it for a while."""

import itertools
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from pyroute2 import IPRoute, NetlinkError

from harness.process.child import Child
from harness.stress.span import Span
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import PREFIX, Cable
from harness.topology.loss import MTU, MTU_WITHOUT_IPV6, VRF
from harness.topology.namespace import IFA_F_NODAD, SYSCTL, Namespace
from harness.topology.stacked import LOWER

OTHER_NAME = "renamed"
PASSING = PREFIX + "77"


class Site:
    """The device as one process sees it; others work on it, too, so any request may fail.

    Each disturbance says whether all of it was done.
    """

    def __init__(self, cable: Cable, elsewhere: Namespace) -> None:
        host = cable.server
        self._cable = cable
        self.names = host.device, OTHER_NAME
        self._home, self._elsewhere = host.namespace.descriptor(), elsewhere.descriptor()
        self._vrf = host.namespace.index_of(VRF)
        self._lower = host.namespace.index_of(LOWER) if host.has_device(LOWER) else 0
        self._rtnl, self._far = _connection(host.namespace), _connection(elsewhere)
        self._client = _connection(cable.client.namespace)

    def link(self, **attributes: object) -> bool:
        return _done(lambda: self._rtnl.link("set", index=IFINDEX, **attributes))

    def sysctl(self, device: str, name: str, value: str) -> bool:
        file = Path(SYSCTL, "ipv6/conf", device, name)
        return _done(lambda: file.write_text(value, encoding="ascii"))

    def flap(self) -> bool:
        return _all(self.link(state="down"), self.link(state="up"))

    def carrier(self) -> bool:
        return _all(*(self._set_lower(state) for state in ("down", "up")))

    def _set_lower(self, state: str) -> bool:
        return _done(lambda: self._rtnl.link("set", index=self._lower, state=state))

    def rename(self) -> bool:
        return _all(self.link(ifname=OTHER_NAME), self.link(ifname=self.names[0]))

    def move(self) -> bool:
        """Away and back; a device that has been moved is down."""
        away = self.link(net_ns_fd=self._elsewhere)
        back = _done(lambda: self._far.link("set", index=IFINDEX, net_ns_fd=self._home))
        return _all(away, back, self.link(state="up"))

    def forwarding(self) -> bool:
        """A router's own groups come and go, with the role and with the addresses."""
        return _all(*(self._take_role(command) for command in ("add", "del")))

    def _take_role(self, command: str) -> bool:
        value, devices = str(int(command == "del")), ("all", "default", self.names[0])
        roles = [self.sysctl(name, "forwarding", value) for name in devices]
        return _all(*roles, _done(lambda: _address(self._rtnl, command, IFINDEX, PASSING)))

    def delete(self) -> bool:
        """Another device of the same name and index follows."""
        deleted = _done(lambda: self._rtnl.link("del", index=IFINDEX))
        made = _done(lambda: self._cable.make(self._rtnl, self._client))
        return _all(deleted, made, self.link(state="up"), self._readdress())

    def _readdress(self) -> bool:
        ends = zip(self._cable.hosts, (self._rtnl, self._client), strict=True)
        return _all(*(_has_addresses(host, rtnl) for host, rtnl in ends))

    def mtu(self) -> bool:
        return _all(self.link(mtu=MTU_WITHOUT_IPV6), self.link(mtu=MTU))

    def vrf(self) -> bool:
        return _all(self.link(master=self._vrf), self.link(master=0))

    def disable_ipv6(self) -> bool:
        """By whichever name the device has."""
        tries = [[self.sysctl(name, "disable_ipv6", v) for name in self.names] for v in ("1", "0")]
        return _all(*map(any, tries))


def _has_addresses(host: Host, rtnl: IPRoute) -> bool:
    """Give them to the host's device, whose index another process may just have changed."""
    addresses = host.address, host.link_local
    return _done(lambda: [_address(rtnl, "replace", host.ifindex, a) for a in addresses])


def _address(rtnl: IPRoute, command: str, ifindex: int, address: str) -> None:
    rtnl.addr(command, index=ifindex, address=address, prefixlen=64, flags=IFA_F_NODAD)


def _done(request: Callable[[], object]) -> bool:
    try:
        request()
    except (NetlinkError, OSError):
        return False
    return True


def _all(*done: bool) -> bool:
    """Unlike all() of requests, which would not make those after one that fails."""
    return all(done)


KINDS: dict[str, Callable[[Site], bool]] = {
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
    """Its result is how often the disturbances were done by turns, each tried at least once."""

    def work() -> Counter[str]:
        site, turns, tried = Site(cable, elsewhere), Counter[str](), set[str]()
        span.start()
        for kind in itertools.cycle(kinds):
            if span.over(turns) and len(tried) == len(kinds):
                return turns
            turns[kind] += EVERY[kind](site)
            tried.add(kind)
        raise AssertionError("no kinds")

    return span.child(cable.server, work, kinds)


def _connection(namespace: Namespace) -> IPRoute:
    with namespace.inside():
        return IPRoute()
