# SPDX-License-Identifier: GPL-2.0
"""Ways by which packets come to a group, or are meant to: IPsec, routing headers, next hops."""

import re
import socket

import pytest
from scapy.layers.inet import UDP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrSegmentRouting
from scapy.layers.l2 import Ether
from scapy.packet import Raw

from harness.topology.host import Host
from harness.topology.lan import GROUP, OFF_PREFIX, Bridged, Cable
from harness.views.observer import ABSENT, Observer
from harness.wait import eventually
from harness.wire.fence import Fence
from harness.wire.packets import Service, readable
from harness.wire.tcp import one_processor

pytestmark = pytest.mark.usefixtures("implementation")

PORT = Service.PORT
SPI, FLOWS = "0x100", 64
HOP, HOPS = "7", "8"


def transport_mode(host: Host, client: Host, direction: str) -> None:
    """Datagrams to the group's service are encrypted, or are not accepted."""
    ends = f"src {client.address} dst {GROUP}"
    keys = f"aead rfc4106(gcm(aes)) 0x{'2a' * 20} 128"
    template = f"tmpl {ends} proto esp mode transport"
    for line in (
        f"state add {ends} proto esp spi {SPI} mode transport {keys}",
        f"policy add {ends} proto udp dport {PORT} dir {direction} {template}",
    ):
        host.namespace.run("ip", "xfrm", *line.split())


def packets_of_the_state(host: Host) -> int:
    text = host.namespace.run("ip", "-statistics", "xfrm", "state")
    return int(re.search(r"lifetime current:\s+\d+\(bytes\), (\d+)\(packets\)", text)[1])


@pytest.mark.ordinary_kernel  # the debug kernel has no ESP
@pytest.mark.usefixtures("undelayed")
def test_ipsec(server: Host, client: Host) -> None:
    """ESP in transport mode, of which the group's address is the end; a plain datagram is lost."""
    server.namespace.run("modprobe", "--all", "esp6", "xfrm_user")
    service = Service(server)
    member = server.member(GROUP)
    asking = client.open()
    transport_mode(server, client, "in")
    asking.sendto(b"plain", (GROUP, PORT))
    transport_mode(client, client, "out")
    asking.sendto(b"encrypted", (GROUP, PORT))
    assert service.receive()[::3] == (b"encrypted", GROUP)
    assert packets_of_the_state(server) == 1
    member.close()
    asking.sendto(b"nobody", (GROUP, PORT))
    asking.sendto(b"behind", (server.address, PORT))
    assert service.receive().payload == b"behind"


def segments(cable: Cable, *path: str) -> bytes:
    """A datagram that goes to these addresses in turn, by a segment routing header (RFC 8754)."""
    header = Ether(src=cable.client.mac, dst=cable.server.mac)
    packet = IPv6(src=cable.client.address, dst=path[0])
    routing = IPv6ExtHdrSegmentRouting(addresses=[*path[::-1]], segleft=len(path) - 1)
    datagram = UDP(sport=PORT, dport=PORT) / Raw(b"segments")
    return bytes(header / packet / routing / datagram)


@pytest.mark.parametrize("path", ["to the group", "by way of the group"])
def test_segment_routing(cable: Cable, path: str) -> None:
    """The group is the last segment, or one that the server passes, for as long as it is held."""
    server = cable.server
    for device in "all", server.device:
        server.namespace.sysctl(f"ipv6/conf/{device}/seg6_enabled", "1")
    ways = {
        "to the group": (server.address, GROUP),
        "by way of the group": (GROUP, server.address),
    }
    frame = segments(cable, *ways[path])
    service = Service(server)
    assert arrived(cable, service, frame) == []
    member = server.member(GROUP)
    assert arrived(cable, service, frame) == [ways[path][-1]]
    member.close()
    assert arrived(cable, service, frame) == []


def arrived(cable: Cable, service: Service, frame: bytes) -> list[str]:
    """Where the service sees the datagram of a frame come in, if it does."""
    server, client = cable.hosts
    with one_processor(), Fence(client, server) as fence:
        fence.send(frame)
        assert fence.answers() is not None, "the link is dead"
    return service.received()


def test_route_with_two_next_hops(bridged: Bridged) -> None:
    """Each of two members gets the flows that the client's route has for it, and no others."""
    client = bridged.client
    client.namespace.sysctl("ipv6/fib_multipath_hash_policy", "1")
    hops = [f"nexthop via {server.address} dev {client.device}" for server in bridged.servers]
    client.namespace.ip(*f"route add {OFF_PREFIX} {' '.join(hops)}".split())
    services, members = [], []
    for server in bridged.servers:
        server.forwarding(True)
        members.append(server.member(OFF_PREFIX))
        services.append(Service(server))
    asking = [client.open() for _ in range(FLOWS)]
    first, second = (by_service(asking, services) for _ in range(2))
    assert first == second
    assert len(set(first)) == 2, "all flows go one way"
    members[0].close()
    for sock in asking:
        sock.sendto(b"again", (OFF_PREFIX, PORT))
    for _ in range(first.count(1)):
        assert services[1].receive().payload == b"again"
    asking[0].sendto(b"behind", (bridged.servers[0].address, PORT))
    assert services[0].receive().payload == b"behind"


def by_service(asking: list[socket.socket], services: list[Service]) -> list[int]:
    """Which service gets what each of the sockets sends."""
    for number, sock in enumerate(asking):
        sock.sendto(b"%d" % number, (OFF_PREFIX, PORT))
    seen: dict[int, int] = {}

    def look() -> bool:
        for number, service in enumerate(services):
            while readable(service.sock, 0):
                seen[int(service.receive().payload)] = number
        return len(seen) == len(asking)

    eventually("all datagrams have come", look)
    return [seen[number] for number in range(len(asking))]


@pytest.mark.parametrize("number", [HOP, HOPS], ids=["one", "group of one"])
def test_route_with_a_next_hop_object(server: Host, observer: Observer, number: str) -> None:
    """An administrator's routes to the same address come and go; that of the group stays."""
    namespace = server.namespace
    sock = server.member(GROUP)
    routes = f"{GROUP} nhid {number}", f"local {GROUP} nhid {number} table local"
    for end in "route", "next hop":
        namespace.ip("nexthop", "add", "id", HOP, "dev", server.device)
        namespace.run("ip", "nexthop", "add", "id", HOPS, "group", HOP)
        for route in routes:
            namespace.ip("route", "add", *route.split())
        observer.serves(GROUP)
        if end == "route":
            for route in routes:
                namespace.ip("route", "del", *route.split())
                observer.serves(GROUP)
        namespace.run("ip", "nexthop", "flush")
        assert "nhid" not in namespace.ip("route", "show", "table", "all")
        observer.serves(GROUP)
    sock.close()
    observer.becomes(ABSENT, GROUP)
