# SPDX-License-Identifier: GPL-2.0
"""A member stops answering for a group, and its neighbours go on with another member at once.

The link is Bridged (harness/topology/lan.py): the server leaves, the other host stays. A member
whose namespace has handover switched off is on the wire what a host with the built-in C is: the
kernel's own neighbour discovery answers for it, and nothing else speaks.
"""

import os
import signal
import statistics
from collections.abc import Callable
from ipaddress import IPv6Address

import pytest
from scapy.layers.inet6 import ICMPv6ND_NA, ICMPv6NDOptDstLLAddr, IPv6
from scapy.layers.l2 import Ether

from harness.kernel.implementation import BUILTIN_C, MODULE, switch_to
from harness.process.child import Child
from harness.sockopt import anycast
from harness.topology.host import Host
from harness.topology.lan import GROUP, PREFIX, Bridged
from harness.views import settings
from harness.views.stat import counted
from harness.wait import eventually
from harness.wire.conversation import Conversation, served
from harness.wire.frames import Wire
from harness.wire.ndisc import ALL_NODES, Advertisement, parse

TRIALS = 20
# Seconds: the worst outage that a client may see, and half of the outages.
WORST, MEDIAN = 0.2, 0.05
# How often the peer is announced, and within which time.
ANNOUNCEMENTS, DURATION = 3, 2.0
# Longer than whatever would be sent takes: questions, pauses and an emulated machine.
QUIET = 4.0
# Groups of a device that can be handed over, and messages in a span of milliseconds.
CEILING, BURST, SPAN = 256, 8, 0.05
# For how long answers to the first question count.
WINDOW = 1.5


@pytest.fixture
def other(bridged: Bridged) -> Host:
    return bridged.servers[1]


@pytest.fixture
def survivor(implementation: str, other: Host) -> Host:
    """As a host with the built-in C."""
    assert implementation == MODULE
    settings.handover(other.namespace, wanted=False)
    return other


@pytest.fixture
def client(bridged: Bridged) -> Host:
    return bridged.client


def knows_peer(host: Host, answers: int = 0) -> None:
    """The host has heard of another member since it had so many answers."""
    eventually("a peer is known", lambda: counted(host.namespace, "member_answers") > answers)


def announcement(frame: bytes) -> Advertisement | None:
    """An unsolicited advertisement of the group."""
    advertisement = parse(frame)
    if advertisement and advertisement.target == GROUP and not advertisement.solicited:
        return advertisement
    return None


def solicitation(frame: bytes) -> str | None:
    """The target of a solicitation, and nothing that is done for the host's own addresses."""
    if len(frame) < 78 or frame[54] != 135:
        return None
    return str(IPv6Address(frame[62:78]))


def announcements(wire: Wire, limit: float = QUIET) -> list[Advertisement]:
    return [seen for frame in wire.incoming(limit) if (seen := announcement(frame))]


def handed_over(leaver: Host, survivor: Host, *, router: bool = False) -> Advertisement:
    """What neighbours are told."""
    return Advertisement(
        mac=leaver.mac,
        source=leaver.link_local,
        destination=ALL_NODES,
        hop_limit=255,
        target=GROUP,
        router=router,
        solicited=False,
        override=True,
        link_layer=survivor.mac,
    )


Ending = Callable[[Child], object]


def close(program: Child) -> None:
    """The program ends by itself: the kernel closes its socket."""
    os.kill(program.pid, signal.SIGTERM)


def kill(program: Child) -> None:
    os.kill(program.pid, signal.SIGKILL)


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
class TestOutage:
    """What a client sees that sends every 10 ms.

    An emulated machine may stand still for a moment, but not twice in so many trials.
    """

    @pytest.mark.ordinary_kernel
    @pytest.mark.parametrize("stock", [True, False], ids=["stock", "module"])
    @pytest.mark.parametrize("end", [close, kill], ids=["close", "kill"])
    def test_outage(
        self, leaver: Host, survivor: Host, client: Host, end: Ending, *, stock: bool
    ) -> None:
        settings.handover(survivor.namespace, wanted=not stock)
        served(survivor, GROUP)
        outages = [self.outage(leaver, client, end) for _ in range(TRIALS)]
        worst, median = max(outages), statistics.median(outages)
        print(f"outage: worst {worst:.3f} s, median {median:.3f} s, the first {outages[0]:.3f} s")
        assert sorted(outages)[-2] < WORST, outages
        assert median < MEDIAN, outages

    def test_served_on(self, leaver: Host, survivor: Host, client: Host) -> None:
        """The client is with the survivor long before its own cache would have told it."""
        served(survivor, GROUP)
        for end in close, kill:
            assert self.outage(leaver, client, end) < QUIET

    def outage(self, leaver: Host, client: Host, end: Ending) -> float:
        answers = counted(leaver.namespace, "member_answers")
        sock, program = served(leaver, GROUP)
        sock.close()
        conversation = Conversation(client, GROUP)
        knows_peer(leaver, answers)
        client.namespace.ip("neigh", "flush", "dev", client.device)
        conversation.until(leaver.name, times=20)
        outage = conversation.through(lambda: end(program), "other")
        eventually("it is over", lambda: leaver.groups() == [])
        return outage


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
class TestAnnouncement:
    @pytest.mark.smoke
    @pytest.mark.parametrize("router", [False, True], ids=["host", "router"])
    def test_three_times(self, leaver: Host, survivor: Host, client: Host, *, router: bool) -> None:
        """The survivor's address and kind, with the override flag, one second apart."""
        if router:
            survivor.forwarding(True)
        survivor.member(GROUP)
        sock = leaver.member(GROUP)
        knows_peer(leaver)
        wire = Wire(client)
        sock.close()
        expected = handed_over(leaver, survivor, router=router)
        assert announcements(wire, DURATION + QUIET) == [expected] * ANNOUNCEMENTS
        assert counted(leaver.namespace, "handovers") == 1
        assert counted(leaver.namespace, "announcements") == ANNOUNCEMENTS

    def test_not_after_a_rejoin(self, leaver: Host, survivor: Host, client: Host) -> None:
        survivor.member(GROUP)
        sock = leaver.member(GROUP)
        knows_peer(leaver)
        wire = Wire(client)
        sock.close()
        wire.collect(announcement, lambda _: True)
        leaver.member(GROUP)
        assert announcements(wire) == []

    def test_not_after_the_peer_has_left(self, leaver: Host, survivor: Host, client: Host) -> None:
        """Which it may have since it was asked: it is asked again, and does not answer."""
        peer, sock = survivor.member(GROUP), leaver.member(GROUP)
        knows_peer(leaver)
        peer.close()
        wire, asked = Wire(client), counted(leaver.namespace, "member_solicitations")
        sock.close()
        assert announcements(wire) == []
        assert counted(leaver.namespace, "member_solicitations") > asked

    def test_not_again_after_the_peer_has_left(
        self, leaver: Host, survivor: Host, client: Host
    ) -> None:
        peer, sock = survivor.member(GROUP), leaver.member(GROUP)
        knows_peer(leaver)
        wire = Wire(client)
        sock.close()
        wire.collect(announcement, lambda _: True)
        peer.close()
        assert announcements(wire) == []

    def test_not_the_own_address(self, leaver: Host, survivor: Host, client: Host) -> None:
        """The host has the address as a unicast address by then."""
        survivor.member(GROUP)
        sock = leaver.member(GROUP)
        knows_peer(leaver)
        wire = Wire(client)
        sock.close()
        wire.collect(announcement, lambda _: True)
        leaver.add_temporary_address(GROUP)
        assert announcements(wire) == []

    def test_device_goes_down(self, leaver: Host, survivor: Host, client: Host) -> None:
        """With its last frame it tells the neighbours."""
        survivor.member(GROUP)
        leaver.member(GROUP)
        knows_peer(leaver)
        wire = Wire(client)
        leaver.namespace.rtnl.link("set", index=leaver.ifindex, state="down")
        assert announcements(wire) == [handed_over(leaver, survivor)]
        leaver.configure()


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
class TestSilence:
    def test_no_other_member(self, leaver: Host, client: Host) -> None:
        """One question, and nothing when the group ends."""
        wire = Wire(client)
        sock = leaver.member(GROUP)
        wire.collect(solicitation, lambda target: target == GROUP)
        sock.close()
        assert list(filter(about_group, wire.incoming(QUIET))) == []
        assert counted(leaver.namespace, "announcements") == 0

    def test_switched_off(self, leaver: Host, survivor: Host, client: Host) -> None:
        settings.handover(leaver.namespace, wanted=False)
        survivor.member(GROUP)
        wire = Wire(client)
        leaver.member(GROUP).close()
        sock = leaver.member(GROUP)
        assert list(filter(about_group, wire.incoming(QUIET))) == []
        sock.close()
        assert list(filter(about_group, wire.incoming(QUIET))) == []

    def test_switched_off_and_on(self, leaver: Host, survivor: Host, client: Host) -> None:
        """What was known is forgotten, and found again."""
        survivor.member(GROUP)
        leaver.member(GROUP)
        knows_peer(leaver)
        settings.handover(leaver.namespace, wanted=False)
        answers = counted(leaver.namespace, "member_answers")
        wire = Wire(client)
        settings.handover(leaver.namespace, wanted=True)
        wire.collect(solicitation, lambda target: target == GROUP)
        knows_peer(leaver, answers)


def about_group(frame: bytes) -> bool:
    """Neighbour discovery about the group."""
    advertisement = parse(frame)
    return solicitation(frame) == GROUP or bool(advertisement and advertisement.target == GROUP)


def forged(client: Host, leaver: Host, *, solicited: bool) -> bytes:
    """What makes the client look like a member to who does not ask."""
    header = Ether(src=client.mac, dst=leaver.mac)
    header /= IPv6(src=client.link_local, dst=leaver.link_local, hlim=255)
    message = ICMPv6ND_NA(tgt=GROUP, R=0, S=int(solicited), O=1)
    return bytes(header / message / ICMPv6NDOptDstLLAddr(lladdr=client.mac))


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
class TestForged:
    """Only an answer to the host's own question makes a peer."""

    def test_unsolicited(self, leaver: Host, client: Host) -> None:
        """Within the time in which answers count, too."""
        wire = Wire(client)
        sock = leaver.member(GROUP)
        wire.collect(solicitation, lambda target: target == GROUP)
        for _ in range(10):
            wire.send(forged(client, leaver, solicited=False))
        self.assert_no_peer(leaver, wire)
        sock.close()
        assert announcements(wire) == []

    def test_after_its_time(self, leaver: Host, client: Host) -> None:
        wire = Wire(client)
        sock = leaver.member(GROUP)
        wire.collect(solicitation, lambda target: target == GROUP)
        list(wire.incoming(WINDOW + 1.0))
        wire.send(forged(client, leaver, solicited=True))
        self.assert_no_peer(leaver, wire)
        sock.close()
        assert announcements(wire) == []

    def test_for_no_group(self, leaver: Host, client: Host) -> None:
        wire = Wire(client)
        leaver.member(PREFIX + "99")
        wire.collect(solicitation, lambda target: target == PREFIX + "99")
        wire.send(forged(client, leaver, solicited=True))
        self.assert_no_peer(leaver, wire)

    def test_in_time(self, leaver: Host, client: Host) -> None:
        """Who answers in time is a peer: it could take the group's packets without us, too."""
        wire = Wire(client)
        leaver.member(GROUP)
        wire.collect(solicitation, lambda target: target == GROUP)
        wire.send(forged(client, leaver, solicited=True))
        knows_peer(leaver)

    def assert_no_peer(self, leaver: Host, wire: Wire) -> None:
        list(wire.incoming(1.0))
        assert counted(leaver.namespace, "member_answers") == 0


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
class TestBounds:
    @pytest.mark.ordinary_kernel
    def test_many_groups(self, leaver: Host, client: Host) -> None:
        """A device asks for so many groups and no more, and never in a burst."""
        settings.admission(leaver.namespace, settings.ON_LINK)
        wire = Wire(client)
        sock = leaver.open()
        for number in range(CEILING + 44):
            anycast.join(sock, f"{PREFIX}1:{number:x}", leaver.ifindex)
        times = [
            arrived
            for arrived, frame in wire.arrivals(QUIET + 4.0)
            if (solicitation(frame) or "").startswith(f"{PREFIX}1:")
        ]
        assert len(times) == CEILING
        assert counted(leaver.namespace, "member_solicitations") == CEILING
        assert times[-1] - times[0] > CEILING / BURST * SPAN / 2
        sock.close()


def test_handed_back(leaver: Host, other: Host, client: Host) -> None:
    """The built-in C serves the group on: there is nothing to tell."""
    switch_to(MODULE)
    settings.handover(other.namespace, wanted=False)
    other.member(GROUP)
    sock = leaver.member(GROUP)
    knows_peer(leaver)
    wire = Wire(client)
    switch_to(BUILTIN_C)
    sock.close()
    assert list(filter(about_group, wire.incoming(QUIET))) == []


def test_taken_over(leaver: Host, other: Host, client: Host) -> None:
    """A peer is found for groups that C has published."""
    switch_to(BUILTIN_C)
    other.member(GROUP)
    sock = leaver.member(GROUP)
    switch_to(MODULE)
    settings.handover(other.namespace, wanted=False)
    knows_peer(leaver)
    wire = Wire(client)
    sock.close()
    assert wire.collect(announcement, lambda _: True) == [handed_over(leaver, other)]
