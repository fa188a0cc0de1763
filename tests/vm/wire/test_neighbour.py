# SPDX-License-Identifier: GPL-2.0
"""Neighbour discovery for a group as a peer on the link sees it."""

import pytest
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Packet

from harness.topology.host import Host
from harness.topology.lan import GROUP, LINK_LOCAL_GROUP, PREFIX, SECOND
from harness.wire.ndisc import ALL_NODES, Advertisement, Peer

pytestmark = pytest.mark.usefixtures("implementation")

ROLES = pytest.mark.parametrize("router", [False, True], ids=["host", "router"])


def expected(server: Host, client: Host, **changes: object) -> Advertisement:
    """The answer to a multicast solicitation on a host."""
    fields: dict[str, object] = {
        "mac": server.mac,
        "source": server.address,
        "destination": client.address,
        "hop_limit": 255,
        "target": GROUP,
        "router": False,
        "solicited": True,
        "override": False,
        "link_layer": server.mac,
    }
    return Advertisement(**{**fields, **changes})  # type: ignore[arg-type]


@ROLES
def test_multicast_solicitation(server: Host, client: Host, peer: Peer, router: bool) -> None:
    server.member(GROUP)
    server.forwarding(router)
    answers = peer.answers(peer.ask(GROUP, multicast=True), GROUP)
    assert answers == [expected(server, client, router=router)]


@ROLES
def test_unicast_solicitation(server: Host, client: Host, peer: Peer, router: bool) -> None:
    """As for any address, the answer needs no link-layer option: the peer has the address."""
    server.member(GROUP)
    server.forwarding(router)
    answers = peer.answers(peer.ask(GROUP, multicast=False), GROUP)
    assert answers == [expected(server, client, router=router, link_layer=None)]


def test_subnet_router(server: Host, client: Host, peer: Peer) -> None:
    """What a router answers for without any program; v6LC.2.1.14 of the IPv6 Ready Logo."""
    server.forwarding(True)
    for question in peer.ask(PREFIX, multicast=True), to_all_nodes(peer, PREFIX):
        answers = peer.answers(question, PREFIX)
        assert answers == [expected(server, client, target=PREFIX, router=True)]


@ROLES
def test_solicitation_to_all_nodes(server: Host, client: Host, peer: Peer, router: bool) -> None:
    server.member(GROUP)
    server.forwarding(router)
    answers = peer.answers(to_all_nodes(peer, GROUP), GROUP)
    assert answers == [expected(server, client, router=router)]


def to_all_nodes(peer: Peer, target: str) -> Packet:
    """A solicitation that goes further than it need."""
    packet = peer.ask(target, multicast=True)
    packet[Ether].dst, packet[IPv6].dst = "33:33:00:00:00:01", ALL_NODES
    return packet


def test_dad_probe_is_answered_to_all_nodes(server: Host, client: Host, peer: Peer) -> None:
    server.member(GROUP)
    answers = peer.answers(peer.probe(GROUP), GROUP)
    to_all = {"source": server.link_local, "destination": ALL_NODES, "solicited": False}
    assert answers == [expected(server, client, **to_all)]


@pytest.mark.smoke("module")
def test_link_local_group(server: Host, client: Host, peer: Peer) -> None:
    server.member(LINK_LOCAL_GROUP)
    answers = peer.answers(peer.ask(LINK_LOCAL_GROUP, multicast=True), LINK_LOCAL_GROUP)
    assert answers == [expected(server, client, target=LINK_LOCAL_GROUP)]


def test_source_is_never_a_group(server: Host, client: Host, peer: Peer) -> None:
    """Not even when the host has groups of the peer's prefix but no other address of it."""
    server.member(GROUP, SECOND)
    server.namespace.delete_address(server.device, server.address)
    answers = peer.answers(peer.ask(GROUP, multicast=True), GROUP)
    assert answers == [expected(server, client, source=server.link_local)]
    server.namespace.add_address(server.device, server.address)


def test_nobody_answers_after_the_last_close(server: Host, peer: Peer) -> None:
    first, second = server.member(GROUP), server.member(GROUP)
    question = peer.ask(GROUP, multicast=True)
    first.close()
    assert len(peer.answers(question, GROUP)) == 1
    second.close()
    assert peer.answers(question, GROUP) == []
