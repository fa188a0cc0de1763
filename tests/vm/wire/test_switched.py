# SPDX-License-Identifier: GPL-2.0
"""Members behind a switch: one that forwards multicast to who asks for it only, and two cables.

The link is Bridged (harness/topology/lan.py). With the bond the server has, beside veth-server:

    +----- server -----+          +-- switch --+
    |            port0 |==========| far0       |
    | bond <           |          |   > bridge |
    |            port1 |==========| far1       |
    | 2001:db8:1::81   |          +------------+
    +------------------+
"""

from ipaddress import IPv6Address

import pytest

from harness.kernel.implementation import BUILTIN_C, MODULE, switch_to
from harness.sockopt import anycast
from harness.topology.host import Host
from harness.topology.lan import GROUP, PREFIX, Bridged
from harness.topology.loss import VRF, VRFS, add_vrf, delete_vrf
from harness.wait import eventually
from harness.wire.frames import Wire
from harness.wire.ndisc import Peer, parse
from harness.wire.packets import Echo

NOBODY = f"{PREFIX}77"
BOND, BOND_ADDRESS, ON_BOND = "bond", f"{PREFIX}81", f"{PREFIX}8a"
PORTS = 2


def snoop(bridged: Bridged) -> None:
    """Solicitations of an address that nobody listens for do not get to the servers any more."""
    words = ["link", "set", "bridge", "type", "bridge", "mcast_snooping", "1", "mcast_querier", "1"]
    bridged.switch.add_address("bridge", "fe80::99")
    bridged.switch.run("ip", *words, "mcast_query_response_interval", "50")
    server = bridged.servers[0]
    peer, wire = Peer(bridged.client, server), Wire(server)

    def in_force() -> bool:
        for target in NOBODY, server.address:
            peer.send(peer.ask(target, multicast=True))
        return NOBODY not in wire.collect(solicited, lambda target: target == server.address)

    eventually("the switch forwards what is asked for only", in_force, step=0.2)


def solicited(frame: bytes) -> str | None:
    """The target of a solicitation."""
    if len(frame) < 78 or frame[54] != 135:
        return None
    return str(IPv6Address(frame[62:78]))


def reached(peer: Peer, echo: Echo) -> None:
    """Solicitations get there, and what follows them does."""
    ask = peer.ask(GROUP, multicast=True)
    eventually("the group is heard of", lambda: peer.answers(ask, GROUP), step=0.2)
    peer.client.namespace.ip("neigh", "flush", "dev", peer.client.device)
    assert echo.answerer(GROUP)


def flap(server: Host) -> None:
    for state in "down", "up":
        server.namespace.rtnl.link("set", index=server.ifindex, state=state)
    eventually(f"{server.device} has a carrier", server.operational)
    server.restore_addresses()


@pytest.mark.ordinary_kernel  # the debug kernel cannot snoop
def test_snooping_switch(bridged: Bridged) -> None:
    """It learns of the group by reports, after the takeover, a flap, and in a VRF."""
    switch_to(BUILTIN_C)
    server = bridged.servers[0]
    snoop(bridged)
    sock = server.member(GROUP)
    server.proxy_delay(0)
    peer, echo = Peer(bridged.client, server), Echo(bridged.client)
    reached(peer, echo)
    switch_to(MODULE)
    reached(peer, echo)
    flap(server)
    reached(peer, echo)
    add_vrf(server, VRF, VRFS[VRF])
    for master in server.namespace.index_of(VRF), 0:
        server.namespace.rtnl.link("set", index=server.ifindex, master=master)
        eventually(f"{server.device} has a carrier", server.operational)
        server.restore_addresses()
        reached(peer, echo)
    sock.close()
    delete_vrf(server, VRF)


def active_port(server: Host) -> int:
    words = server.namespace.run("ip", "-d", "link", "show", BOND).split()
    return int(words[words.index("active_slave") + 1][-1]) if "active_slave" in words else -1


@pytest.fixture
def bond(bridged: Bridged) -> Host:
    """The server with a second way to the switch: a bond of two cables, one of them in use."""
    server, switch = bridged.servers[0], bridged.switch
    words = f"link add {BOND} type bond mode active-backup miimon 10".split()
    server.namespace.run("ip", *words)
    for number in range(PORTS):
        peer = {"ifname": f"far{number}", "net_ns_fd": switch.descriptor()}
        server.namespace.rtnl.link("add", kind="veth", ifname=f"port{number}", peer=peer)
        server.namespace.run("ip", "link", "set", f"port{number}", "master", BOND)
        switch.run("ip", "link", "set", f"far{number}", "master", "bridge", "up")
    server.namespace.run("ip", "link", "set", BOND, "up")
    eventually("a port is in use", lambda: active_port(server) >= 0)
    server.namespace.add_address(BOND, BOND_ADDRESS)
    return server


@pytest.mark.usefixtures("implementation")
def test_bond_failover(bridged: Bridged, bond: Host) -> None:
    """The kernel announces its address by the other cable, and the group is where that is."""
    bond.namespace.sysctl(f"ipv6/neigh/{BOND}/proxy_delay", "0")
    sock = bond.open()
    anycast.join(sock, ON_BOND, bond.namespace.index_of(BOND))
    peer, echo = Peer(bridged.client, bond), Echo(bridged.client)
    mac = peer.first_answer(peer.ask(ON_BOND, multicast=True), ON_BOND).mac
    assert echo.answerer(ON_BOND)
    for _ in range(PORTS):
        before = active_port(bond)
        wire = Wire(bridged.client)
        bridged.switch.run("ip", "link", "set", f"far{before}", "down")
        eventually("the other port is in use", lambda b=before: active_port(bond) not in (-1, b))
        wire.collect(parse, lambda na: na.target == BOND_ADDRESS and not na.solicited)
        assert echo.answerer(ON_BOND)
        assert peer.first_answer(peer.ask(ON_BOND, multicast=True), ON_BOND).mac == mac
        bridged.switch.run("ip", "link", "set", f"far{before}", "up")
    sock.close()
    for device in BOND, *(f"port{number}" for number in range(PORTS)):
        bond.namespace.run("ip", "link", "del", device)
