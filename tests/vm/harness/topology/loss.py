# SPDX-License-Identifier: GPL-2.0
"""What takes a device of the server's, or IPv6 on it, away for a while."""

from collections.abc import Callable
from typing import NamedTuple

from harness.topology.host import Host
from harness.topology.lan import Cable
from harness.topology.namespace import Namespace
from harness.wait import eventually

MTU, MTU_WITHOUT_IPV6 = 1500, 1279
VRF, OTHER_VRF = "red", "blue"
VRFS = {VRF: 10, OTHER_VRF: 20}


class Loss(NamedTuple):
    """`restore` also gives the device back the addresses it lost."""

    lose: Callable[[Cable], None]
    restore: Callable[[Cable], None]


def set_link(host: Host, **attributes: object) -> None:
    host.namespace.rtnl.link("set", index=host.ifindex, **attributes)


def down(cable: Cable) -> None:
    set_link(cable.server, state="down")


def up(cable: Cable) -> None:
    set_link(cable.server, state="up")
    usable(cable)


def usable(cable: Cable) -> None:
    """The link works, and the server has its addresses."""
    eventually("the cable works", cable.works)
    cable.server.restore_addresses()


def disable(cable: Cable) -> None:
    cable.server.namespace.sysctl(f"ipv6/conf/{cable.server.device}/disable_ipv6", "1")


def enable(cable: Cable) -> None:
    cable.server.namespace.sysctl(f"ipv6/conf/{cable.server.device}/disable_ipv6", "0")
    usable(cable)


def shrink(cable: Cable) -> None:
    """IPv6 leaves a device with an MTU below its minimum."""
    set_link(cable.server, mtu=MTU_WITHOUT_IPV6)


def grow(cable: Cable) -> None:
    set_link(cable.server, mtu=MTU)
    usable(cable)


def add_vrf(host: Host, name: str, table: int) -> None:
    rtnl = host.namespace.rtnl
    rtnl.link("add", ifname=name, kind="vrf", vrf_table=table)
    rtnl.link("set", index=host.namespace.index_of(name), state="up")


def delete_vrf(host: Host, name: str) -> None:
    host.namespace.delete_device(name)


def enslave(cable: Cable, vrf: str = VRF) -> None:
    """The kernel takes the device down and up again, and its routes go to the VRF's table."""
    set_link(cable.server, master=cable.server.namespace.index_of(vrf))
    usable(cable)


def release(cable: Cable) -> None:
    set_link(cable.server, master=0)
    usable(cable)


def move_away(cable: Cable) -> None:
    """The device goes to another namespace, which learns nothing of its groups and ends."""
    elsewhere = Namespace()
    set_link(cable.server, net_ns_fd=elsewhere.descriptor())
    assert elsewhere.proc("anycast6") == b""
    elsewhere.close()
    eventually("the cable is gone", lambda: not cable.client.has_device())


LOSSES = {
    "down": Loss(down, up),
    "disable_ipv6": Loss(disable, enable),
    "mtu": Loss(shrink, grow),
}
