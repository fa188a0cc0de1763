# SPDX-License-Identifier: GPL-2.0
"""A cable between hosts, one of which has a device of another kind on top of its end.

    +---------- server -----------+          +---------- client ----------+
    | veth-server, of that kind:  |          |                            |
    | ifindex 11 and the addresses|          |                            |
    |              |              |          |                            |
    |              +------- lower |==========| veth-client                |
    +-----------------------------+   veth   +----------------------------+

A VLAN device needs one at the other end, too: there the veth end is called `lower` as well, and
veth-client is the VLAN device on it.
"""

from dataclasses import dataclass

from pyroute2 import IPRoute

from harness.topology import team
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import Cable

LOWER = "lower"
VLAN = 5
ACTIVE_BACKUP = 1
OPTIONS: dict[str, dict[str, object]] = {
    "bridge": {"br_mcast_snooping": 0},
    "bond": {"bond_mode": ACTIVE_BACKUP, "bond_miimon": 10},
    "macvlan": {"macvlan_mode": "bridge"},
    "vlan": {"vlan_id": VLAN},
}
# Without "team", which only ordinary kernels have.
KINDS = tuple(OPTIONS)
# The lower device is a port of these; the others lie upon it.
MASTERS = ("bridge", "bond", "team")


@dataclass
class Stacked(Cable):
    """The server's device is of `kind`; it can be deleted and made again, the cable stays."""

    kind: str = ""

    def make(self, server_rtnl: IPRoute, client_rtnl: IPRoute) -> None:
        server, client = self.hosts
        tagged = self.kind == "vlan"
        if not server.has_device(LOWER):
            peer = {
                "ifname": LOWER if tagged else client.device,
                "net_ns_fd": client.namespace.descriptor(),
                "address": client.mac,
            }
            server_rtnl.link("add", kind="veth", ifname=LOWER, peer=peer)
        if tagged and not client.has_device():
            lower = client.namespace.index_of(LOWER)
            client_rtnl.link("set", index=lower, state="up")
            vlan = {"kind": "vlan", "link": lower, "vlan_id": VLAN}
            client_rtnl.link("add", ifname=client.device, address=client.mac, **vlan)
        self._make_upper(server, server_rtnl)
        client_rtnl.link("set", index=client.ifindex, state="up")

    def _make_upper(self, server: Host, rtnl: IPRoute) -> None:
        lower = server.namespace.index_of(LOWER)
        upper = {"kind": self.kind, "ifname": server.device, "index": IFINDEX}
        if self.kind not in MASTERS:
            upper["link"] = lower
        if self.kind == "team":
            team.add(server.namespace, server.device, IFINDEX, server.mac)
        else:
            rtnl.link("add", address=server.mac, **upper, **OPTIONS[self.kind])
        if self.kind in MASTERS:  # neither bond nor team takes a port that is up
            rtnl.link("set", index=lower, state="down")
            rtnl.link("set", index=lower, master=IFINDEX)
        rtnl.link("set", index=lower, state="up")
