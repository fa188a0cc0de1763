# SPDX-License-Identifier: GPL-2.0
"""The module serves the very kernel that it was built for, and is loaded by no other."""

import re
import subprocess
from pathlib import Path

import pytest

from harness.kernel.implementation import (
    ANYCAST6,
    BUILTIN_C,
    LOADED,
    MODULE,
    live,
    load,
    module_path,
    switch_to,
)
from harness.kernel.kmodule import insmod
from harness.kernel.log import KernelLog
from harness.topology.host import Host
from harness.topology.lan import GROUP

NOTES = Path("/sys/kernel/notes")
# The note's sizes and kind, GNU's name, and what it says.
BUILD_ID = re.compile(rb"\x04\x00{3}\x14\x00{3}\x03\x00{3}GNU\x00(.{20})", re.S)
# The kernel says once, too, what modules taint it.
OF_LOADING = re.compile(
    r"(?:anycast6|livepatch): (?!loading out-of-tree|module verification|tainting)"
)


def running() -> str:
    (found,) = BUILD_ID.findall(NOTES.read_bytes())
    return found.hex()


@pytest.fixture
def other() -> str:
    """The build ID of another kernel, which differs in the last digit."""
    mine = running()
    return mine[:-1] + ("0" if mine[-1] != "0" else "1")


@pytest.fixture
def module_of_another(tmp_path: Path, other: str) -> Path:
    """The module as it would have been built for that one."""
    image = module_path().read_bytes()
    assert image.count(running().encode()) == 2
    path = tmp_path / "anycast6.ko"
    path.write_bytes(image.replace(running().encode(), other.encode()))
    return path


def test_the_module_says_what_it_was_built_for() -> None:
    argv = ["modinfo", "-F", "built_for", str(module_path())]
    told = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()
    assert told == running()


def test_module_of_another_kernel(
    server: Host, kernel_log: KernelLog, module_of_another: Path, other: str
) -> None:
    """One line that names both, and nothing has changed; the right one is loaded after it."""
    switch_to(BUILTIN_C)
    sock = server.member(GROUP)
    published = server.publication()
    before = len(kernel_log.lines())
    refused = insmod(module_of_another)
    assert refused.returncode != 0
    assert "Invalid module format" in refused.stderr
    assert [line for line in kernel_log.lines()[before:] if OF_LOADING.match(line)] == [
        "anycast6: not loaded, nothing changed: built for the kernel with build ID "
        f"{other}, this one has {running()}"
    ]
    assert not LOADED.exists()
    assert not ANYCAST6.directory.exists()
    assert live() == BUILTIN_C
    assert server.publication() == published
    load()
    assert live() == MODULE
    assert server.publication() == published
    sock.close()
    server.assert_nothing_left()
