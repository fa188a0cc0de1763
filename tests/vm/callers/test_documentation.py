# SPDX-License-Identifier: GPL-2.0
"""The examples of docs/applications.md, each run as it stands there."""

import socket
import subprocess
from pathlib import Path

import pytest

from harness.kernel.implementation import PROJECT
from harness.process.examples import examples, write_examples
from harness.process.program import AS_NOBODY, LIMIT, dig, fails, running, serves
from harness.topology.host import Host
from harness.topology.lan import GROUP
from harness.views.control import PUBLISHED, SUSPENDED, Control
from harness.wait import eventually, settled

PORT = 5300
EVERYBODYS = "2001:db8:1:0:fdff:ffff:ffff:ffab"
TEXT = "from the nearest"
GCC = ("gcc-14", "-Wall", "-Wextra", "-Werror", "-O1")


# Only the module keeps what the page promises.
pytestmark = [
    pytest.mark.module_only,
    pytest.mark.usefixtures("implementation", "undelayed"),
]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A directory with the examples, which every user may enter."""
    for directory in tmp_path.parents[:2]:
        directory.chmod(0o755)
    write_examples(tmp_path)
    return tmp_path


def answered(client: Host, address: str) -> None:
    """Each question is asked once: one that is lost is not made up for."""
    done = [dig(client, address, PORT, "+time=20", way) for way in ("+notcp", "+tcp")]
    assert [(one.returncode, one.stdout.strip()) for one in done] == [(0, f'"{TEXT}"')] * 2


def compiled(page: Path, name: str) -> str:
    program = page / name
    subprocess.run([*GCC, "-o", program, program.with_suffix(".c")], check=True, timeout=120)
    program.chmod(0o755)
    return str(program)


def echoed(client: Host, kind: int, address: str) -> str:
    """What a connected client, who hears the address it asked only, gets back."""
    sock = client.open(kind)
    sock.settimeout(20)
    sock.connect((address, PORT))
    sock.send(b"question")
    return sock.recv(100).decode()


def test_every_example_is_run_here() -> None:
    assert set(examples()) == {
        "dns.py",
        "udp.c",
        "wildcard.c",
        "hold.py",
        "drain.sh",
        "lease.py",
        "unprivileged.sh",
    }


def test_dns(server: Host, client: Host, page: Path) -> None:
    command = ("python3", str(page / "dns.py"), GROUP, server.device, str(PORT))
    with running(server, *command) as process:
        serves(server, process, PORT)
        answered(client, GROUP)
    assert server.groups() == []


def test_dns_needs_privilege_for_any_group(server: Host, page: Path) -> None:
    command = ("python3", str(page / "dns.py"), GROUP, server.device, str(PORT))
    assert "PermissionError" in fails(server, *AS_NOBODY, *command)


def test_dns_without_privilege(server: Host, client: Host, page: Path) -> None:
    command = (*AS_NOBODY, "sh", "unprivileged.sh", server.device)
    with running(server, *command, directory=page) as process:
        serves(server, process, PORT)
        answered(client, EVERYBODYS)
    eventually("the group is gone", lambda: server.groups() == [])


def test_udp(server: Host, client: Host, page: Path) -> None:
    program = compiled(page, "udp")
    with running(server, program, GROUP, server.device, str(PORT)) as process:
        serves(server, process, PORT, ["udp6"])
        assert echoed(client, socket.SOCK_DGRAM, GROUP) == "question"


def test_wildcard(server: Host, client: Host, page: Path) -> None:
    program = compiled(page, "wildcard")
    with running(server, program, GROUP, server.device, str(PORT)) as process:
        serves(server, process, PORT)
        for address in (GROUP, server.address):
            for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                assert echoed(client, kind, address) == "question"


def test_hold_and_give_privilege_up(server: Host, client: Host, page: Path) -> None:
    """The server is another one, which is bound to the group and runs as nobody."""
    hold = ("python3", str(page / "hold.py"), GROUP, server.device)
    command = (
        *hold,
        *AS_NOBODY,
        "ncat",
        "-6",
        "-l",
        GROUP,
        str(PORT),
        "--keep-open",
        "--exec",
        "/bin/cat",
    )
    with running(server, *command) as process:
        serves(server, process, PORT, ["tcp6"])
        assert echoed(client, socket.SOCK_STREAM, GROUP) == "question"
    eventually("the group is gone", lambda: server.groups() == [])


def test_drain(server: Host, page: Path) -> None:
    """Takes its time, and ends with a group that is held and not served."""
    server.member(GROUP)
    command = ("sh", str(page / "drain.sh"), GROUP, server.device, "1000")
    with running(server, *command, directory=PROJECT) as process:
        output = process.communicate(timeout=LIMIT)[0]
        assert process.returncode == 0, output
    assert server.groups() == []
    control = Control(server)
    assert control.state(server.ifindex, GROUP) == SUSPENDED
    control.resume(server.ifindex, GROUP)
    assert [group.address for group in server.groups()] == [GROUP]


def test_lease(server: Host, page: Path) -> None:
    """The group is served while the command succeeds, and ends with the program."""
    healthy = page / "healthy"
    healthy.touch()
    control = Control(server)
    command = ("python3", str(page / "lease.py"), GROUP, server.device, "test", "-e", str(healthy))

    def becomes(state: str | None) -> None:
        seen = settled(lambda: control.state(server.ifindex, GROUP), state, limit=LIMIT)
        assert seen == state

    with running(server, *command, directory=PROJECT):
        eventually("the lease", lambda: [one.lease for one in control.groups() if one.lease], LIMIT)
        healthy.unlink()
        becomes(SUSPENDED)
        healthy.touch()
        becomes(PUBLISHED)
    becomes(None)
