# SPDX-License-Identifier: GPL-2.0
"""Transitions that one task delays, and an adoption that RTNL delays: groups go on meanwhile.

The task is one that waits for the lock of a socket, in the module's bind(): it delays the unload.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from harness.kernel.implementation import ANYCAST6, MODULE, switch_to
from harness.process.waiting import rtnl_held, socket_locked, waits_in
from harness.sockopt import anycast
from harness.sockopt.anycast import Group
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, SECOND, THIRD, Cable
from harness.views.members import members
from harness.views.observer import ABSENT, Observer
from harness.views.stat import moved, stat
from harness.wait import eventually
from harness.wire.ndisc import Peer

pytestmark = pytest.mark.ordinary_kernel  # the debug kernel has no userfaultfd


@contextmanager
def delayed(server: Host) -> Iterator[None]:
    """A process waits in the module's bind() meanwhile, so no unload can end."""
    sock = server.open()
    with socket_locked(server, sock):
        binding = server.child(lambda: anycast.result(lambda: sock.bind(("::", 0))))
        eventually("bind() waits", lambda: waits_in(binding, "lock_sock"))
        yield
    assert binding.result() == "OK"


def enable(value: int) -> None:
    """Begin to switch to the module or to C; the kernel goes back from where it is."""
    (ANYCAST6.directory / "enabled").write_text(str(value), encoding="ascii")


def adopted(host: Host, *addresses: str) -> None:
    """The module has adopted the groups, one holder each, and has no others."""
    expected = dict.fromkeys(addresses, "adopted 1")
    eventually("the groups are adopted", lambda: holders(host) == expected)


def holders(host: Host) -> dict[str, str]:
    return {hold.address: hold.holder for hold in members(host.namespace)}


@contextmanager
def called_off(server: Host) -> Iterator[None]:
    """An unload, in the midst of which this goes on, and which becomes a load again then."""
    with delayed(server):
        enable(0)
        try:
            yield
            assert ANYCAST6.state("transition") == "1", "the unload was not delayed"
        finally:
            enable(1)
    ANYCAST6.await_live()


def test_unload_that_is_called_off(server: Host, observer: Observer) -> None:
    """An administrator may change their mind while tasks wait; then all is the module's again."""
    switch_to(MODULE)
    sock = server.member(GROUP, SECOND)
    with called_off(server):
        observer.serves(GROUP, SECOND)
    adopted(server, GROUP, SECOND)
    # Which C would leave as it is.
    server.namespace.ip("route", "del", "anycast", GROUP, "dev", server.device, "table", "local")
    observer.serves(GROUP, SECOND)
    sock.close()
    observer.becomes(ABSENT, GROUP, SECOND)


def test_adoption_waits_for_rtnl(cable: Cable, observer: Observer, peer: Peer) -> None:
    """The module does not: its functions serve, as during the transition, until RTNL is free."""
    switch_to(MODULE)
    server = cable.server
    sock = server.member(GROUP, THIRD)
    questions = {group: peer.ask(group, multicast=True) for group in (GROUP, SECOND, THIRD)}
    with ExitStack() as busy:
        with called_off(server):
            busy.enter_context(rtnl_held(server))
        anycast.join(sock, SECOND, IFINDEX)
        anycast.leave(sock, THIRD, IFINDEX)
        assert server.groups() == [Group(server.device, SECOND, 1), Group(server.device, GROUP, 1)]
        answered = [group for group in questions if peer.answers(questions[group], group)]
        assert answered == [GROUP, SECOND]
        assert holders(server) == {}, "RTNL was free"
    adopted(server, GROUP, SECOND)
    observer.serves(GROUP, SECOND)
    sock.close()
    observer.becomes(ABSENT, GROUP, SECOND)


def test_counters(cable: Cable, peer: Peer) -> None:
    """During a transition nothing counts but walks; what was counted before it stays."""
    switch_to(MODULE)
    server = cable.server
    question = peer.ask(GROUP, multicast=True)
    sock = server.member(GROUP, THIRD)
    before = stat(server.namespace)
    assert (before["joins"], before["published"], before["walks"]) == (2, 2, 0)
    with called_off(server):
        anycast.join(sock, SECOND, IFINDEX)
        assert peer.answers(question, GROUP)
        anycast.leave(sock, GROUP, IFINDEX)
        # In C, too, by those who have switched already; that does not count at all.
        assert set(moved(before, stat(server.namespace))) <= {"walks"}
    adopted(server, SECOND, THIRD)
    before = stat(server.namespace)
    assert not peer.answers(question, GROUP)
    anycast.join(sock, GROUP, IFINDEX)
    assert peer.answers(question, GROUP)
    sock.close()
    counted = moved(before, stat(server.namespace))
    assert counted == {"joins": 1, "published": 1, "leaves": 3, "withdrawn": 3}
