# SPDX-License-Identifier: GPL-2.0
"""A member of a group dies without a word, and another one speaks for the group.

The link is Bridged (harness/topology/lan.py). The server is the one that clients use and that dies:
its port is taken off the bridge, or loses its carrier. Nobody says goodbye then.
"""

import os
import signal
import statistics
import time
from dataclasses import replace

import pytest
from scapy.layers.inet6 import ICMPv6ND_NA, ICMPv6NDOptDstLLAddr, ICMPv6NDOptSrcLLAddr, IPv6
from scapy.packet import Packet

from harness.kernel.implementation import BUILTIN_C, MODULE, switch_to
from harness.sockopt import anycast
from harness.topology.host import Host
from harness.topology.lan import GROUP, PREFIX, SECOND, Bridged
from harness.views import settings
from harness.views.stat import counted
from harness.views.state import solicited_node
from harness.wait import eventually
from harness.wire.conversation import Conversation, served
from harness.wire.frames import Wire
from harness.wire.ndisc import ALL_NODES, Advertisement, multicast_to, parse

TRIALS = 20
# Seconds: the worst outage that a client may see.
WORST = 1.2
# Milliseconds, and seconds, from one beat to the next.
INTERVAL = 300
BEAT = INTERVAL / 1000
# How often a member announces itself, and how often in how many seconds it may begin to.
ANNOUNCEMENTS, HOLD = 3, 10.0
# Longer than whatever would be sent takes: a loss, announcements, and an emulated machine.
QUIET = 5.0
# A member with a lower link-layer address than all hosts, and one with a higher.
LOW, HIGH = "02:00:00:00:00:00", "02:00:00:00:00:99"
FORGED = "fe80::99"
# Of the switch: the announcements of the server, none of which has its own link-layer address.
INSPECTION = "iifname server ip6 daddr ff02::1 drop"

pytestmark = [pytest.mark.module_only]


@pytest.fixture
def survivor(bridged: Bridged) -> Host:
    return bridged.servers[1]


@pytest.fixture
def client(bridged: Bridged) -> Host:
    return bridged.client


@pytest.fixture
def beating(leaver: Host, survivor: Host) -> None:
    for host in leaver, survivor:
        settings.heartbeat(host.namespace, INTERVAL)


def knows_members(*hosts: Host, beats: int = 3) -> None:
    """Each host hears so many more beats: more than are needed to know who has sent them."""
    before = [counted(host.namespace, "beats_heard") for host in hosts]
    for host, heard in zip(hosts, before, strict=True):
        eventually(
            f"{host.name} hears beats",
            lambda host=host, heard=heard: counted(host.namespace, "beats_heard") >= heard + beats,
        )


def announcement(frame: bytes) -> Advertisement | None:
    """An advertisement that moves the neighbours of the group."""
    advertisement = parse(frame)
    if advertisement and advertisement.target == GROUP and advertisement.override:
        return advertisement
    return None


def repeat(wire: Wire, frame: bytes) -> None:
    """Often enough for one that beats, even if some of them are late."""
    while True:
        wire.send(frame)
        time.sleep(BEAT / 6)


def announcements(wire: Wire, limit: float = QUIET) -> list[Advertisement]:
    return [seen for frame in incoming(wire, limit) if (seen := announcement(frame))]


def incoming(wire: Wire, limit: float) -> list[bytes]:
    return list(wire.incoming(limit))


def itself(member: Host) -> Advertisement:
    """A member announces itself."""
    return Advertisement(
        mac=member.mac,
        source=member.link_local,
        destination=ALL_NODES,
        hop_limit=255,
        target=GROUP,
        router=False,
        solicited=False,
        override=True,
        link_layer=member.mac,
    )


def beat_of(member: Host) -> Advertisement:
    return replace(itself(member), destination=solicited_node(GROUP), override=False)


def words(wire: Wire, limit: float = QUIET) -> list[Advertisement]:
    """What members tell each other, of any group."""
    seen = [advertisement for frame in incoming(wire, limit) if (advertisement := parse(frame))]
    return [word for word in seen if word.destination.startswith("ff02::1:ff")]


def told(client: Host, *options: Packet, group: str = GROUP) -> Packet:
    """What a member tells the others, made by hand."""
    header = multicast_to(client, group)
    header[IPv6].src = FORGED
    packet = header / ICMPv6ND_NA(tgt=group, R=0, S=0, O=0)
    for option in options:
        packet /= option
    return packet


def beat(client: Host, mac: str = HIGH) -> Packet:
    return told(client, ICMPv6NDOptDstLLAddr(lladdr=mac))


def goodbye(client: Host, mac: str = HIGH) -> Packet:
    return told(client, ICMPv6NDOptSrcLLAddr(lladdr=mac))


@pytest.mark.usefixtures("implementation", "beating")
class TestCrash:
    @pytest.mark.ordinary_kernel
    def test_outage(self, bridged: Bridged, leaver: Host, survivor: Host, client: Host) -> None:
        """What a client sees that sends every 10 ms.

        An emulated machine may stand still for a moment, but not twice in so many trials.
        """
        members = [(served(host, GROUP)[0], host) for host in (leaver, survivor)]
        outages, old = [], GROUP
        for number in range(TRIALS):
            group = f"{PREFIX}1:{number:x}"
            for sock, host in members:
                anycast.leave(sock, old, host.ifindex)
                anycast.join(sock, group, host.ifindex)
            old = group
            outages.append(self.outage(bridged, client, group))
        worst, median = max(outages), statistics.median(outages)
        print(f"outage: worst {worst:.3f} s, median {median:.3f} s")
        assert sorted(outages)[-2] < WORST, outages

    def outage(self, bridged: Bridged, client: Host, group: str) -> float:
        leaver, survivor = bridged.servers
        knows_members(leaver, survivor)
        client.namespace.ip("neigh", "flush", "dev", client.device)
        conversation = Conversation(client, group)
        conversation.until(leaver.name, times=20)
        outage = conversation.through(lambda: bridged.unplug(leaver), survivor.name)
        bridged.plug(leaver)
        return outage

    @pytest.mark.smoke
    def test_three_times(
        self, bridged: Bridged, leaver: Host, survivor: Host, client: Host
    ) -> None:
        """The survivor says that it has the group; the other one, which is deaf, says nothing."""
        leaver.member(GROUP)
        survivor.member(GROUP)
        knows_members(leaver, survivor)
        wire = Wire(client)
        bridged.power(leaver, on=False)
        assert announcements(wire) == [itself(survivor)] * ANNOUNCEMENTS
        names = "members_lost", "takeovers", "announcements"
        assert [counted(survivor.namespace, name) for name in names] == [1, 1, ANNOUNCEMENTS]
        bridged.power(leaver, on=True)
        assert announcements(wire) == []
        assert [counted(leaver.namespace, name) for name in names] == [0, 0, 0]

    def test_the_lowest_speaks(
        self, bridged: Bridged, leaver: Host, survivor: Host, client: Host
    ) -> None:
        """Of two that live on, the client is a member, too, and has the lower address."""
        settings.heartbeat(client.namespace, INTERVAL)
        for host in bridged.hosts:
            host.member(GROUP)
        knows_members(*bridged.hosts, beats=8)
        wire = Wire(client)
        bridged.unplug(leaver)
        eventually("it is lost", lambda: counted(survivor.namespace, "members_lost") == 1)
        assert announcements(wire) == []
        assert counted(client.namespace, "announcements") == ANNOUNCEMENTS
        assert counted(survivor.namespace, "takeovers") == 0
        bridged.plug(leaver)


@pytest.mark.usefixtures("implementation", "beating")
class TestPartition:
    def test_and_rejoin(self, bridged: Bridged, leaver: Host, survivor: Host, client: Host) -> None:
        """Each side goes on with its own member, and both with either afterwards."""
        leaver.member(GROUP)
        survivor.member(GROUP)
        knows_members(leaver, survivor)
        wire = Wire(client)
        bridged.unplug(leaver)
        assert announcements(wire) == [itself(survivor)] * ANNOUNCEMENTS
        assert [counted(host.namespace, "takeovers") for host in (leaver, survivor)] == [1, 1]
        bridged.plug(leaver)
        knows_members(leaver, survivor)
        assert announcements(wire) == []
        assert [counted(host.namespace, "members_lost") for host in (leaver, survivor)] == [1, 1]

    def test_return_in_time(
        self, bridged: Bridged, leaver: Host, survivor: Host, client: Host
    ) -> None:
        """Once it is heard again, the survivor says no more."""
        leaver.member(GROUP)
        survivor.member(GROUP)
        knows_members(leaver, survivor)
        wire = Wire(client)
        bridged.unplug(leaver)
        wire.collect(announcement, lambda _: True)
        bridged.plug(leaver)
        knows_members(survivor, beats=1)
        list(wire.incoming(0.1))
        assert announcements(wire) == []


@pytest.mark.usefixtures("implementation", "beating")
class TestPeace:
    """Who does not beat is not lost."""

    def test_stock_member(
        self, bridged: Bridged, leaver: Host, survivor: Host, client: Host
    ) -> None:
        """On the wire it is what a host with the built-in C is. It is beaten for."""
        settings.handover(survivor.namespace, wanted=False)
        survivor.member(GROUP)
        leaver.member(GROUP)
        wire = Wire(client)
        eventually("it is known", lambda: counted(leaver.namespace, "beats_sent") > 3)
        bridged.unplug(survivor)
        seen = incoming(wire, QUIET)
        assert {word for frame in seen if (word := parse(frame))} == {beat_of(leaver)}
        assert counted(leaver.namespace, "members_lost") == 0
        bridged.plug(survivor)

    @pytest.mark.parametrize("name", ["heartbeat", "handover"])
    def test_switched_off(self, leaver: Host, survivor: Host, client: Host, name: str) -> None:
        """It says so: with its last beat."""
        leaver.member(GROUP)
        survivor.member(GROUP)
        knows_members(leaver, survivor)
        wire = Wire(client)
        leaver.namespace.sysctl(f"ipv6/anycast6/{name}", "0")
        eventually("it has said so", lambda: counted(survivor.namespace, "last_words_heard") == 1)
        assert announcements(wire) == []
        assert counted(survivor.namespace, "members_lost") == 0


@pytest.mark.usefixtures("implementation", "beating")
class TestGoodbye:
    def test_goodbye(self, leaver: Host, survivor: Host, client: Host) -> None:
        """It tells the neighbours of the survivor, and so does the survivor itself, once."""
        sock = leaver.member(GROUP)
        survivor.member(GROUP)
        knows_members(leaver, survivor)
        wire = Wire(client)
        sock.close()
        begun = time.monotonic()
        seen = wire.collect(announcement, lambda it: it.mac == survivor.mac)
        print(f"{time.monotonic() - begun:.3f} s")
        seen += announcements(wire)
        assert seen.count(itself(survivor)) == 1
        assert {it.link_layer for it in seen} == {survivor.mac}
        names = "last_words_heard", "takeovers", "members_lost"
        assert [counted(survivor.namespace, name) for name in names] == [1, 1, 0]

    def test_goodbye_of_a_device(self, leaver: Host, survivor: Host, client: Host) -> None:
        """It is set down."""
        leaver.member(GROUP)
        survivor.member(GROUP)
        knows_members(leaver, survivor)
        wire = Wire(client)
        leaver.namespace.rtnl.link("set", index=leaver.ifindex, state="down")
        seen = announcements(wire)
        assert seen.count(itself(survivor)) == 1
        assert {it.link_layer for it in seen} == {survivor.mac}
        assert counted(survivor.namespace, "members_lost") == 0
        leaver.configure()

    @pytest.mark.ordinary_kernel
    def test_inspected(self, bridged: Bridged, leaver: Host, survivor: Host, client: Host) -> None:
        """A switch drops what the leaver says about another link-layer address than its own."""
        hook = "type filter hook forward priority 0"
        rules = f"table bridge inspection {{ chain drops {{ {hook}; {INSPECTION}; }}; }}"
        bridged.switch.run("nft", rules)
        served(survivor, GROUP)
        sock, program = served(leaver, GROUP)
        sock.close()
        knows_members(leaver, survivor)
        client.namespace.ip("neigh", "flush", "dev", client.device)
        conversation = Conversation(client, GROUP)
        conversation.until(leaver.name, times=20)
        outage = conversation.through(lambda: os.kill(program.pid, signal.SIGKILL), survivor.name)
        print(f"outage: {outage:.3f} s")
        # Before its beats could be missed.
        assert outage < 2 * BEAT


@pytest.mark.usefixtures("implementation")
class TestSilence:
    def test_alone(self, leaver: Host, client: Host) -> None:
        settings.heartbeat(leaver.namespace, INTERVAL)
        wire = Wire(client)
        leaver.member(GROUP)
        assert words(wire) == []
        assert counted(leaver.namespace, "beats_sent") == 0

    def test_off(self, leaver: Host, survivor: Host, client: Host) -> None:
        """As at first."""
        wire = Wire(client)
        leaver.member(GROUP)
        survivor.member(GROUP)
        eventually("they know each other", lambda: counted(leaver.namespace, "member_answers") > 0)
        assert words(wire) == []


@pytest.mark.usefixtures("implementation", "beating")
class TestForged:
    def test_many_members_die(self, leaver: Host, client: Host) -> None:
        """The host says that it has the group, which is true, and then holds its peace."""
        leaver.member(GROUP)
        wire, seen, begun = Wire(client), [], time.monotonic()
        macs = [f"02:00:00:00:01:{number:02x}" for number in range(20)]
        beats = [bytes(beat(client, mac)) for mac in macs]
        for _ in range(3):
            lost = counted(leaver.namespace, "members_lost")
            for _ in range(2):
                for frame in beats:
                    wire.send(frame)
                seen += announcements(wire, BEAT / 3)
            eventually(
                "they are lost", lambda lost=lost: counted(leaver.namespace, "members_lost") > lost
            )
        seen += announcements(wire)
        most = 1 + int((time.monotonic() - begun) / HOLD)
        assert 1 <= counted(leaver.namespace, "takeovers") <= most
        assert 1 <= len(seen) <= ANNOUNCEMENTS * most
        assert set(seen) == {itself(leaver)}

    def test_many_members_leave(self, leaver: Host, client: Host) -> None:
        leaver.member(GROUP)
        wire, seen = Wire(client), []
        for _ in range(20):
            wire.send(bytes(beat(client)))
            wire.send(bytes(goodbye(client)))
            seen += announcements(wire, 0.2)
        assert seen == [itself(leaver)]
        assert counted(leaver.namespace, "last_words_heard") == 20

    def test_goodbye_of_nobody(self, leaver: Host, client: Host) -> None:
        leaver.member(GROUP)
        wire = Wire(client)
        for _ in range(10):
            wire.send(bytes(goodbye(client)))
        assert announcements(wire) == []
        assert counted(leaver.namespace, "last_words_heard") == 0

    def test_lower_member(
        self, bridged: Bridged, leaver: Host, survivor: Host, client: Host
    ) -> None:
        """Whoever pretends to be one keeps the host from speaking for a member that has died."""
        leaver.member(GROUP)
        survivor.member(GROUP)
        knows_members(leaver, survivor)
        wire, forged = Wire(client), bytes(beat(client, LOW))
        # In a process of its own, so that they are not late when this one is.
        forger = client.child(lambda: repeat(wire, forged))
        seen = announcements(wire, 2 * BEAT)
        bridged.unplug(survivor)
        seen += announcements(wire, 8 * BEAT)
        lost = counted(leaver.namespace, "members_lost")
        forger.kill()
        assert lost == 1
        assert seen == []
        bridged.plug(survivor)

    def test_what_is_no_beat(self, leaver: Host, client: Host) -> None:
        """One of them would make the host beat."""
        leaver.member(GROUP)
        wire = Wire(client)
        spoilt = [beat(client) for _ in range(5)]
        spoilt[0][IPv6].hlim = 254
        spoilt[1][IPv6].src = client.address
        spoilt[2][IPv6].dst = ALL_NODES
        spoilt[3][ICMPv6ND_NA].O = 1
        spoilt[4][ICMPv6ND_NA].cksum = 1
        spoilt += [beat(client, mac) for mac in (leaver.mac, "33:33:00:00:00:01", "0:0:0:0:0:0")]
        other = told(client, ICMPv6NDOptDstLLAddr(lladdr=HIGH), group=SECOND)
        for packet in [*spoilt, other, told(client)]:
            wire.send(bytes(packet))
        assert words(wire) == []
        assert counted(leaver.namespace, "beats_heard") == 0
        wire.send(bytes(beat(client)))
        eventually("a beat counts", lambda: counted(leaver.namespace, "beats_heard") == 1)


def test_handed_back(leaver: Host, survivor: Host, client: Host) -> None:
    """The built-in C serves the group on and does not beat: members are told."""
    switch_to(MODULE)
    for host in leaver, survivor:
        settings.heartbeat(host.namespace, INTERVAL)
        host.member(GROUP)
    knows_members(leaver, survivor)
    wire = Wire(client)
    switch_to(BUILTIN_C)
    seen = [frame for frame in incoming(wire, 1.0) if parse(frame)]
    rests = [frame for frame in seen if frame[78:80] == b"\2\1" and frame[86:88] == b"\1\1"]
    assert {parse(frame) for frame in rests} == {beat_of(leaver), beat_of(survivor)}
    assert not any(announcement(frame) for frame in seen)
