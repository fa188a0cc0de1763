# SPDX-License-Identifier: GPL-2.0
"""The socket options by every way into the kernel: 64-bit and 32-bit system calls, io_uring."""

import errno
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.kernel.implementation import PROJECT
from harness.process.program import AS_NOBODY
from harness.sockopt.anycast import IPV6_JOIN_ANYCAST, IPV6_LEAVE_ANYCAST, Group
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, OFF_PREFIX

pytestmark = pytest.mark.usefixtures("implementation")

PROGRAM = PROJECT / "build" / "setsockopt_by"
WAYS = ("syscall", "compat", "socketcall", "io_uring")
IO_URING_DISABLED = Path("/proc/sys/kernel/io_uring_disabled")
OWN = "2001:db8:1::1"
MULTICAST = "ff02::1"
ABSENT = 4711
SIZE = 20
INT_MIN, INT_MAX = -(2**31), 2**31 - 1


@dataclass(frozen=True)
class Row:
    """An argument, and what a join with it answers."""

    result: str
    pointer: str = "good"
    length: int = SIZE
    address: str = GROUP
    ifindex: int = IFINDEX


ROWS = [
    Row("OK"),
    Row("OK", length=SIZE + 1),
    Row("OK", length=INT_MAX),
    Row("OK", pointer="page-end"),
    Row("EINVAL", length=SIZE - 1),
    Row("EINVAL", length=0),
    Row("EINVAL", length=-1),
    Row("EINVAL", length=INT_MIN),
    Row("EFAULT", pointer="null"),
    Row("EINVAL", pointer="null", length=SIZE - 1),
    Row("EFAULT", pointer="low"),
    Row("EFAULT", pointer="kernel"),
    Row("EFAULT", pointer="cut-19"),
    Row("EFAULT", pointer="cut-4"),
    Row("EINVAL", pointer="cut-4", length=SIZE - 1),
    Row("EFAULT", pointer="cut-3", length=SIZE - 1),
    Row("EINVAL", pointer="cut-3", length=3),
    Row("EINVAL", pointer="low", length=-1),
    Row("EINVAL", address=MULTICAST),
    Row("EINVAL", address=OWN),
    Row("ENODEV", ifindex=ABSENT),
    Row("ENODEV", ifindex=-1),
    Row("ENODEV", ifindex=INT_MIN),
    Row("EADDRNOTAVAIL", address=OFF_PREFIX),
    Row("OK", ifindex=0),
]


class Way:
    """Sets options of one socket."""

    def __init__(self, name: str, host: Host) -> None:
        self.name = name
        self._sock = host.open()

    def set(self, option: int, row: Row, *prefix: str) -> str:
        """What the kernel answered, as "OK" or the errno's name."""
        fd = self._sock.fileno()
        argument = (row.pointer, row.length, row.address, row.ifindex)
        done = subprocess.run(
            [*prefix, PROGRAM, self.name, *map(str, (fd, option, *argument))],
            pass_fds=[fd],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        number = int(done.stdout)
        return errno.errorcode[number] if number else "OK"

    def close(self) -> None:
        self._sock.close()


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest, server: Host) -> Way:
    if request.param == "io_uring" and not offers_io_uring():
        pytest.skip("this kernel offers no io_uring")
    return Way(request.param, server)


def offers_io_uring() -> bool:
    """To everybody."""
    return IO_URING_DISABLED.exists() and IO_URING_DISABLED.read_text(encoding="ascii") == "0\n"


def test_arguments(server: Host, way: Way) -> None:
    """Whatever is refused changes nothing; a leave checks as much of the argument as a join."""
    group = Group(server.device, GROUP, 1)
    malformed = {"EFAULT", "EINVAL"}
    for row in ROWS:
        assert (row, way.set(IPV6_JOIN_ANYCAST, row)) == (row, row.result)
        assert server.groups() == ([group] if row.result == "OK" else [])
        if row.result == "OK":
            assert (row, way.set(IPV6_LEAVE_ANYCAST, row)) == (row, "OK")
        elif row.result in malformed and row.address == GROUP:
            assert (row, way.set(IPV6_LEAVE_ANYCAST, row)) == (row, row.result)
        else:
            assert (row, way.set(IPV6_LEAVE_ANYCAST, row)) == (row, "ENOENT")
        assert server.groups() == []


def test_privilege(server: Host, way: Way) -> None:
    """The caller's own is asked for, whoever opened the socket."""
    assert way.set(IPV6_JOIN_ANYCAST, Row("OK"), *AS_NOBODY) == "EPERM"
    assert server.groups() == []
    assert way.set(IPV6_JOIN_ANYCAST, Row("OK")) == "OK"
    assert way.set(IPV6_LEAVE_ANYCAST, Row("OK"), *AS_NOBODY) == "OK"
    assert server.groups() == []


def test_last_close(server: Host, way: Way) -> None:
    assert way.set(IPV6_JOIN_ANYCAST, Row("OK")) == "OK"
    assert server.groups() == [Group(server.device, GROUP, 1)]
    way.close()
    assert server.groups() == []
