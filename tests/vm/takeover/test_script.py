# SPDX-License-Identifier: GPL-2.0
"""scripts/anycast6: each command, good and bad arguments, tasks in the way."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.kernel import kmodule
from harness.kernel.halt import halfway_through_a_leave
from harness.kernel.implementation import (
    ANYCAST6,
    BUILTIN_C,
    LOADED,
    MODULE,
    SCRIPT,
    attempt,
    live,
    module_path,
    switch_to,
)
from harness.process.child import Child
from harness.process.program import AS_NOBODY
from harness.process.stuck import stuck_in_bind
from harness.sockopt.anycast import Group
from harness.topology.host import Host
from harness.topology.lan import GROUP, SECOND
from harness.wait import eventually

ERROR = "scripts/anycast6: error: "
NOT_LOADED = "anycast6 is not loaded: the kernel's own code serves IPv6 anycast\n"
LIVE, IN_TRANSITION, NOT_IN_CHARGE = 0, 1, 3
PATIENCE = 2  # seconds

# The debug kernel has no userfaultfd; nothing here is about the kernel.
pytestmark = pytest.mark.ordinary_kernel


@pytest.fixture(autouse=True)
def nothing_half_done() -> Iterator[None]:
    yield
    if LOADED.exists() and not ANYCAST6.directory.exists():
        ANYCAST6.remove()


def done(*argv: str) -> str:
    """What it prints when all goes well."""
    result = attempt(*argv)
    assert (result.returncode, result.stderr) == (0, ""), argv
    return result.stdout


def refused(*argv: str) -> str:
    """Why."""
    result = attempt(*argv)
    assert result.returncode == 1, argv
    assert result.stdout == ""
    (reason,) = [line for line in result.stderr.splitlines() if line.startswith(ERROR)]
    return reason.removeprefix(ERROR)


def status() -> tuple[int, str]:
    result = attempt("status")
    assert result.stderr == ""
    return result.returncode, result.stdout


def as_nobody(*argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*AS_NOBODY, SCRIPT, *argv], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("file", [[], [str(module_path())]], ids=["default", "named"])
def test_load_and_unload(server: Host, file: list[str]) -> None:
    """When it returns, all tasks have switched; a group goes through both."""
    switch_to(BUILTIN_C)
    server.member(GROUP)
    published = server.publication()
    assert status() == (NOT_IN_CHARGE, NOT_LOADED)
    assert done("load", *file) == ""
    assert live() == MODULE
    assert status() == (LIVE, "anycast6 is live\n")
    assert server.publication() == published
    assert done("unload") == ""
    assert live() == BUILTIN_C
    assert not LOADED.exists()
    assert status() == (NOT_IN_CHARGE, NOT_LOADED)
    assert server.publication() == published


def test_with_a_timeout() -> None:
    """It says how long to wait at most, not how long to wait."""
    switch_to(BUILTIN_C)
    began = time.monotonic()
    done("--timeout", "999999", "load")
    done("--timeout", "999999", "unload")
    assert time.monotonic() - began < 999


def test_loaded_but_disabled() -> None:
    """Somebody has disabled the livepatch by hand, and has not removed the module."""
    switch_to(MODULE)
    ANYCAST6.disable()
    idle = "anycast6 is inserted but idle: the kernel's own code serves IPv6 anycast\n"
    assert status() == (NOT_IN_CHARGE, idle)
    assert "already loaded" in refused("load")
    assert done("unload") == ""
    assert not LOADED.exists()


BAD = {
    (): "give load, unload or status",
    ("reload",): "give load, unload or status",
    ("load", "a.ko", "b.ko"): "load takes one file",
    ("load", "/no/such/file.ko"): "/no/such/file.ko does not exist",
    ("unload", "now"): "unload takes no argument",
    ("status", "now"): "status takes no argument",
    ("--timeout",): "--timeout takes seconds",
    ("--timeout", "0", "load"): "--timeout takes seconds",
    ("--timeout", "-1", "load"): "--timeout takes seconds",
    ("--timeout", "1.5", "load"): "--timeout takes seconds",
    ("--timeout", "1234567", "load"): "--timeout takes seconds",
    ("--timeout", "load"): "--timeout takes seconds",
    ("--timeout", "5"): "give load, unload or status",
    ("unload",): "anycast6 is not loaded",
}


@pytest.mark.parametrize("argv", BAD, ids=lambda argv: " ".join(argv) or "nothing")
def test_bad_arguments(argv: tuple[str, ...]) -> None:
    switch_to(BUILTIN_C)
    assert refused(*argv).startswith(BAD[argv])
    assert live() == BUILTIN_C


def test_help() -> None:
    page = done("--help")
    for command in "load [FILE]", "unload", "status", "--timeout S":
        assert command in page


def test_file_that_is_no_module(tmp_path: Path) -> None:
    switch_to(BUILTIN_C)
    file = tmp_path / "anycast6.ko"
    file.write_bytes(b"no module")
    assert refused("load", str(file)).startswith(f"the kernel refused {file}")
    assert live() == BUILTIN_C


def test_kernels_reason_is_shown(tmp_path: Path) -> None:
    """As on a kernel without one of the symbols, see test_refusals."""
    switch_to(BUILTIN_C)
    copy = tmp_path / "anycast6.ko"
    copy.write_bytes(module_path().read_bytes().replace(b".ip6_ins_rt,0", b".ip6_ins_xx,0"))
    result = attempt("load", str(copy))
    assert result.returncode == 1
    assert "    livepatch: symbol 'ip6_ins_xx' not found in symbol table\n" in result.stderr
    assert live() == BUILTIN_C


def test_without_privilege() -> None:
    """Everybody may ask for the status, root alone may change anything."""
    switch_to(BUILTIN_C)
    for command in "load", "unload":
        result = as_nobody(command)
        assert (result.returncode, result.stdout) == (1, "")
        assert result.stderr == f"{ERROR}{command} needs root: run it as root, or with sudo\n"
    assert live() == BUILTIN_C
    assert as_nobody("status").returncode == NOT_IN_CHARGE
    switch_to(MODULE)
    assert as_nobody("status").stdout == "anycast6 is live\n"


@pytest.fixture
def leaver(server: Host) -> Iterator[Child]:
    """A process that is about to leave a group, by built-in C, and sleeps there."""
    switch_to(BUILTIN_C)
    with halfway_through_a_leave(server, GROUP) as child:
        yield child


def test_load_with_a_task_in_the_way(server: Host, leaver: Child) -> None:
    """It names the task, and leaves nothing of the module behind."""
    began = time.monotonic()
    reason = refused("--timeout", str(PATIENCE), "load")
    assert time.monotonic() - began >= PATIENCE
    assert reason.startswith(f"after {PATIENCE} s tasks are still in the code to be replaced: ")
    assert f" {leaver.command()}[{leaver.pid}];" in reason
    assert "anycast6 was removed again" in reason
    assert not LOADED.exists()
    assert live() == BUILTIN_C
    # Others go on by built-in C.
    server.member(SECOND)
    assert server.groups() == [Group(server.device, SECOND, 1)]


def test_status_in_transition(leaver: Child) -> None:
    kmodule.insert(module_path())
    task = f"{leaver.command()}[{leaver.pid}]"
    waits = f"anycast6 is in transition, and comes; tasks still in the kernel's own code: {task}\n"
    eventually("nobody else is in the way", lambda: status() == (IN_TRANSITION, waits))
    assert "already loaded" in refused("load")
    (ANYCAST6.directory / "enabled").write_text("0", encoding="ascii")
    eventually("it is taken back", lambda: not ANYCAST6.directory.exists())


def test_unload_with_a_task_in_the_way(server: Host) -> None:
    """The module stays live, for all tasks, and goes when the task has gone."""
    switch_to(MODULE)
    server.member(GROUP)
    with stuck_in_bind(server) as binder:
        reason = refused("--timeout", str(PATIENCE), "unload")
        assert reason.startswith(f"after {PATIENCE} s tasks are still in anycast6's code: ")
        assert f" {binder.command()}[{binder.pid}];" in reason
        assert "it stays live" in reason
        eventually("all tasks are back", lambda: status() == (LIVE, "anycast6 is live\n"))
        assert server.groups() == [Group(server.device, GROUP, 1)]
    assert done("unload") == ""
    assert live() == BUILTIN_C
    assert server.groups() == [Group(server.device, GROUP, 1)]
