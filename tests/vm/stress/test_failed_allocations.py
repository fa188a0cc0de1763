# SPDX-License-Identifier: GPL-2.0
"""No allocation may fail without an error, a lost group or a changed world.

For each system call the first allocation fails, then the second, and so on until there are no more.
Needs the debug kernel; with others this file is not collected.
"""

import errno
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyroute2 import NetlinkError

import failing_calls
from failing_calls import DUMMYS_GROUP, ROWS, Row
from harness.kernel import caller
from harness.kernel.fault import failing
from harness.kernel.implementation import (
    ANYCAST6,
    BUILTIN_C,
    MODULE,
    live,
    module_path,
    switch_to,
    unload,
)
from harness.kernel.kmodule import insert
from harness.kernel.notifier_error import refused
from harness.topology import loss
from harness.topology.host import Host
from harness.topology.lan import GROUP, SECOND, Cable
from harness.views.control import PUBLISHED, SUSPENDED, Control, Listener, Status
from harness.views.members import Hold, members
from harness.views.stat import stat
from harness.views.state import Publication
from harness.wait import eventually, settled

pytestmark = pytest.mark.module_only

# What a listener hears of a suspension that has been refused, or done; or it has missed something.
REFUSED = "ENOMEM", [PUBLISHED]
DONE = "OK", [PUBLISHED, SUSPENDED]
MISSED = "OK", ["ENOBUFS"]


@dataclass(frozen=True)
class World:
    """What programs and operators see of a host."""

    publication: Publication
    groups: tuple[Status, ...]
    members: tuple[Hold, ...]
    devices: frozenset[str]

    @classmethod
    def of(cls, host: Host) -> "World":
        """Sockets that differ in name only are the same."""
        lines = host.namespace.proc("dev").decode("ascii").splitlines()[2:]
        holds = (
            hold._replace(ifindex=0, holder=hold.holder.split()[0])
            for hold in members(host.namespace)
        )
        return cls(
            host.publication(),
            groups(host),
            tuple(sorted(holds)),
            frozenset(line.split()[0] for line in lines),
        )


def groups(host: Host) -> tuple[Status, ...]:
    """Devices that differ in index only are the same, and so are times."""
    control = Control(host)
    with control.sock:
        seen = [
            group._replace(
                ifindex=0,
                since=0,
                drain=group.drain and 1,
                lease=group.lease and 1,
            )
            for group in control.groups()
        ]
    return tuple(sorted(seen, key=repr))


@pytest.fixture
def kernel_caller(implementation: str) -> Iterator[None]:
    """A module that needs this one."""
    with caller.loaded():
        yield


@pytest.mark.smoke("module-first_join", "module-leave")
@pytest.mark.usefixtures("kernel_caller")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_call(server: Host, row: Row) -> None:
    idle = World.of(server)
    with row.prepare(server) as call:
        call()
        done = World.of(server)
    assert settled(lambda: World.of(server), idle) == idle
    with failing(below_module=row.below_module) as inject:
        for nth in itertools.count(1):
            with row.prepare(server) as call:
                before = World.of(server)
                outcome = inject(nth, call)
                after = World.of(server)
                print(f"allocation {nth}: {outcome}")
                if outcome.answer == "OK":
                    assert settled(lambda: World.of(server), done) == done
                else:
                    assert outcome.answer in row.answers
                    assert after == before
            assert settled(lambda: World.of(server), idle) == idle
            if not outcome.injected:
                break
    assert outcome.answer == "OK"
    assert (nth > 1) == row.takes_memory, f"{nth - 1} allocations were made to fail"
    assert stat(server.namespace)["reconciled"] == 0, "nobody has deleted a route"


@pytest.mark.usefixtures("implementation")
def test_notification(server: Host) -> None:
    """Without memory for the message listeners learn that they have missed something."""
    seen = []
    with failing(below_module=True) as inject:
        for nth in itertools.count(1):
            listener = Listener(server)
            with listener.sock, failing_calls.suspend(server) as call:
                assert told(listener) == [PUBLISHED]
                outcome = inject(nth, call)
                seen.append((outcome.answer, told(listener)))
            if not outcome.injected:
                break
    *failed, last = seen
    assert last == DONE
    assert MISSED in failed
    assert all(one in (REFUSED, DONE, MISSED) for one in failed), failed


def told(listener: Listener) -> list[str]:
    """All states so far of the group in question; or the error of a listener."""
    try:
        return listener.words(DUMMYS_GROUP)
    except OSError as error:
        return [errno.errorcode[error.errno or 0]]


@pytest.fixture
def members_of_all_kinds(server: Host) -> None:
    """Two groups published, one with two holders, and one of addrconf."""
    server.forwarding(True)
    server.member(GROUP, SECOND)
    server.member(GROUP)


def ours(host: Host) -> tuple[Publication, frozenset[tuple[str, str]]]:
    """What must outlast all switches: the tables, and which groups have holders by that."""
    holds = frozenset((hold.address, hold.state) for hold in members(host.namespace))
    return host.publication(), holds


@contextmanager
def one_processor() -> Iterator[None]:
    """Tasks switch at once, so that it is insmod itself that takes over, not a kernel thread."""
    file = Path("/sys/devices/system/cpu/cpu1/online")
    file.write_text("0", encoding="ascii")
    try:
        yield
    finally:
        file.write_text("1", encoding="ascii")


@pytest.mark.usefixtures("members_of_all_kinds")
def test_takeover(server: Host) -> None:
    """What cannot be adopted at once is adopted soon; or C goes on.

    For each function that is replaced the kernel allocates the same, in code of its own.
    """
    switch_to(MODULE)
    adopted = ours(server)
    switch_to(BUILTIN_C)
    published = server.publication()
    answers = set()
    with (
        one_processor(),
        failing(below_module=True, not_below="klp_patch_object") as inject,
    ):
        for nth in itertools.count(1):
            outcome = inject(nth, lambda: insert(module_path()))
            print(f"allocation {nth}: {outcome}")
            answers.add(outcome.answer)
            assert server.publication() == published
            if outcome.answer == "OK":
                ANYCAST6.await_live()
                assert settled(lambda: ours(server), adopted) == adopted
                unload()
            else:
                eventually("the module is gone", lambda: not ANYCAST6.is_loaded())
                assert live() == BUILTIN_C
            assert server.publication() == published
            if not outcome.injected:
                break
    assert answers == {"OK", "ENOMEM"}


@pytest.mark.usefixtures("members_of_all_kinds")
def test_hand_back(server: Host) -> None:
    """It may be refused; otherwise C has all groups.

    The kernel itself does not expect a failure while it gives back a function: it warns.
    """
    switch_to(BUILTIN_C)
    published = server.publication()
    enabled = ANYCAST6.directory / "enabled"
    with (
        one_processor(),
        failing(below_module=False, not_below="__klp_unpatch_object") as inject,
    ):
        for nth in itertools.count(1):
            switch_to(MODULE)
            file = os.open(enabled, os.O_WRONLY | os.O_CLOEXEC)
            outcome = inject(nth, lambda f=file: os.write(f, b"0"))
            os.close(file)
            print(f"allocation {nth}: {outcome}")
            if outcome.answer == "OK":
                eventually("C serves", lambda: not ANYCAST6.directory.exists())
                ANYCAST6.remove()
            else:
                assert live() == MODULE
            assert server.publication() == published
            if not outcome.injected:
                break
    assert outcome.answer == "OK"
    assert nth > 1, "no allocation was made to fail"


REFUSALS = {
    "NETDEV_CHANGEMTU": loss.shrink,
    "NETDEV_PRECHANGEMTU": loss.shrink,
    "NETDEV_PRECHANGEUPPER": lambda cable: set_master(cable.server),
    "NETDEV_CHANGEUPPER": lambda cable: set_master(cable.server),
    "NETDEV_PRE_UP": lambda cable: loss.set_link(cable.server, state="up"),
}


def set_master(host: Host) -> None:
    loss.set_link(host, master=host.namespace.index_of(loss.VRF))


@pytest.fixture
def vrf(server: Host) -> Iterator[None]:
    loss.add_vrf(server, loss.VRF, loss.VRFS[loss.VRF])
    yield
    loss.delete_vrf(server, loss.VRF)


@pytest.mark.usefixtures("implementation", "vrf")
@pytest.mark.parametrize("action", REFUSALS)
def test_change_that_is_refused(cable: Cable, action: str) -> None:
    """The device is as it was, and so are its groups."""
    server = cable.server
    server.member(GROUP, SECOND)
    if action == "NETDEV_PRE_UP":
        loss.down(cable)
    before = World.of(server)
    with refused(action), pytest.raises(NetlinkError) as error:
        REFUSALS[action](cable)
    assert error.value.code == errno.ENOMEM
    assert settled(lambda: World.of(server), before) == before
    if action == "NETDEV_PRE_UP":
        loss.up(cable)


@pytest.mark.usefixtures("implementation")
def test_device_that_is_refused(server: Host) -> None:
    before = World.of(server)
    for action in "NETDEV_POST_INIT", "NETDEV_REGISTER":
        with refused(action), pytest.raises(NetlinkError) as error:
            server.namespace.add_dummy("extra")
        assert error.value.code == errno.ENOMEM
        assert World.of(server) == before
