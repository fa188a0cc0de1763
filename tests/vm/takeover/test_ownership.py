# SPDX-License-Identifier: GPL-2.0
"""Other livepatches, and whoever else changes groups behind the module's back.

Nobody who holds a group loses it for them, and nothing is done where somebody else is at work.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.kernel import kmodule
from harness.kernel.implementation import (
    ANYCAST6,
    BUILTIN_C,
    MODULE,
    attempt,
    built_module,
    live,
    switch_to,
)
from harness.kernel.livepatch import Livepatch
from harness.kernel.log import KernelLog
from harness.process.child import Child
from harness.sockopt import anycast
from harness.sockopt.anycast import Group
from harness.stress.soak import Soak
from harness.stress.span import Span
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, SECOND, THIRD
from harness.views.members import members
from harness.views.netlink import Monitor
from harness.views.observer import ABSENT, PUBLISHED, Observer
from harness.wait import LIMIT, eventually
from harness.wire.traffic import Traffic

FOREIGN, REPLACING, STACKED = map(
    Livepatch, ("anycast6_foreign", "anycast6_replacing", "anycast6_stacked")
)
ROUNDS, MANY_ROUNDS = 2, 100
KNOWS_GROUPS = "knows_groups=1"
# The kernel's own.
REFUSED = (
    "livepatch: Livepatch patch (anycast6_replacing) is not compatible with the already installed "
    "livepatches."
)


def insert(patch: Livepatch, parameters: str = "") -> None:
    kmodule.insert(built_module(patch.name), parameters)


@contextmanager
def loaded(patch: Livepatch, parameters: str = "") -> Iterator[None]:
    insert(patch, parameters)
    try:
        patch.await_live()
        yield
    finally:
        patch.disable()
        patch.remove()


def link(host: Host, state: str) -> None:
    host.namespace.rtnl.link("set", index=IFINDEX, state=state)


def flap(host: Host) -> None:
    link(host, "down")
    link(host, "up")
    eventually("the carrier is back", host.operational)


def dormant(host: Host) -> list[str]:
    return [hold.address for hold in members(host.namespace) if hold.state == "dormant"]


def said(log: KernelLog, text: str) -> int:
    return sum(text in line for line in log.lines())


@pytest.fixture
def holder(server: Host) -> socket.socket:
    """Of both groups, SECOND being the younger one."""
    switch_to(MODULE)
    return server.member(GROUP, SECOND)


@pytest.fixture
def holding(server: Host, holder: socket.socket) -> Host:
    """The server, which has a socket that holds both groups."""
    return server


class TestReplacing:
    """A livepatch with `replace`, the default of the kernel's own klp-build."""

    def test_is_refused_before_anybody_joins(
        self, server: Host, observer: Observer, kernel_log: KernelLog
    ) -> None:
        switch_to(MODULE)
        assert anycast.result(lambda: insert(REPLACING)) == "EINVAL"
        assert REFUSED in kernel_log.lines()
        assert live() == MODULE
        server.member(GROUP)
        observer.serves(GROUP)

    def test_is_refused_while_groups_are_held(
        self, holding: Host, observer: Observer, kernel_log: KernelLog
    ) -> None:
        published = holding.publication()
        assert anycast.result(lambda: insert(REPLACING)) == "EINVAL"
        assert REFUSED in kernel_log.lines()
        assert holding.publication() == published
        flap(holding)
        holding.restore_addresses()
        observer.serves(GROUP, SECOND)

    def test_is_refused_while_groups_wait(self, holding: Host, observer: Observer) -> None:
        link(holding, "down")
        assert anycast.result(lambda: insert(REPLACING)) == "EINVAL"
        assert sorted(dormant(holding)) == [GROUP, SECOND]
        link(holding, "up")
        holding.restore_addresses()
        observer.serves(GROUP, SECOND)

    def test_is_welcome_after_an_unload(self, server: Host) -> None:
        """As the README says."""
        switch_to(BUILTIN_C)
        server.member(GROUP)
        with loaded(REPLACING):
            assert server.groups() == [Group(server.device, GROUP, 1)]


def takes_our_place(log: KernelLog) -> int:
    return said(log, "livepatch 'anycast6_replacing' takes the place of anycast6")


@pytest.fixture
def replaced(holding: Host) -> Iterator[Host]:
    """Another livepatch has taken the place of the module, for good, and knows that it does."""
    with loaded(REPLACING, KNOWS_GROUPS):
        eventually("it is gone", lambda: not ANYCAST6.directory.exists())
        yield holding
    ANYCAST6.remove()


@contextmanager
def late() -> Iterator[Callable[[], None]]:
    """As `replaced`, but our module is not told before it is called: all tasks have moved by then.

    That happens on a busy machine.
    """
    lingers = Path("/sys/module/anycast6_replacing/parameters/lingers")
    child = Child(lambda: insert(REPLACING, f"{KNOWS_GROUPS} lingers=1"))

    def comes() -> None:
        lingers.write_text("0", encoding="ascii")
        child.result(LIMIT)

    try:
        eventually("it is gone", lambda: not ANYCAST6.directory.exists())
        yield comes
    finally:
        lingers.write_text("0", encoding="ascii")
        child.kill()
        REPLACING.disable()
        REPLACING.remove()
        ANYCAST6.remove()


class TestReplaced:
    def test_groups_are_left_as_they_are(
        self, replaced: Host, observer: Observer, kernel_log: KernelLog
    ) -> None:
        assert takes_our_place(kernel_log) == 1
        observer.serves(GROUP, SECOND)
        status = attempt("status")
        assert status.returncode == 3
        assert "the kernel's own code serves" in status.stdout

    def test_is_told_when_all_tasks_have_moved_already(
        self, holding: Host, observer: Observer, kernel_log: KernelLog
    ) -> None:
        with late() as comes:
            assert takes_our_place(kernel_log) == 0
            comes()
            assert takes_our_place(kernel_log) == 1
            observer.serves(GROUP, SECOND)

    def test_groups_that_wait_are_lost(
        self, holding: Host, observer: Observer, kernel_log: KernelLog
    ) -> None:
        """C would be given them, but is not at work any more; none is lost without a line."""
        link(holding, "down")
        with late() as comes:
            comes()
            for group in GROUP, SECOND:
                lost = f"{holding.device}: the group {group} is lost: it was waiting for its device"
                assert said(kernel_log, lost) == 1
            link(holding, "up")
            eventually("the carrier is back", holding.operational)
            holding.restore_addresses()
            observer.becomes(ABSENT, GROUP, SECOND)

    def test_nothing_is_done_beside_c(
        self, replaced: Host, holder: socket.socket, observer: Observer
    ) -> None:
        """The last close ends the group for good, and nobody tries to bring its route back."""
        monitor = Monitor(replaced)
        holder.close()
        observer.becomes(ABSENT, GROUP, SECOND)
        events = len(monitor.all())
        flap(replaced)
        replaced.restore_addresses()
        observer.becomes(ABSENT, GROUP, SECOND)
        assert len(monitor.all()) == events

    def test_somebody_joins_and_leaves(self, replaced: Host, observer: Observer) -> None:
        sock = replaced.member(THIRD)
        observer.serves(THIRD)
        anycast.leave(sock, THIRD, IFINDEX)
        observer.becomes(ABSENT, THIRD)


class TestStacked:
    """A livepatch that has a function of ours on top of ours."""

    def test_on_a_look_up_is_told(
        self, holding: Host, observer: Observer, kernel_log: KernelLog
    ) -> None:
        with loaded(FOREIGN):
            line = "livepatch 'anycast6_foreign' has replaced ac6_seq_stop on top of anycast6"
            assert said(kernel_log, line) == 1
            assert "anycast6_foreign (ac6_seq_stop)" in attempt("status").stdout
            flap(holding)
            holding.restore_addresses()
            observer.serves(GROUP, SECOND)
        assert attempt("status").stdout == "anycast6 is live\n"
        assert said(kernel_log, "groups are kept as in C") == 0

    def test_on_a_join_has_groups_kept_as_in_c(
        self, holding: Host, observer: Observer, kernel_log: KernelLog
    ) -> None:
        published = holding.publication()
        with loaded(STACKED):
            assert said(kernel_log, "groups are kept as in C") == 1
            assert "anycast6_stacked (ipv6_sock_ac_join)" in attempt("status").stdout
            assert holding.publication() == published
            observer.serves(GROUP, SECOND)
            assert anycast.result(lambda: holding.member(THIRD)) == "ENOTSUP"  # the same number
        assert said(kernel_log, "alone again: took over 2 groups with 2 holders") == 1
        assert holding.publication() == published
        holding.member(THIRD)
        observer.serves(GROUP, SECOND, THIRD)

    @pytest.mark.smoke
    def test_group_waits_for_its_device(self, holding: Host, observer: Observer) -> None:
        """It is C's to list meanwhile, which does so come what may, and is not lost."""
        link(holding, "down")
        assert sorted(dormant(holding)) == [GROUP, SECOND]
        with loaded(STACKED):
            assert {group.address for group in holding.groups()} == {GROUP, SECOND}
        eventually("they wait again", lambda: sorted(dormant(holding)) == [GROUP, SECOND])
        link(holding, "up")
        holding.restore_addresses()
        observer.serves(GROUP, SECOND)

    def test_group_ends_meanwhile(
        self, holding: Host, holder: socket.socket, observer: Observer
    ) -> None:
        with loaded(STACKED):
            holder.close()
            observer.becomes(ABSENT, GROUP, SECOND)
            flap(holding)
            holding.restore_addresses()
            observer.becomes(ABSENT, GROUP, SECOND)
        assert members(holding.namespace) == []

    def test_unload_meanwhile(self, holding: Host, observer: Observer) -> None:
        """What came later may stay."""
        with loaded(STACKED):
            switch_to(BUILTIN_C)
            observer.serves(GROUP, SECOND)


class TestThief:
    """A group is gone from the kernel's list, and nobody has told."""

    NAME = "anycast6_thief"

    @pytest.fixture
    def robbed(self, holding: Host) -> Iterator[Host]:
        """SECOND, the younger one, is stolen."""
        with holding.namespace.inside():
            kmodule.insert(built_module(self.NAME), f"device={holding.device}")
        yield holding
        switch_to(BUILTIN_C)  # which owns up to nothing
        kmodule.remove(self.NAME)

    def test_is_noticed_and_left_alone(
        self, robbed: Host, holder: socket.socket, observer: Observer, kernel_log: KernelLog
    ) -> None:
        """One line, no other try; what is left is kept as in C."""
        flap(robbed)
        eventually("it is noticed", lambda: said(kernel_log, "is not where it was left"))
        robbed.restore_addresses()
        assert robbed.groups() == [Group(robbed.device, GROUP, 1)]
        assert members(robbed.namespace) == []
        for _ in range(3):
            flap(robbed)
        robbed.restore_addresses()
        observer.becomes(ABSENT, SECOND)
        assert said(kernel_log, "is not where it was left") == 1
        holder.close()
        assert robbed.groups() == []

    def test_another_livepatch_comes_and_goes(
        self, robbed: Host, observer: Observer, kernel_log: KernelLog
    ) -> None:
        """Groups are not taken over again, and joins go on as in C."""
        flap(robbed)
        eventually("it is noticed", lambda: said(kernel_log, "is not where it was left"))
        robbed.restore_addresses()
        with loaded(STACKED):
            pass
        assert members(robbed.namespace) == []
        sock = robbed.member(THIRD)
        observer.serves(THIRD)
        sock.close()
        observer.becomes(ABSENT, THIRD)

    def test_loaded_anew(self, robbed: Host, observer: Observer, kernel_log: KernelLog) -> None:
        flap(robbed)
        eventually("it is noticed", lambda: said(kernel_log, "is not where it was left"))
        robbed.restore_addresses()
        switch_to(BUILTIN_C)
        switch_to(MODULE)
        observer.becomes(PUBLISHED, GROUP)


def test_rounds(server: Host, client: Host, soak: Soak) -> None:
    """Switches to and fro, and other livepatches between them: no question is lost."""
    switch_to(BUILTIN_C)
    server.member(SECOND)
    span = Span()
    traffic = Traffic(server, client, span)
    traffic.datagrams(GROUP)
    span.begin()
    published = server.publication()
    rounds = soak.count(ROUNDS, MANY_ROUNDS)
    for _ in range(rounds):
        switch_to(MODULE)
        assert anycast.result(lambda: insert(REPLACING)) == "EINVAL"
        for patch in FOREIGN, STACKED:
            with loaded(patch):
                assert server.publication() == published
            assert server.publication() == published
        switch_to(BUILTIN_C)
        assert server.publication() == published
    span.end()
    asked, lost = traffic.done()
    assert lost.total() == 0
    soak.record(rounds, switches=2 * rounds, other_livepatches=2 * rounds, **asked)
