# SPDX-License-Identifier: GPL-2.0
"""Processors that leave and return, and the first step of a suspend: all programs are frozen."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.kernel.implementation import ANYCAST6, BUILTIN_C, MODULE, module_path, switch_to
from harness.kernel.kmodule import insmod
from harness.topology.host import Host
from harness.topology.lan import GROUP, Cable
from harness.views.observer import ABSENT, PUBLISHED, Observer
from harness.wait import eventually
from harness.wire.outage import Outage
from harness.wire.tcp import connect, listener

ONLINE = Path("/sys/devices/system/cpu/cpu1/online")
PM_TEST, STATE = Path("/sys/power/pm_test"), Path("/sys/power/state")
DELAY = Path("/sys/module/suspend/parameters/pm_test_delay")
FROZEN = 1  # seconds
OUTAGE = 10.0


@pytest.fixture
def second_processor() -> Iterator[Callable[[bool], None]]:
    """Takes it away, and brings it back; it is there in the end."""

    def turn(on: bool) -> None:
        ONLINE.write_text(str(int(on)), encoding="ascii")

    yield turn
    turn(True)


def begin(implementation: str) -> None:
    """The transition, and no more."""
    if implementation == MODULE:
        assert insmod(module_path()).returncode == 0
    else:
        (ANYCAST6.directory / "enabled").write_text("0", encoding="ascii")


def end(implementation: str) -> None:
    if implementation == MODULE:
        ANYCAST6.await_live()
    else:
        eventually("C serves", lambda: not ANYCAST6.directory.exists(), ANYCAST6.limit)
        ANYCAST6.remove()


@contextmanager
def meanwhile(turn: Callable[[bool], None]) -> Iterator[None]:
    """The second processor goes and comes, again and again, at least once."""
    over, failures = threading.Event(), []

    def work() -> None:
        try:
            while True:
                for on in False, True:
                    turn(on)
                if over.is_set():
                    return
        except OSError as error:
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    assert failures == []


def test_processor_leaves_in_a_transition(
    cable: Cable, observer: Observer, second_processor: Callable[[bool], None]
) -> None:
    """Tasks, idle ones included, switch all the same, and the group is served throughout."""
    switch_to(BUILTIN_C)
    server, client = cable.hosts
    sock = server.member(GROUP)
    observer.serves(GROUP)
    outage = Outage(client, GROUP)
    for implementation in MODULE, BUILTIN_C:
        with meanwhile(second_processor):
            begin(implementation)
            end(implementation)
        observer.becomes(PUBLISHED, GROUP)
    assert outage.longest() < OUTAGE
    sock.close()
    observer.becomes(ABSENT, GROUP)


def test_processor_was_away(
    server: Host, observer: Observer, second_processor: Callable[[bool], None]
) -> None:
    """It comes back after the transition, with what it had to do before."""
    switch_to(BUILTIN_C)
    sock = server.member(GROUP)
    for implementation in MODULE, BUILTIN_C:
        second_processor(False)
        switch_to(implementation)
        second_processor(True)
        observer.serves(GROUP)
    sock.close()
    observer.becomes(ABSENT, GROUP)


@pytest.fixture
def freeze() -> Iterator[Callable[[], None]]:
    """All programs sleep for a moment, as in a suspend that goes no further."""
    before = DELAY.read_text(encoding="ascii")
    DELAY.write_text(str(FROZEN), encoding="ascii")
    PM_TEST.write_text("freezer", encoding="ascii")
    yield lambda: _write(STATE, "freeze")
    PM_TEST.write_text("none", encoding="ascii")
    DELAY.write_text(before, encoding="ascii")


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="ascii")


@pytest.mark.ordinary_kernel  # the debug kernel cannot suspend
@pytest.mark.usefixtures("implementation", "undelayed")
def test_programs_are_frozen(cable: Cable, observer: Observer, freeze: Callable[[], None]) -> None:
    """A group and what its clients have begun outlast it."""
    server, client = cable.hosts
    sock = server.member(GROUP)
    connection = connect(client, listener(server, server.address), server.address)
    freeze()
    connection.carries()
    observer.serves(GROUP)
    connection.close()
    sock.close()
    observer.becomes(ABSENT, GROUP)
