# SPDX-License-Identifier: GPL-2.0
"""Segments of TCP connections that a host does not know, as the survivor of a failover gets them.

Where a listener has the port, TCP answers an acknowledgment by a reset itself, with the module or
without: it does not look at the destination then. Without a listener it is silent, and the client
of a member that went away hangs; net.ipv6.anycast6.tcp_reset has the host answer.
"""

import ctypes
import fcntl
import socket
import struct
import time
from dataclasses import dataclass

import pytest
from scapy.layers.inet import TCP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrFragment, IPv6ExtHdrHopByHop
from scapy.layers.l2 import Ether
from scapy.packet import Packet

from harness.kernel.implementation import BUILTIN_C, MODULE, switch_to
from harness.sockopt import anycast
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, LINK_LOCAL_GROUP, SECOND, Bridged, Cable
from harness.views import settings
from harness.views.stat import counted
from harness.wait import eventually
from harness.wire.fence import Fence
from harness.wire.frames import Wire
from harness.wire.packets import readable
from harness.wire.tcp import PORT, connect, listener, one_processor

# The port of the stray segments' sender.
NEAR = 30000
# The module's limit: so many at once, and so many more each second.
AT_ONCE = PER_SECOND = 1000
# Seconds: the longest time from a segment to the end of its connection.
AT_LAST = 1.0
# Longer than a client needs to hear anything.
QUIET = 3.0
SIOCETHTOOL, ETHTOOL_STXCSUM = 0x8946, 0x17
FLAGS = ["A", "PA", "FA", "SA", "F", "", "P", "UA", "FPUA"]
SILENT = ["S", "SF", "R", "RA", "SRA"]


@dataclass(frozen=True)
class Answer:
    """What an answer has beside its addresses and its checksum, which is right."""

    flags: str
    seq: int
    ack: int
    window: int
    ports: tuple[int, int]
    hops: int
    traffic_class: int
    length: int


def answer_of(frame: bytes) -> Answer | None:
    packet = Ether(frame)
    if TCP not in packet or packet[TCP].dport != NEAR:
        return None
    ip, tcp = packet[IPv6], packet[TCP]
    again = IPv6(bytes(IPv6(src=ip.src, dst=ip.dst) / _without_sum(tcp)))
    assert again[TCP].chksum == tcp.chksum
    length = len(frame) - len(Ether())
    ports = tcp.sport, tcp.dport
    return Answer(str(tcp.flags), tcp.seq, tcp.ack, tcp.window, ports, ip.hlim, ip.tc, length)


def _without_sum(tcp: Packet) -> Packet:
    copy = tcp.copy()
    del copy.chksum
    return copy


class Stray:
    """Sends segments of no connection to the server, and sees what comes back to each address."""

    def __init__(self, server: Host, client: Host) -> None:
        self.server, self.client = server, client
        server.remember(client)
        software_checksums(server)

    def frame(
        self, to: str, flags: str = "A", *, headers: Packet | None = None, **fields: object
    ) -> bytes:
        link = fields.pop("mac", self.server.mac)
        data = fields.pop("data", b"odd")
        near = self.client.link_local if to.startswith("fe80:") else self.client.address
        fields = {"sport": NEAR, "dport": PORT, "seq": 1000, "ack": 5000, **fields}
        packet = IPv6(src=near, dst=to, tc=fields.pop("tc", 0))
        if headers is not None:
            packet /= headers
        segment = TCP(flags=flags, **fields) / data
        return bytes(Ether(src=self.client.mac, dst=link) / packet / segment)

    def answers(self, *frames: bytes) -> list[Answer]:
        """When there are none, the server is done with the frames."""
        with one_processor(), Fence(self.client, self.server) as fence:
            for frame in frames:
                fence.send(frame)
            seen = fence.answers()
        assert seen is not None, "the link is dead"
        return [answer for frame in seen if (answer := answer_of(frame))]

    def answer(self, to: str, flags: str = "A", **fields: object) -> Answer | None:
        answers = self.answers(self.frame(to, flags, **fields))
        assert len(answers) <= 1
        return answers[0] if answers else None


def software_checksums(host: Host) -> None:
    """Frames leave with their checksums, of which a veth takes no notice."""
    value = ctypes.create_string_buffer(struct.pack("=II", ETHTOOL_STXCSUM, 0))
    request = struct.pack("16sP16x", host.device.encode(), ctypes.addressof(value))
    with host.namespace.inside(), socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, SIOCETHTOOL, request)


@pytest.fixture
def stray(cable: Cable) -> Stray:
    cable.server.proxy_delay(0)
    return Stray(cable.server, cable.client)


@pytest.fixture
def reset(server: Host, implementation: str) -> None:
    """The setting is on."""
    assert implementation == MODULE
    settings.tcp_reset(server.namespace, wanted=True)


def resets(host: Host) -> int:
    return counted(host.namespace, "resets")


@pytest.mark.usefixtures("implementation")
class TestOff:
    """As in C, and as ever."""

    @pytest.mark.parametrize("flags", ["A", "SA", "F", "S"])
    def test_silence(self, server: Host, stray: Stray, flags: str) -> None:
        server.member(GROUP)
        assert stray.answer(GROUP, flags) is None
        unicast = stray.answer(server.address, flags)
        assert unicast
        assert "R" in unicast.flags

    @pytest.mark.smoke("module")
    def test_a_listener_is_enough(self, server: Host, stray: Stray) -> None:
        """Even one that does not serve the group: of its SYNs there is no answer."""
        server.member(GROUP)
        listener(server)
        assert stray.answer(GROUP) == stray.answer(server.address)
        assert stray.answer(GROUP, "S") is None
        assert stray.answer(GROUP, "F") is None


@pytest.mark.module_only
@pytest.mark.usefixtures("reset")
class TestAnswer:
    """What is answered, and how: as the kernel answers for its unicast addresses."""

    @pytest.mark.smoke
    @pytest.mark.parametrize("flags", FLAGS)
    def test_as_from_a_unicast_address(self, server: Host, stray: Stray, flags: str) -> None:
        server.member(GROUP, LINK_LOCAL_GROUP)
        for data in b"", b"odd", bytes(1200):
            expected = stray.answer(server.address, flags, data=data, tc=0xB9)
            assert expected
            assert "R" in expected.flags
            assert stray.answer(GROUP, flags, data=data, tc=0xB9) == expected
        assert stray.answer(LINK_LOCAL_GROUP, flags) == stray.answer(server.link_local, flags)
        assert resets(server) == 4

    @pytest.mark.parametrize("flags", SILENT)
    def test_silence(self, server: Host, stray: Stray, flags: str) -> None:
        server.member(GROUP)
        assert stray.answer(GROUP, flags) is None
        assert stray.answer(GROUP)
        assert resets(server) == 1

    @pytest.mark.parametrize(
        "fields",
        [
            {"headers": IPv6ExtHdrDestOpt()},
            {"headers": IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt()},
            {"headers": IPv6ExtHdrFragment()},
            {"options": [("Timestamp", (1, 2))]},
        ],
        ids=["destination", "two", "atomic", "timestamp"],
    )
    def test_behind_headers(self, server: Host, stray: Stray, fields: dict[str, object]) -> None:
        server.member(GROUP)
        expected = stray.answer(server.address, **fields)
        assert expected
        assert stray.answer(GROUP, **fields) == expected

    @pytest.mark.parametrize(
        "fields",
        [
            {"chksum": 0xBAD},
            {"dataofs": 4},
            {"dataofs": 15},
            {"options": [(19, bytes(16))]},
            {"headers": IPv6ExtHdrFragment(m=1)},
            {"mac": "33:33:00:00:00:01"},
            {"mac": "ff:ff:ff:ff:ff:ff"},
        ],
        ids=["checksum", "short", "long", "signed", "fragment", "multicast", "broadcast"],
    )
    def test_not_for_these(self, server: Host, stray: Stray, fields: dict[str, object]) -> None:
        server.member(GROUP)
        assert stray.answer(GROUP, **fields) is None
        assert stray.answer(GROUP)
        assert resets(server) == 1

    def test_only_for_groups(self, server: Host, stray: Stray) -> None:
        """That are there: of a unicast address's segments TCP answers each once."""
        sock = server.member(GROUP)
        assert stray.answer(server.address)
        assert stray.answer(SECOND) is None
        assert resets(server) == 0
        assert stray.answer(GROUP)
        sock.close()
        assert stray.answer(GROUP) is None
        assert resets(server) == 1

    def test_only_where_it_is_on(self, server: Host, client: Host, stray: Stray) -> None:
        for host in server, client:
            host.member(GROUP)
        assert stray.answer(GROUP)
        client.proxy_delay(0)
        assert Stray(client, server).answer(GROUP) is None
        settings.tcp_reset(server.namespace, wanted=False)
        assert stray.answer(GROUP) is None


@pytest.mark.module_only
@pytest.mark.usefixtures("reset")
class TestSockets:
    """No segment is answered for which there is a socket, however it is found."""

    @pytest.fixture(params=["1", "0"], ids=["early", "late"], autouse=True)
    def demux(self, server: Host, request: pytest.FixtureRequest) -> None:
        server.namespace.sysctl("ipv4/tcp_early_demux", request.param)

    @pytest.mark.parametrize("bound", [True, False], ids=["bound", "joined"])
    def test_connections(self, server: Host, client: Host, bound: bool) -> None:
        """As they are made, while they live, and after their listener has gone."""
        server.proxy_delay(0)
        listening = listener(server, GROUP) if server.member(GROUP) and bound else listener(server)
        if not bound:
            anycast.join(listening, GROUP, IFINDEX)
        connections = [connect(client, listening, GROUP) for _ in range(5)]
        listening.close()
        for connection in connections:
            connection.carries()
            connection.near.shutdown(socket.SHUT_WR)
            assert connection.far.recv(1) == b""
            connection.far.sendall(b"still")
            assert connection.near.recv(5) == b"still"
            connection.close()
        assert resets(server) == 0

    def test_time_wait(self, server: Host, client: Host, stray: Stray) -> None:
        """TCP answers by an acknowledgment, and the host by nothing."""
        server.member(GROUP)
        listening = listener(server, GROUP)
        near = client.open(socket.SOCK_STREAM)
        near.bind(("::", NEAR))
        near.connect((GROUP, PORT))
        far = server.adopt(listening.accept()[0])
        listening.close()
        far.close()
        assert near.recv(1) == b""
        near.close()
        eventually("it has ended", lambda: time_wait(server))
        answer = stray.answer(GROUP)
        assert answer
        assert answer.flags == "A"
        assert resets(server) == 0

    def test_own_connections(self, server: Host) -> None:
        """To a group of the host itself, by the loopback device."""
        server.member(GROUP)
        listening = listener(server, GROUP)
        connection = connect(server, listening, GROUP)
        connection.carries()
        assert resets(server) == 0

    def test_listeners_answer_alone(self, server: Host, stray: Stray) -> None:
        server.member(GROUP)
        listener(server)
        assert len(stray.answers(stray.frame(GROUP))) == 1
        assert stray.answer(GROUP, "F") is None
        assert resets(server) == 0


def time_wait(host: Host) -> bool:
    """Of a connection to the port."""
    port = f":{PORT:04X} "
    lines = host.namespace.proc("tcp6").decode("ascii").splitlines()
    return any(port in line and " 06 " in line for line in lines)


class TestFailover:
    """A client's member leaves, and the client's next segment meets another member."""

    @pytest.mark.smoke
    @pytest.mark.module_only
    @pytest.mark.parametrize("on", [True, False], ids=["on", "off"])
    def test_without_a_listener(self, bridged: Bridged, implementation: str, *, on: bool) -> None:
        assert implementation == MODULE
        survivor = bridged.servers[1]
        settings.tcp_reset(survivor.namespace, wanted=on)
        near = self.failed_over(bridged)
        assert self.ends(near) == on
        assert resets(survivor) == int(on)
        listening = listener(survivor, GROUP)
        connect(bridged.client, listening, GROUP).carries()

    @pytest.mark.module_only
    def test_with_a_listener(self, bridged: Bridged, implementation: str) -> None:
        """The setting is not needed."""
        assert implementation == MODULE
        survivor = bridged.servers[1]
        near = self.failed_over(bridged, listening=True)
        assert self.ends(near)
        assert resets(survivor) == 0

    def failed_over(self, bridged: Bridged, *, listening: bool = False) -> socket.socket:
        """The client's connection to the one, whose neighbours have been moved to the other."""
        leaver, survivor = bridged.servers
        leaver.proxy_delay(0)
        member = leaver.member(GROUP)
        waiting = listener(leaver, GROUP)
        connection = connect(bridged.client, waiting, GROUP)
        connection.carries()
        survivor.member(GROUP)
        if listening:
            listener(survivor, GROUP)
        member.close()
        bridged.client.namespace.ip(
            "neigh", "replace", GROUP, "lladdr", survivor.mac, "dev", bridged.client.device
        )
        return connection.near

    def ends(self, near: socket.socket) -> bool:
        """Is the connection reset soon?"""
        begun = time.monotonic()
        near.sendall(b"?")
        if not readable(near, QUIET):
            return False
        assert time.monotonic() - begun < AT_LAST
        with pytest.raises(ConnectionResetError):
            near.recv(1)
        return True


@pytest.mark.module_only
@pytest.mark.usefixtures("reset")
class TestBounds:
    def test_rate(self, server: Host, client: Host, stray: Stray) -> None:
        """Whatever comes: so many at once, then some each second. And the rest is silence."""
        server.member(GROUP)
        frames = [stray.frame(GROUP, sport=port, data=b"") for port in range(10000, 10000 + 4000)]
        wire = Wire(client)
        begun = time.monotonic()
        with one_processor():
            for frame in frames:
                wire.send(frame)
        assert stray.answers() == []
        took = time.monotonic() - begun
        sent = resets(server)
        print(f"{len(frames)} segments in {took:.2f} s: {sent} resets")
        assert AT_ONCE <= sent <= AT_ONCE + took * PER_SECOND
        assert sent < len(frames) or took * PER_SECOND > len(frames) - AT_ONCE
        eventually("it answers again", lambda: stray.answer(GROUP))

    def test_nftables_goes_first(self, server: Host, stray: Stray) -> None:
        server.member(GROUP)
        rules = f"type filter hook input priority 300; tcp dport {PORT} drop;"
        server.namespace.run("nft", f"table ip6 t {{ chain c {{ {rules} }}; }}")
        assert stray.answer(GROUP) is None
        assert resets(server) == 0
        server.namespace.run("nft", "flush ruleset")
        assert stray.answer(GROUP)

    def test_switched_all_the_time(self, server: Host, client: Host, stray: Stray) -> None:
        """While segments come. Each is answered or not, and the last word counts."""
        server.member(GROUP)

        def switch() -> None:
            for turn in range(200):
                settings.tcp_reset(server.namespace, wanted=bool(turn % 2))

        children = [server.child(switch) for _ in range(2)]
        frames = [stray.frame(GROUP, sport=port) for port in range(10000, 10200)]
        with Fence(client, server) as fence:
            for _ in range(20):
                for frame in frames:
                    fence.send(frame)
        for child in children:
            child.result()
        for on in True, False, True:
            settings.tcp_reset(server.namespace, wanted=on)
            eventually("it is as said", lambda on=on: bool(stray.answer(GROUP)) == on)


def test_unload(server: Host, client: Host, stray: Stray) -> None:
    """While it is on and segments come: C is as silent as ever. The next load begins anew."""
    switch_to(MODULE)
    settings.tcp_reset(server.namespace, wanted=True)
    server.member(GROUP)
    frame = stray.frame(GROUP)

    def flood() -> None:
        with Fence(client, server) as fence:
            while True:
                fence.send(frame)

    child = client.child(flood)
    eventually("it answers", lambda: resets(server) > 0)
    switch_to(BUILTIN_C)
    child.kill()
    assert stray.answer(GROUP) is None
    switch_to(MODULE)
    assert settings.read("tcp_reset", server.namespace) == "0"
    assert stray.answer(GROUP) is None
    settings.tcp_reset(server.namespace, wanted=True)
    assert stray.answer(GROUP)
