# SPDX-License-Identifier: GPL-2.0
"""The links scenarios run on: two hosts on a cable, or several on a bridge.

Each box is a network namespace. Cable:

    +---------- server ----------+          +---------- client ----------+
    |                veth-server |==========| veth-client                |
    | ifindex 11                 |   veth   |                            |
    | 02:00:00:00:00:01          |          |          02:00:00:00:00:02 |
    | 2001:db8:1::1/64           |          |           2001:db8:1::2/64 |
    | fe80::1/64                 |          |                 fe80::2/64 |
    +----------------------------+          +----------------------------+

Bridged, where a group may have two members; each host's device has the ifindex 11 and the
addresses of the host's number:

    +---- server 1 ----+    +---- client 2 ----+    +---- other 3 -----+
    |   veth-server    |    |   veth-client    |    |    veth-other    |
    +--------||--------+    +--------||--------+    +--------||--------+
             ||                      ||                      ||
    +------server------------------client------------------other-------+
    |                              bridge                              |
    +------------------------------ switch ----------------------------+
"""

from dataclasses import dataclass

from pyroute2 import IPRoute

from harness.topology.host import Host
from harness.topology.namespace import Namespace
from harness.wait import eventually

PREFIX = "2001:db8:1::"
# Addresses the scenarios join; none is an address of a host.
GROUP = PREFIX + "a"
SECOND = PREFIX + "b"
THIRD = PREFIX + "c"
LINK_LOCAL_GROUP = "fe80::a"
OFF_PREFIX = "2001:db8:9::a"


@dataclass
class Cable:
    """A server and a client, each in its own namespace, joined by a veth pair."""

    server: Host
    client: Host

    @classmethod
    def build(cls, **more: str) -> "Cable":
        cable = cls(make_host("server", 1), make_host("client", 2), **more)
        cable.plug()
        return cable

    @property
    def hosts(self) -> tuple[Host, Host]:
        return self.server, self.client

    def plug(self) -> None:
        """Make the interfaces; the server's always has the same index and hardware address."""
        self.make(*(host.namespace.rtnl for host in self.hosts))
        for host in self.hosts:
            host.configure()

    def make(self, server_rtnl: IPRoute, client_rtnl: IPRoute) -> None:
        """By the caller's own connections, if it is another process than this one."""
        server, client = self.hosts
        server.connect(client.namespace, client.device, server_rtnl, address=client.mac)
        client_rtnl.link("set", index=client.ifindex, state="up")

    def unplug(self) -> None:
        """Delete the interfaces."""
        self.server.namespace.rtnl.link("del", index=self.server.ifindex)
        eventually("the other end is gone", lambda: not self.client.has_device())

    def works(self) -> bool:
        """Do frames pass?"""
        return all(host.has_device() and host.operational() for host in self.hosts)


@dataclass
class Bridged:
    """A client and two servers on a bridge that stands in a namespace of its own."""

    switch: Namespace
    client: Host
    servers: tuple[Host, Host]

    @classmethod
    def build(cls) -> "Bridged":
        switch = Namespace()
        switch.rtnl.link("add", ifname="bridge", kind="bridge", br_mcast_snooping=0)
        bridge = switch.index_of("bridge")
        switch.rtnl.link("set", index=bridge, state="up")
        server, client, other = hosts = [
            make_host(name, number) for number, name in enumerate(("server", "client", "other"), 1)
        ]
        for host in hosts:
            host.connect(switch, host.name)
            port = switch.index_of(host.name)
            switch.rtnl.link("set", index=port, master=bridge, state="up")
            host.configure()
        return cls(switch, client, (server, other))

    @property
    def hosts(self) -> tuple[Host, ...]:
        return self.client, *self.servers

    def unplug(self, host: Host) -> None:
        """Its frames go nowhere, and it does not notice."""
        self.switch.rtnl.link("set", index=self.switch.index_of(host.name), master=0)

    def plug(self, host: Host) -> None:
        bridge = self.switch.index_of("bridge")
        self.switch.rtnl.link("set", index=self.switch.index_of(host.name), master=bridge)

    def power(self, host: Host, *, on: bool) -> None:
        """Of the port: without, the host's device has no carrier."""
        state = "up" if on else "down"
        self.switch.rtnl.link("set", index=self.switch.index_of(host.name), state=state)


def make_host(name: str, number: int) -> Host:
    """Number 1 has the addresses ::1 and so on."""
    return Host(
        name=name,
        device=f"veth-{name}",
        address=f"{PREFIX}{number}",
        link_local=f"fe80::{number}",
        mac=f"02:00:00:00:00:{number:02x}",
    )
