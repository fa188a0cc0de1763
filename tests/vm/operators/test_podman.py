# SPDX-License-Identifier: GPL-2.0
"""A container of podman's without root: pasta is its network, crun sets its sysctls.

Its root owns the network namespace and is nobody elsewhere; it has no CAP_NET_ADMIN unless its user
says so. A group of the container's is on the device that leads to pasta, and on no other.
"""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from harness.process.privilege import NOBODY
from harness.process.program import AS_NOBODY, LIMIT
from harness.topology.host import Host
from harness.topology.lan import GROUP
from harness.views import settings
from harness.wait import eventually

TUN = Path("/dev/net/tun")
# There is no systemd that keeps control groups and a journal.
WITHOUT_SYSTEMD = ("--cgroup-manager=cgroupfs", "--events-backend=none", "--storage-driver=vfs")
ALONE = ("--cgroups=disabled", "--log-driver=none", "--network=pasta", "--rm")
# Joins a group on the device that is not lo, lists it, and sends itself a datagram there.
PROGRAM = """
import errno, socket, struct, sys
sock, own = (socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) for _ in "ab")
[index] = [index for index, name in socket.if_nameindex() if name != "lo"]
group = sys.argv[1]
try:
    sock.setsockopt(41, 27, socket.inet_pton(socket.AF_INET6, group) + struct.pack("=i", index))
    print("OK")
except OSError as error:
    print(errno.errorcode[error.errno])
    sys.exit()
print(len(open("/proc/net/anycast6").readlines()))
sock.bind(("::", 4242))
sock.settimeout(10)
own.sendto(b"delivered", (group, 4242))
print(sock.recv(64).decode())
"""
REFUSED, SERVED = ["EPERM"], ["OK", "1", "delivered"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The files of a container that sees the programs of this machine, and nothing else of it."""
    root = tmp_path / "root"
    for name in "usr", "proc", "sys", "dev", "run", "tmp", "etc":
        (root / name).mkdir(parents=True)
    for name in "bin", "lib", "lib64":
        (root / name).symlink_to(f"usr/{name}")
    for path in (tmp_path, *tmp_path.rglob("*")):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    for path in (tmp_path, *tmp_path.parents[:2]):
        path.chmod(0o755)
    return root


@pytest.fixture
def tun(server: Host) -> Iterator[None]:
    """As udev makes it: everybody may open it."""
    server.namespace.run("modprobe", "tun")
    mode = TUN.stat().st_mode
    TUN.chmod(0o666)
    yield
    TUN.chmod(mode)


@pytest.fixture
def subordinate() -> Iterator[None]:
    """The numbers of the users in nobody's containers."""
    files = Path("/etc/subuid"), Path("/etc/subgid")
    before = [file.read_bytes() if file.exists() else b"" for file in files]
    for file in files:
        file.write_text("nobody:100000:65536\n", encoding="ascii")
    yield
    for file, content in zip(files, before, strict=True):
        file.write_bytes(content)


type Podman = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def podman(server: Host, root: Path, tun: None, subordinate: None) -> Iterator[Podman]:
    """Nobody's, on the server."""
    directory = root.parent
    variables = ("env", f"HOME={directory}", f"XDG_RUNTIME_DIR={directory}")

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = (*AS_NOBODY, *variables, "podman", *WITHOUT_SYSTEMD, *words)
        return server.namespace.attempt(*command)

    yield run
    # Ends the process that keeps nobody's user namespace. pasta ends when its container has.
    done = run("system", "migrate")
    assert done.returncode == 0, done.stderr
    eventually("nobody's programs have ended", lambda: not has_programs(), LIMIT, step=0.1)


def has_programs() -> bool:
    """Whether nobody runs one."""
    for file in Path("/proc").glob("[0-9]*/status"):
        with suppress(FileNotFoundError, ProcessLookupError):
            if f"\nUid:\t{NOBODY}\t" in file.read_text(encoding="utf-8"):
                return True
    return False


def contained(podman: Podman, root: Path, *options: str) -> list[str]:
    """What the program says in a container."""
    files = ("--rootfs", "--volume=/usr:/usr:ro", str(root))
    done = podman("run", *ALONE, *options, *files, "python3", "-c", PROGRAM, GROUP)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.usefixtures("implementation")
@pytest.mark.parametrize(
    ("options", "expected"),
    [((), REFUSED), (("--cap-add=NET_ADMIN",), SERVED)],
    ids=["plain", "privileged"],
)
def test_capability(
    server: Host, podman: Podman, root: Path, options: tuple[str, ...], expected: list[str]
) -> None:
    """What its root may do to its own network is for its user to say."""
    assert contained(podman, root, *options) == expected
    assert server.groups() == []


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
def test_setting(server: Host, podman: Podman, root: Path) -> None:
    """The container's setting is for its programs, which have no privilege, and for nobody else."""
    setting = f"--sysctl=net.ipv6.anycast6.admission={settings.ON_LINK}"
    assert contained(podman, root, setting) == SERVED
    assert settings.read("admission", server.namespace) == str(settings.WELL_KNOWN)
    assert contained(podman, root) == REFUSED
    assert server.groups() == []
