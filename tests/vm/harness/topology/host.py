# SPDX-License-Identifier: GPL-2.0
"""A host of a scenario: a namespace, its one interface and what it holds open."""

import socket
from collections.abc import Callable
from dataclasses import dataclass, field

from pyroute2 import IPRoute

from harness.process.child import Child
from harness.sockopt import anycast
from harness.sockopt.anycast import Group
from harness.topology.namespace import Namespace
from harness.views.stat import assert_balanced
from harness.views.state import Publication, multicast_users, publication, solicited_node
from harness.wait import eventually

# Of an interface that connect() made, so that listings can be compared with literals.
IFINDEX = 11
NUD_PERMANENT = 0x80


@dataclass
class Host:
    """The addresses are those of the one interface `device`, configured without DAD.

    Both have the same low 24 bits, thus the same solicited-node group.
    """

    name: str
    device: str
    address: str
    link_local: str
    mac: str
    namespace: Namespace = field(default_factory=Namespace)
    # Not shown when an assertion fails: that would wait for a socket that is locked.
    _open: list[socket.socket] = field(default_factory=list, repr=False)
    _children: list[Child] = field(default_factory=list)
    _temporary: list[str] = field(default_factory=list)
    _router: bool = False
    _has_been_router: bool = False
    _excused: bool = False
    _baseline: Publication | None = None

    def connect(
        self, other: Namespace, peer: str, rtnl: IPRoute | None = None, **peer_attributes: str
    ) -> None:
        """Make the host's interface, its other end in another namespace under the name `peer`."""
        (rtnl or self.namespace.rtnl).link(
            "add",
            kind="veth",
            ifname=self.device,
            index=IFINDEX,
            address=self.mac,
            peer={"ifname": peer, "net_ns_fd": other.descriptor(), **peer_attributes},
        )

    def configure(self) -> None:
        """Give the interface its addresses; its other end must be up already.

        What the host publishes at first it must publish at the end of the scenario, too.
        """
        rtnl = self.namespace.rtnl
        rtnl.link("set", index=self.ifindex, state="up")
        eventually(f"{self.device} has a carrier", self.operational)
        self.restore_addresses()
        self._baseline = self._baseline or self.publication()

    def await_use(self, address: str, users: int | None = None) -> None:
        """Until it is in use; `users`: as many addresses of its solicited-node group, no more.

        The kernel takes them into use in a work queue: first that group, the others in the end.
        """
        eventually(
            f"{self.name} listens for {address}",
            lambda: (seen := self.solicited_node_users(address)) and users in (None, seen),
        )
        self.namespace.await_rtnl()

    def operational(self) -> bool:
        (link,) = self.namespace.rtnl.get_links(self.ifindex)
        return link.get_attr("IFLA_OPERSTATE") == "UP"

    @property
    def ifindex(self) -> int:
        return self.namespace.index_of(self.device)

    def restore_addresses(self) -> None:
        """Configure the addresses again after the interface lost any of them."""
        for address in self.address, self.link_local:
            self.namespace.add_address(self.device, address, replace=True)
        self.await_use(self.address, users=2)

    def has_device(self, name: str = "") -> bool:
        """Is the host's interface there, or another one of its namespace?"""
        return (name or self.device).encode() in self.namespace.proc("dev")

    def forget_neighbour(self, address: str) -> None:
        self.namespace.rtnl.neigh("del", dst=address, ifindex=self.ifindex)

    def remember(self, other: "Host") -> None:
        """The other host stays in the neighbour cache: it need not be asked for."""
        entry = {"lladdr": other.mac, "ifindex": self.ifindex, "state": NUD_PERMANENT}
        for address in other.address, other.link_local:
            self.namespace.rtnl.neigh("replace", dst=address, **entry)

    def forwarding(self, enabled: bool) -> None:
        """Make the host a router or a plain host; it ends the scenario as a plain host."""
        self.namespace.sysctl("ipv6/conf/all/forwarding", str(int(enabled)))
        self._router = enabled
        self._has_been_router = True

    def add_temporary_address(self, address: str, *, dad: bool = False) -> None:
        """An address that the interface has until the end of the scenario, and in use."""
        self.namespace.add_address(self.device, address, dad=dad)
        self._temporary.append(address)
        self.await_use(address)

    def proxy_delay(self, hundredths: int) -> None:
        """The bound of the random delay of an anycast advertisement, in 1/100 s."""
        self.namespace.sysctl(f"ipv6/neigh/{self.device}/proxy_delay", str(hundredths))

    def open(
        self, kind: int = socket.SOCK_DGRAM, proto: int = 0, family: int = socket.AF_INET6
    ) -> socket.socket:
        with self.namespace.inside():
            sock = socket.socket(family, kind, proto)
        self._open.append(sock)
        return sock

    def adopt(self, sock: socket.socket) -> socket.socket:
        """Have a socket closed with the host's own at the end of the scenario."""
        self._open.append(sock)
        return sock

    def member(self, *addresses: str) -> socket.socket:
        """A new datagram socket that joined the addresses on the host's interface."""
        sock = self.open()
        for address in addresses:
            anycast.join(sock, address, self.ifindex)
        return sock

    def child(self, work: Callable[[], object]) -> Child:
        """Fork a process that does `work` in this host's namespace."""
        with self.namespace.inside():
            child = Child(work)
        self._children.append(child)
        return child

    def groups(self) -> list[Group]:
        return anycast.parse(self.namespace.proc("anycast6"))

    def publication(self) -> Publication:
        return publication(self.namespace)

    def solicited_node_users(self, address: str) -> int:
        """Who listens on the interface for solicitations of the address (and of others like it)."""
        return multicast_users(self.namespace, self.device, solicited_node(address))

    def shut(self) -> None:
        """Close everything the scenario opened here, take back what it changed."""
        for child in self._children:
            child.kill()
        for sock in self._open:
            sock.close()
        for address in self._temporary:
            self.namespace.delete_address(self.device, address)
        if self._router:
            self.forwarding(False)

    def excuse(self) -> None:
        """What is left behind is not looked at: built-in C has been seen to be wrong here."""
        self._excused = True

    def assert_nothing_left(self, *, counted: bool = False) -> None:
        """Groups, routes and multicast users are what they were before the scenario.

        A scenario that does away with the interface or the namespace must leave no group.
        `counted`: the module has counted all that happened.
        """
        if self.namespace.closed or self._excused:
            return
        if counted:
            assert_balanced(self.namespace, router=self._has_been_router)
        if self.has_device():
            assert self.publication() == self._baseline, f"{self.name}: left behind or lost"
        else:
            assert self.groups() == [], f"{self.name}: left behind"
            assert self.publication().routes == frozenset(), f"{self.name}: left behind"
