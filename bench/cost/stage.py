# SPDX-License-Identifier: GPL-2.0
"""Where it is measured: a host with one interface, and a neighbour that does nothing by itself."""

import resource
import socket

from cost.frames import HOST, HOST_LINK_LOCAL, HOST_MAC, NEIGHBOUR, NEIGHBOUR_MAC, PORT
from cost.meter import Meter
from harness.topology.namespace import Namespace
from harness.views.state import multicast_users, solicited_node
from harness.wait import eventually
from harness.wire.frames import packet_socket

DEVICE, OTHER_END = "veth-host", "veth-neighbour"
MANY = 1 << 20


class Stage:
    """The host has an address, a neighbour that it knows for good, and a TCP listener on `::`."""

    def __init__(self) -> None:
        self.host, self.neighbour = Namespace(), Namespace()
        self._connect()
        self._allow_many()
        self._answer_at_once()
        self._wire = packet_socket(self.neighbour, OTHER_END)
        with self.host.inside():
            self.listener = socket.create_server(("::", PORT), family=socket.AF_INET6)
            self.meter = Meter(self._wire.fileno())
        self.ifindex = self.host.index_of(DEVICE)

    def _connect(self) -> None:
        self.host.rtnl.link(
            "add",
            kind="veth",
            ifname=DEVICE,
            address=HOST_MAC,
            peer={
                "ifname": OTHER_END,
                "address": NEIGHBOUR_MAC,
                "net_ns_fd": self.neighbour.descriptor(),
            },
        )
        self.neighbour.sysctl(f"ipv6/conf/{OTHER_END}/disable_ipv6", "1")
        for namespace, device in (self.neighbour, OTHER_END), (self.host, DEVICE):
            namespace.rtnl.link("set", index=namespace.index_of(device), state="up")
        for address in HOST, HOST_LINK_LOCAL:
            self.host.add_address(DEVICE, address)
        ours = (DEVICE, solicited_node(HOST))
        eventually("the host listens", lambda: multicast_users(self.host, *ours))
        self.host.rtnl.neigh(
            "add",
            dst=NEIGHBOUR,
            lladdr=NEIGHBOUR_MAC,
            ifindex=self.host.index_of(DEVICE),
            state="permanent",
        )

    def _allow_many(self) -> None:
        self.host.sysctl("core/optmem_max", str(1 << 30))
        resource.setrlimit(resource.RLIMIT_NOFILE, (MANY, MANY))

    def _answer_at_once(self) -> None:
        """Each solicitation and each SYN for itself, as nothing is remembered of the one before."""
        self.host.sysctl(f"ipv6/neigh/{DEVICE}/proxy_delay", "0")
        self.host.sysctl("ipv4/tcp_syncookies", "2")

    def allow_groups(self, count: int) -> None:
        """A setting of the module."""
        self.host.sysctl("ipv6/anycast6/max_groups", str(count))

    def close(self) -> None:
        self.meter.close()
        self.listener.close()
        self._wire.close()
        self.host.close()
        self.neighbour.close()
