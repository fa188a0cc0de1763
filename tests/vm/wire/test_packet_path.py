# SPDX-License-Identifier: GPL-2.0
"""What the module does for a packet: look-ups, and nothing else (SECURITY.md, README.md).

It allocates nothing, logs nothing, counts nothing and changes no group.
"""

from collections.abc import Callable

import pytest
from scapy.layers.inet import TCP, UDP
from scapy.layers.inet6 import (
    ICMPv6DestUnreach,
    ICMPv6EchoReply,
    ICMPv6EchoRequest,
    ICMPv6MLQuery,
    ICMPv6ND_NA,
    ICMPv6NDOptDstLLAddr,
    ICMPv6PacketTooBig,
    IPv6,
)
from scapy.layers.l2 import Ether
from scapy.packet import Packet

from harness.kernel import allocations
from harness.kernel.implementation import MODULE, switch_to
from harness.kernel.log import KernelLog
from harness.sockopt import anycast
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, LINK_LOCAL_GROUP, PREFIX, SECOND, THIRD, Cable
from harness.views.stat import stat
from harness.wire import tcp
from harness.wire.fence import Fence
from harness.wire.ndisc import ALL_NODES, dad_probe, solicitation
from harness.wire.packets import Service

# The debug kernel has no histograms of events.
pytestmark = [pytest.mark.module_only, pytest.mark.ordinary_kernel]

TIMES = 50
CLOSED = 9
# The listener has joined the first two, another socket the third, and nobody the last.
TARGETS = (GROUP, LINK_LOCAL_GROUP, SECOND, THIRD)


def frames(cable: Cable) -> list[bytes]:
    """Every kind of packet on the way of which the module looks something up, for each target."""
    server, client = cable.hosts
    return [bytes(kind(server, client, target)) for target in TARGETS for kind in KINDS]


def to(server: Host, client: Host, target: str) -> Packet:
    near = client.link_local if target.startswith("fe80:") else client.address
    return Ether(src=client.mac, dst=server.mac) / IPv6(src=near, dst=target)


def solicited(server: Host, client: Host, target: str) -> Packet:
    return solicitation(client, server, target, multicast=True)


def solicited_by_unicast(server: Host, client: Host, target: str) -> Packet:
    return solicitation(client, server, target, multicast=False)


def probed(_: Host, client: Host, target: str) -> Packet:
    return dad_probe(client, target)


def claimed(server: Host, client: Host, target: str) -> Packet:
    header = IPv6(src=client.address, dst=ALL_NODES, hlim=255)
    header = Ether(src=client.mac, dst=server.mac) / header
    return header / ICMPv6ND_NA(tgt=target, O=1, S=0) / ICMPv6NDOptDstLLAddr(lladdr=client.mac)


def pinged(server: Host, client: Host, target: str) -> Packet:
    return to(server, client, target) / ICMPv6EchoRequest()


def sent(server: Host, client: Host, target: str) -> Packet:
    return to(server, client, target) / UDP(sport=CLOSED, dport=Service.PORT)


def knocked(server: Host, client: Host, target: str) -> Packet:
    return to(server, client, target) / TCP(sport=CLOSED, dport=tcp.PORT, flags="S")


def knocked_at_a_closed_port(server: Host, client: Host, target: str) -> Packet:
    return to(server, client, target) / TCP(sport=CLOSED, dport=CLOSED, flags="S")


def from_the_group(server: Host, client: Host, target: str) -> Packet:
    """For which the host may not send an error."""
    header = Ether(src=client.mac, dst=server.mac) / IPv6(src=target, dst=server.address)
    return header / UDP(sport=CLOSED, dport=CLOSED)


def too_big(server: Host, client: Host, target: str) -> Packet:
    return to(server, client, target) / ICMPv6PacketTooBig(mtu=1300) / _said_to_be_from(target)


def unreachable(server: Host, client: Host, target: str) -> Packet:
    return to(server, client, target) / ICMPv6DestUnreach() / _said_to_be_from(target)


def queried(server: Host, client: Host, target: str) -> Packet:
    header = Ether(src=client.mac, dst=server.mac) / IPv6(src=client.link_local, dst=target, hlim=1)
    return header / ICMPv6MLQuery()


def _said_to_be_from(group: str) -> Packet:
    return IPv6(src=group, dst=PREFIX + "2") / UDP(sport=Service.PORT, dport=CLOSED)


KINDS: tuple[Callable[[Host, Host, str], Packet], ...] = (
    solicited,
    solicited_by_unicast,
    probed,
    claimed,
    pinged,
    sent,
    knocked,
    knocked_at_a_closed_port,
    from_the_group,
    too_big,
    unreachable,
    queried,
)


@pytest.fixture
def groups(cable: Cable) -> Cable:
    """The server holds three groups; its listener has joined two of them."""
    switch_to(MODULE)
    server, client = cable.hosts
    server.proxy_delay(0)
    server.remember(client)
    listening = tcp.listener(server)
    for group in GROUP, LINK_LOCAL_GROUP:
        anycast.join(listening, group, IFINDEX)
    server.member(SECOND)
    Service(server)
    return cable


def send(cable: Cable, packets: list[bytes]) -> list[bytes]:
    """And what comes back; then the server is done with them."""
    server, client = cable.hosts
    with tcp.one_processor(), Fence(client, server) as fence:
        for packet in packets:
            fence.send(packet)
        answers = fence.answers()
    assert answers, "the link is dead"
    return answers


def layers(answers: list[bytes]) -> set[type]:
    packets = [Ether(frame) for frame in answers]
    return {type(layer) for packet in packets for layer in packet.iterpayloads()}


def test_packets_cost_look_ups_and_nothing_else(groups: Cable, kernel_log: KernelLog) -> None:
    server = groups.server
    packets = frames(groups)
    counted, published = stat(server.namespace), server.publication()
    said = kernel_log.of_module()
    with allocations.recorded() as recording:
        for _ in range(TIMES):
            answers = send(groups, packets)
        assert recording.by_module() == []
        assert stat(server.namespace) == counted
        assert server.publication() == published
        # The host was listening, and the recording, too.
        assert layers(answers) >= {ICMPv6ND_NA, ICMPv6EchoReply, TCP}
        anycast.join(server.open(), THIRD, IFINDEX)
        assert recording.by_module()
    assert kernel_log.of_module() == said
