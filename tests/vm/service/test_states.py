# SPDX-License-Identifier: GPL-2.0
"""Suspended, draining and leased groups: what the host does, and what clients see of it.

Where two members are needed, the link is Bridged (harness/topology/lan.py), and the other member is
on the wire what a host with the built-in C is: its namespace has handover switched off.
"""

import socket
import statistics
import time
from collections import Counter
from functools import partial

import pytest

from harness.kernel.implementation import BUILTIN_C, MODULE, switch_to
from harness.kernel.log import KernelLog
from harness.process.privilege import as_nobody
from harness.sockopt import anycast
from harness.topology import loss
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, PREFIX, SECOND, THIRD, Bridged, Cable
from harness.views import settings
from harness.views.control import (
    DORMANT,
    DRAINING,
    ENDED,
    HANDED_OVER,
    PUBLISHED,
    SUSPENDED,
    YIELDING,
    Control,
    Listener,
)
from harness.views.export import TABLE, Story, exported
from harness.views.observer import ABSENT, Observer
from harness.views.observer import PUBLISHED as SERVED
from harness.views.stat import moved, stat
from harness.wait import eventually, settled
from harness.wire.conversation import PORT, STEP, Conversation, served
from harness.wire.frames import Wire
from harness.wire.ndisc import ALL_NODES, Advertisement, Peer, parse
from harness.wire.packets import readable
from harness.wire.tcp import ACCEPTED, Knock, connect, listener

TRIALS = 20
# Seconds: the worst outage that a client may see, half of the outages, and how late a timer may be.
WORST, MEDIAN, LATE = 0.2, 0.05, 0.2
# Milliseconds. A host serves a group on for so long after it has shown its neighbours the peer.
LONG, DRAIN, SHORT, GRACE = 60_000, 1500, 300, 1000
# Seconds in which 200 groups are leased.
ALL_LEASED = 10.0
# Seconds for an answer that is on its way.
PATIENCE = 2.0
# Listed, routed and delivered, but not found by who looks for any member.
DRAINED = SERVED._replace(listening=False, answered=False)


@pytest.fixture
def control(implementation: str, server: Host) -> Control:
    assert implementation == MODULE
    return Control(server)


def becomes(control: Control, state: str, address: str = GROUP) -> None:
    assert settled(lambda: control.state(IFINDEX, address), state) == state


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
class TestSuspended:
    @pytest.mark.smoke
    def test_gone_and_back(self, server: Host, observer: Observer, control: Control) -> None:
        """The export goes first. The holder's socket stays what it was."""
        settings.export_table(server.namespace, TABLE)
        sock = server.member(GROUP, SECOND)
        observer.serves(GROUP, SECOND)
        story, before = Story(server), stat(server.namespace)
        control.suspend(IFINDEX, GROUP)
        assert observer.state(GROUP) == ABSENT
        assert story.of(GROUP) == [f"-export {TABLE}", "-route", "-group"]
        assert moved(before, stat(server.namespace)) == {"dormant": 1, "suspended": 1}
        observer.serves(SECOND)
        control.resume(IFINDEX, GROUP)
        observer.serves(GROUP)
        assert story.of(GROUP) == ["+route", "+group", f"+export {TABLE}"]
        anycast.leave(sock, GROUP, IFINDEX)
        observer.becomes(ABSENT, GROUP)

    def test_last_leave(self, server: Host, observer: Observer, control: Control) -> None:
        """Of a group that is not listed: there is nothing to be told, but the group has ended."""
        sock = server.member(GROUP)
        control.suspend(IFINDEX, GROUP)
        story, heard = Story(server), Listener(server)
        sock.close()
        assert (story.of(GROUP), heard.words(GROUP)) == ([], [ENDED])
        server.member(GROUP)
        observer.serves(GROUP)

    def test_suspended_again(self, server: Host, observer: Observer, control: Control) -> None:
        server.member(GROUP)
        for _ in range(2):
            control.suspend(IFINDEX, GROUP)
            assert observer.state(GROUP) == ABSENT
        for _ in range(2):
            control.resume(IFINDEX, GROUP)
            observer.serves(GROUP)

    def test_further_holds(self, server: Host, observer: Observer, control: Control) -> None:
        """The administrator's suspension is no matter of holders."""
        sock = server.member(GROUP)
        control.suspend(IFINDEX, GROUP)
        other = server.member(GROUP)
        assert observer.state(GROUP) == ABSENT
        sock.close()
        assert observer.state(GROUP) == ABSENT
        control.resume(IFINDEX, GROUP)
        observer.serves(GROUP)
        other.close()

    def test_on_one_device(self, server: Host, observer: Observer, control: Control) -> None:
        """The same address is another group on another device."""
        server.member(GROUP)
        index = server.namespace.add_dummy("second", f"{PREFIX}77")
        sock = server.open()
        anycast.join(sock, GROUP, index)
        control.suspend(index, GROUP)
        assert control.state(index, GROUP) == SUSPENDED
        observer.serves(GROUP)
        sock.close()
        server.namespace.delete_device("second")


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation", "undelayed")
class TestDraining:
    @pytest.mark.smoke
    def test_what_goes_on(
        self, cable: Cable, server: Host, observer: Observer, control: Control
    ) -> None:
        """Neighbours that know the host go on, others find no answer; the export has gone."""
        settings.export_table(server.namespace, TABLE)
        server.member(GROUP)
        observer.serves(GROUP)
        story, before = Story(server), stat(server.namespace)
        control.drain(IFINDEX, GROUP, LONG)
        assert exported(server.namespace) == []
        assert observer.state(GROUP) == DRAINED
        peer = Peer(cable.client, server)
        assert peer.answers(peer.ask(GROUP, multicast=True), GROUP) == []
        (answer,) = peer.answers(peer.ask(GROUP, multicast=False), GROUP)
        assert answer.solicited
        assert not answer.override
        assert story.of(GROUP) == [f"-export {TABLE}"]
        assert moved(before, stat(server.namespace)) == {"drained": 1}
        control.resume(IFINDEX, GROUP)
        observer.serves(GROUP)
        assert story.of(GROUP) == [f"+export {TABLE}"]

    def test_connections(self, cable: Cable, server: Host, client: Host, control: Control) -> None:
        """Those that are there go on and end in peace, and SYNs are accepted."""
        server.member(GROUP)
        listening = listener(server, GROUP)
        connection = connect(client, listening, GROUP)
        control.drain(IFINDEX, GROUP, LONG)
        connection.carries()
        assert Knock(cable).answer(GROUP) == ACCEPTED
        further = connect(client, listening, GROUP)
        for one in connection, further:
            one.carries()
            one.near.shutdown(socket.SHUT_WR)
            assert one.far.recv(1) == b""
            one.far.sendall(b"last")
            one.far.shutdown(socket.SHUT_WR)
            assert one.near.makefile("rb").read() == b"last"
            one.close()

    def test_end(self, server: Host, observer: Observer, control: Control) -> None:
        """After the time and the grace the group is suspended."""
        server.member(GROUP)
        begun = time.monotonic()
        control.drain(IFINDEX, GROUP, DRAIN)
        becomes(control, SUSPENDED)
        assert time.monotonic() - begun >= (DRAIN + GRACE) / 1000
        assert observer.state(GROUP) == ABSENT
        control.resume(IFINDEX, GROUP)
        observer.serves(GROUP)

    def test_new_time(self, server: Host, control: Control) -> None:
        """Longer, then shorter."""
        server.member(GROUP)
        control.drain(IFINDEX, GROUP, DRAIN)
        control.drain(IFINDEX, GROUP, LONG)
        assert left(control) > LONG // 2
        begun = time.monotonic()
        control.drain(IFINDEX, GROUP, SHORT)
        assert left(control) <= SHORT
        becomes(control, SUSPENDED)
        assert time.monotonic() - begun < LONG / 2000

    def test_resumed_in_the_grace(self, server: Host, observer: Observer, control: Control) -> None:
        """As at any other time; nothing is left of the drain."""
        server.member(GROUP)
        control.drain(IFINDEX, GROUP, SHORT)
        eventually("the time is over", lambda: control.group(IFINDEX, GROUP).drain is None)
        assert control.state(IFINDEX, GROUP) == DRAINING
        assert observer.state(GROUP) == DRAINED
        control.resume(IFINDEX, GROUP)
        heard = Listener(server)
        observer.serves(GROUP)
        control.lease(IFINDEX, GROUP, 2 * GRACE)
        assert heard.next(GROUP).group.state == SUSPENDED
        assert heard.all(GROUP) == []

    def test_drained_in_the_grace(self, server: Host, control: Control) -> None:
        """Takes it back."""
        server.member(GROUP)
        control.drain(IFINDEX, GROUP, SHORT)
        eventually("the time is over", lambda: control.group(IFINDEX, GROUP).drain is None)
        control.drain(IFINDEX, GROUP, LONG)
        assert left(control) > LONG // 2
        assert control.state(IFINDEX, GROUP) == DRAINING

    def test_last_leave(self, server: Host, observer: Observer, control: Control) -> None:
        sock = server.member(GROUP)
        control.drain(IFINDEX, GROUP, LONG)
        sock.close()
        assert observer.state(GROUP) == ABSENT
        server.member(GROUP)
        observer.serves(GROUP)


def left(control: Control) -> int:
    return control.group(IFINDEX, GROUP).drain or 0


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
class TestLease:
    @pytest.mark.ordinary_kernel
    def test_expires_in_time(self, server: Host, control: Control) -> None:
        server.member(GROUP)
        heard = Listener(server)
        late = []
        for _ in range(TRIALS):
            begun = time.monotonic()
            control.lease(IFINDEX, GROUP, SHORT)
            assert heard.next(GROUP).group.state == SUSPENDED
            late.append(time.monotonic() - begun - SHORT / 1000)
            control.lease(IFINDEX, GROUP, 0)
            assert heard.next(GROUP).group.state == PUBLISHED
        print(f"late: worst {max(late):.3f} s, median {statistics.median(late):.3f} s")
        assert min(late) >= 0, late
        assert sorted(late)[-2] < LATE, late

    @pytest.mark.smoke
    def test_expiry_and_renewal(self, server: Host, observer: Observer, control: Control) -> None:
        server.member(GROUP)
        control.lease(IFINDEX, GROUP, SHORT)
        assert control.state(IFINDEX, GROUP) == PUBLISHED
        becomes(control, SUSPENDED)
        assert observer.state(GROUP) == ABSENT
        assert control.group(IFINDEX, GROUP).lease == 0
        control.lease(IFINDEX, GROUP, LONG)
        observer.serves(GROUP)

    @pytest.mark.ordinary_kernel
    def test_renewed_in_time(self, server: Host, control: Control) -> None:
        """Nothing happens, for much longer than a lease."""
        server.member(GROUP)
        heard, begun = Listener(server), time.monotonic()
        while time.monotonic() - begun < 5 * DRAIN / 1000:
            control.lease(IFINDEX, GROUP, DRAIN)
            time.sleep(SHORT / 1000)
        assert heard.all(GROUP) == []

    def test_ended(self, server: Host, observer: Observer, control: Control) -> None:
        """By a time of 0: before it has run out, and afterwards."""
        server.member(GROUP)
        heard = Listener(server)
        control.lease(IFINDEX, GROUP, SHORT)
        control.lease(IFINDEX, GROUP, 0)
        assert control.group(IFINDEX, GROUP).lease is None
        assert passed(control, server) == PUBLISHED
        assert heard.all(GROUP) == []
        control.lease(IFINDEX, GROUP, SHORT)
        becomes(control, SUSPENDED)
        control.lease(IFINDEX, GROUP, 0)
        observer.serves(GROUP)

    def test_resumed(self, server: Host, observer: Observer, control: Control) -> None:
        """The lease that has run out is forgotten, one that goes on is not."""
        server.member(GROUP)
        control.lease(IFINDEX, GROUP, SHORT)
        becomes(control, SUSPENDED)
        control.resume(IFINDEX, GROUP)
        assert control.group(IFINDEX, GROUP).lease is None
        observer.serves(GROUP)
        control.lease(IFINDEX, GROUP, LONG)
        control.resume(IFINDEX, GROUP)
        assert (control.group(IFINDEX, GROUP).lease or 0) > LONG // 2

    def test_suspended_meanwhile(self, server: Host, observer: Observer, control: Control) -> None:
        """A renewal resumes only what the lease has suspended."""
        server.member(GROUP)
        control.lease(IFINDEX, GROUP, LONG)
        control.suspend(IFINDEX, GROUP)
        control.lease(IFINDEX, GROUP, LONG)
        assert observer.state(GROUP) == ABSENT
        control.resume(IFINDEX, GROUP)
        observer.serves(GROUP)

    def test_while_draining(self, server: Host, control: Control) -> None:
        """Who has not renewed the lease does not drain either."""
        server.member(GROUP)
        control.drain(IFINDEX, GROUP, LONG)
        control.lease(IFINDEX, GROUP, SHORT)
        becomes(control, SUSPENDED)
        control.lease(IFINDEX, GROUP, LONG)
        assert control.state(IFINDEX, GROUP) == DRAINING

    def test_many(self, server: Host, control: Control) -> None:
        """Each by its own time."""
        groups = [f"{PREFIX}a:{number:x}" for number in range(1, 51)]
        server.member(*groups)
        for number, group in enumerate(groups):
            control.lease(IFINDEX, group, SHORT if number % 2 else LONG)
        expected = {group: SUSPENDED if n % 2 else PUBLISHED for n, group in enumerate(groups)}
        states = lambda: {one.address: one.state for one in control.groups()}  # noqa: E731
        assert settled(states, expected) == expected

    def test_many_at_once(self, server: Host, control: Control) -> None:
        """More than are suspended in one go."""
        groups = [f"{PREFIX}a:{number:x}" for number in range(1, 201)]
        server.namespace.sysctl("core/optmem_max", str(1 << 20))
        server.member(*groups)
        end = time.monotonic() + ALL_LEASED
        for group in groups:
            control.lease(IFINDEX, group, max(1, int(1000 * (end - time.monotonic()))))
        assert control.state(IFINDEX, groups[-1]) == PUBLISHED
        for group in groups:
            becomes(control, SUSPENDED, group)


def passed(control: Control, server: Host) -> str | None:
    """The state after another lease, as short, has run out."""
    sock = server.member(THIRD)
    control.lease(IFINDEX, THIRD, SHORT)
    becomes(control, SUSPENDED, THIRD)
    sock.close()
    return control.state(IFINDEX, GROUP)


ORDERS = {
    SUSPENDED: (lambda control: control.suspend(IFINDEX, GROUP), ABSENT),
    DRAINING: (lambda control: control.drain(IFINDEX, GROUP, LONG), DRAINED),
}


@pytest.fixture(params=list(ORDERS))
def state(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
class TestDisturbed:
    """What was asked for outlives all that happens to the device and its addresses."""

    @pytest.mark.parametrize("name", loss.LOSSES)
    def test_device(
        self, cable: Cable, observer: Observer, control: Control, state: str, name: str
    ) -> None:
        order, view = ORDERS[state]
        cable.server.member(GROUP)
        order(control)
        loss.LOSSES[name].lose(cable)
        assert control.state(IFINDEX, GROUP) == (SUSPENDED if state == SUSPENDED else DORMANT)
        observer.becomes(ABSENT, GROUP)
        loss.LOSSES[name].restore(cable)
        becomes(control, state)
        observer.becomes(view, GROUP)
        control.resume(IFINDEX, GROUP)
        observer.serves(GROUP)

    def test_vrf(self, cable: Cable, observer: Observer, control: Control, state: str) -> None:
        order, view = ORDERS[state]
        server = cable.server
        loss.add_vrf(server, loss.VRF, loss.VRFS[loss.VRF])
        sock = server.member(GROUP)
        order(control)
        for move in loss.enslave, loss.release:
            move(cable)
            becomes(control, state)
            observer.becomes(view, GROUP)
        control.resume(IFINDEX, GROUP)
        observer.serves(GROUP)
        sock.close()
        loss.delete_vrf(server, loss.VRF)

    def test_ordered_while_dormant(
        self, cable: Cable, observer: Observer, control: Control, state: str
    ) -> None:
        """It holds from the beginning, and no neighbour sees the group meanwhile."""
        order, view = ORDERS[state]
        cable.server.member(GROUP)
        loss.down(cable)
        order(control)
        loss.up(cable)
        becomes(control, state)
        observer.becomes(view, GROUP)

    def test_unicast_address(
        self, server: Host, observer: Observer, control: Control, state: str
    ) -> None:
        """Which the group yields to; what was asked for is as before when it has gone."""
        order, view = ORDERS[state]
        settings.admission(server.namespace, settings.ON_LINK)
        sock = server.open()
        assert as_nobody(server, partial(anycast.join, sock, GROUP, IFINDEX)) == "OK"
        order(control)
        server.namespace.add_address(server.device, GROUP)
        assert control.state(IFINDEX, GROUP) in (SUSPENDED, YIELDING)
        assert server.groups() == []
        server.namespace.delete_address(server.device, GROUP)
        becomes(control, state)
        observer.becomes(view, GROUP)

    def test_ends_while_the_device_is_down(
        self, cable: Cable, observer: Observer, control: Control
    ) -> None:
        cable.server.member(GROUP)
        control.drain(IFINDEX, GROUP, SHORT)
        loss.down(cable)
        becomes(control, SUSPENDED)
        loss.up(cable)
        assert control.state(IFINDEX, GROUP) == SUSPENDED
        observer.becomes(ABSENT, GROUP)

    def test_export_comes_back(self, server: Host, control: Control, state: str) -> None:
        """Not while the group is not published, whatever happens to the table."""
        order, _ = ORDERS[state]
        server.member(GROUP)
        order(control)
        server.member(SECOND)
        settings.export_table(server.namespace, TABLE)
        exports = lambda: [one.address for one in exported(server.namespace)]  # noqa: E731
        assert settled(exports, [SECOND]) == [SECOND]
        control.resume(IFINDEX, GROUP)
        assert settled(exports, [GROUP, SECOND]) == [GROUP, SECOND]

    def test_deleted_route(self, server: Host, observer: Observer, control: Control) -> None:
        """Of a draining group is restored, and the group goes on draining."""
        server.member(GROUP)
        control.drain(IFINDEX, GROUP, LONG)
        server.namespace.ip(
            "route", "del", "anycast", GROUP, "dev", server.device, "table", "local"
        )
        observer.becomes(DRAINED, GROUP)


class Link:
    """A member that leaves, another one that stays, and a client: Bridged."""

    def __init__(self, bridged: Bridged) -> None:
        self.leaver, self.survivor = bridged.servers
        self.client = bridged.client
        self.leaver.proxy_delay(0)
        settings.handover(self.survivor.namespace, wanted=False)
        self.control = Control(self.leaver)

    def knows_peer(self) -> None:
        peer = lambda: self.control.group(self.leaver.ifindex, GROUP).peer  # noqa: E731
        assert eventually("a peer is known", peer) == self.survivor.mac

    def used(self) -> Conversation:
        """A client that talks to the leaver."""
        conversation = Conversation(self.client, GROUP)
        self.client.namespace.ip("neigh", "flush", "dev", self.client.device)
        conversation.until(self.leaver.name, times=20)
        return conversation


@pytest.fixture
def link(implementation: str, bridged: Bridged) -> Link:
    assert implementation == MODULE
    return Link(bridged)


@pytest.mark.module_only
class TestClients:
    """What a client sees that sends every 10 ms, with a stock survivor."""

    @pytest.mark.ordinary_kernel
    def test_suspend(self, link: Link) -> None:
        served(link.survivor, GROUP)
        served(link.leaver, GROUP)
        link.knows_peer()
        outages = []
        for _ in range(TRIALS):
            conversation = link.used()
            suspend = partial(link.control.suspend, link.leaver.ifindex, GROUP)
            outages.append(conversation.through(suspend, link.survivor.name))
            link.control.resume(link.leaver.ifindex, GROUP)
            link.knows_peer()
        worst, median = max(outages), statistics.median(outages)
        print(f"outage: worst {worst:.3f} s, median {median:.3f} s")
        assert sorted(outages)[-2] < WORST, outages
        assert median < MEDIAN, outages

    @pytest.mark.ordinary_kernel
    def test_lease(self, link: Link) -> None:
        """An expiry is a suspension."""
        served(link.survivor, GROUP)
        served(link.leaver, GROUP)
        link.knows_peer()
        conversation = link.used()
        link.control.lease(link.leaver.ifindex, GROUP, SHORT)
        assert conversation.until(link.survivor.name) < WORST

    def test_drain_loses_nothing(self, link: Link) -> None:
        """Of all that is sent from the beginning of the drain until the group is suspended."""
        served(link.survivor, GROUP)
        served(link.leaver, GROUP)
        link.knows_peer()
        link.used()
        questions = Questions(link.client)
        questions.ask(20)
        link.control.drain(link.leaver.ifindex, GROUP, DRAIN)
        state = lambda: link.control.state(link.leaver.ifindex, GROUP)  # noqa: E731
        while state() != SUSPENDED:
            questions.ask(10)
        questions.ask(50)
        by = questions.all_answered()
        assert by[0] == link.leaver.name
        assert by[-50:] == [link.survivor.name] * 50
        assert len(by) > (DRAIN + GRACE) / 1000 / STEP / 2

    def test_new_client(self, link: Link) -> None:
        """Who looks for a member during the drain finds the other one, and stays with that."""
        served(link.survivor, GROUP)
        served(link.leaver, GROUP)
        conversation = link.used()
        link.control.drain(link.leaver.ifindex, GROUP, LONG)
        conversation.until(link.leaver.name, times=20)
        link.client.namespace.ip("neigh", "flush", "dev", link.client.device)
        conversation.until(link.survivor.name, times=50)

    def test_peer_first(self, link: Link) -> None:
        """The survivor is announced while the host serves on, for the grace."""
        link.survivor.member(GROUP)
        link.leaver.member(GROUP)
        link.knows_peer()
        wire, heard = Wire(link.client), Listener(link.leaver)
        link.control.drain(link.leaver.ifindex, GROUP, SHORT)
        assert heard.next(GROUP).group.state == DRAINING
        first = wire.collect(announcement, lambda _: True)
        announced = time.monotonic()
        assert first == [link_layer_of(link)]
        assert link.control.state(link.leaver.ifindex, GROUP) == DRAINING
        told = heard.next(GROUP)
        assert (told.name, told.group.peer) == (HANDED_OVER, link.survivor.mac)
        assert heard.next(GROUP).group.state == SUSPENDED
        assert time.monotonic() - announced > GRACE / 2000
        assert stat(link.leaver.namespace)["handovers"] == 1

    def test_resumed_in_the_grace(self, link: Link) -> None:
        """No further announcement than those that were on their way."""
        link.survivor.member(GROUP)
        link.leaver.member(GROUP)
        link.knows_peer()
        wire = Wire(link.client)
        link.control.drain(link.leaver.ifindex, GROUP, SHORT)
        wire.collect(announcement, lambda _: True)
        link.control.resume(link.leaver.ifindex, GROUP)
        list(wire.incoming(STEP))
        seen = [one for frame in wire.incoming(4.0) if (one := announcement(frame))]
        assert seen == []
        link.knows_peer()

    def test_no_peer(self, link: Link) -> None:
        """The drain ends all the same, and nothing is announced."""
        link.leaver.member(GROUP)
        wire = Wire(link.client)
        link.control.drain(link.leaver.ifindex, GROUP, SHORT)
        state = lambda: link.control.state(link.leaver.ifindex, GROUP)  # noqa: E731
        assert settled(state, SUSPENDED) == SUSPENDED
        assert [frame for frame in wire.incoming(1.0) if announcement(frame)] == []


class Questions:
    """Datagrams to the group, each of which must be answered once."""

    def __init__(self, client: Host) -> None:
        self._sock, self._sent = client.open(), 0
        self._names: list[str] = []

    def ask(self, count: int) -> None:
        for _ in range(count):
            self._sock.sendto(b"?", (GROUP, PORT))
            self._sent += 1
            time.sleep(STEP)
            self._hear(0.0)

    def all_answered(self) -> list[str]:
        """The names that came back, as many as questions."""
        while len(self._names) < self._sent and self._hear(PATIENCE):
            pass
        lost = self._sent - len(self._names)
        assert lost == 0, f"{lost} of {self._sent} lost: {Counter(self._names)}"
        return self._names

    def _hear(self, limit: float) -> bool:
        heard = readable(self._sock, limit)
        while readable(self._sock, 0.0):
            self._names.append(self._sock.recv(64).decode())
        return heard


def announcement(frame: bytes) -> Advertisement | None:
    """An unsolicited advertisement of the group."""
    seen = parse(frame)
    return seen if seen and seen.target == GROUP and not seen.solicited else None


def link_layer_of(link: Link) -> Advertisement:
    return Advertisement(
        mac=link.leaver.mac,
        source=link.leaver.link_local,
        destination=ALL_NODES,
        hop_limit=255,
        target=GROUP,
        router=False,
        solicited=False,
        override=True,
        link_layer=link.survivor.mac,
    )


class TestTakeover:
    """C knows no such states: it serves whatever is held."""

    @pytest.fixture(autouse=True)
    def module(self) -> None:
        switch_to(MODULE)

    @pytest.mark.parametrize("state", list(ORDERS))
    def test_handed_back(
        self, cable: Cable, observer: Observer, kernel_log: KernelLog, state: str
    ) -> None:
        order, view = ORDERS[state]
        server = cable.server
        sock = server.member(GROUP)
        order(Control(server))
        observer.becomes(view, GROUP)
        switch_to(BUILTIN_C)
        observer.serves(GROUP)
        line = (
            f"anycast6: {server.device}: the group {GROUP} is {state} no longer: C serves it again"
        )
        assert kernel_log.lines().count(line) == 1
        switch_to(MODULE)
        observer.serves(GROUP)
        assert Control(server).state(IFINDEX, GROUP) == PUBLISHED
        sock.close()
        observer.becomes(ABSENT, GROUP)

    def test_lease(self, cable: Cable, observer: Observer) -> None:
        """Which ends nothing after an unload, and is unknown after the next load."""
        server = cable.server
        server.member(GROUP, SECOND)
        control = Control(server)
        control.lease(IFINDEX, GROUP, SHORT)
        control.lease(IFINDEX, SECOND, LONG)
        becomes(control, SUSPENDED)
        switch_to(BUILTIN_C)
        observer.serves(GROUP, SECOND)
        switch_to(MODULE)
        observer.serves(GROUP, SECOND)
        control = Control(server)
        assert [(one.state, one.lease) for one in control.groups()] == [(PUBLISHED, None)] * 2

    def test_in_the_grace(self, cable: Cable, observer: Observer) -> None:
        server = cable.server
        server.member(GROUP)
        control = Control(server)
        control.drain(IFINDEX, GROUP, SHORT)
        eventually("the time is over", lambda: control.group(IFINDEX, GROUP).drain is None)
        switch_to(BUILTIN_C)
        observer.serves(GROUP)
        switch_to(MODULE)
        observer.serves(GROUP)

    def test_while_dormant(self, cable: Cable, observer: Observer) -> None:
        """C has the group as if it had been joined while the device is away."""
        server = cable.server
        server.member(GROUP)
        Control(server).suspend(IFINDEX, GROUP)
        loss.down(cable)
        switch_to(BUILTIN_C)
        switch_to(MODULE)
        loss.up(cable)
        observer.serves(GROUP)

    def test_taken_over(self, cable: Cable, observer: Observer) -> None:
        switch_to(BUILTIN_C)
        server = cable.server
        server.member(GROUP, SECOND)
        switch_to(MODULE)
        control = Control(server)
        assert {one.state for one in control.groups()} == {PUBLISHED}
        assert {one.kind for one in control.holders()} == {"adopted"}
        control.suspend(IFINDEX, GROUP)
        assert observer.state(GROUP) == ABSENT
        observer.serves(SECOND)

    def test_stays_unloaded(self, cable: Cable) -> None:
        """No timer of the module's comes after it."""
        server = cable.server
        server.member(GROUP)
        Control(server).lease(IFINDEX, GROUP, SHORT)
        switch_to(BUILTIN_C)
        begun = time.monotonic()
        eventually("it would be over", lambda: time.monotonic() - begun > 2 * SHORT / 1000)
        assert [group.address for group in server.groups()] == [GROUP]
