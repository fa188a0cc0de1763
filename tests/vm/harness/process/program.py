# SPDX-License-Identifier: GPL-2.0
"""Programs of the distribution, run in a host's namespace."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from harness.process.privilege import NOBODY
from harness.topology.host import Host
from harness.wait import eventually

AS_NOBODY = ("setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups")
# Starting a program takes long in an emulated machine.
LIMIT = 60.0
LISTENING = "0A"
PROTOCOLS = ("tcp6", "udp6")


@contextmanager
def running(
    host: Host, *argv: str, directory: Path | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Its output goes to a pipe, stderr included; it and all its children end with the block."""
    with host.namespace.inside():
        process = subprocess.Popen(
            argv,
            cwd=directory,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def serves(
    host: Host, process: subprocess.Popen[str], port: int, kinds: Sequence[str] = PROTOCOLS
) -> None:
    """Wait until somebody listens on the port; the program that should must live."""

    def ready() -> bool:
        assert process.poll() is None, process.communicate()[0]
        return all(_has_port(host, kind, port) for kind in kinds)

    eventually(f"{process.args} serves", ready, LIMIT)


def _has_port(host: Host, kind: str, port: int) -> bool:
    for line in host.namespace.proc(kind).decode("ascii").splitlines()[1:]:
        _, local, _, state, *_ = line.split()
        if int(local.rpartition(":")[2], 16) == port and (kind != "tcp6" or state == LISTENING):
            return True
    return False


def fails(host: Host, *argv: str, directory: Path | None = None) -> str:
    """Run a program that must end by itself, and badly; what it says."""
    with running(host, *argv, directory=directory) as process:
        output = process.communicate(timeout=LIMIT)[0]
        assert process.returncode not in (0, -signal.SIGKILL), output
    return output


def dig(client: Host, server: str, port: int, *options: str) -> subprocess.CompletedProcess[str]:
    """Ask for the text of www.example, once."""
    words = ("dig", "+short", "+tries=1", "+time=5", f"@{server}", "-p", str(port), *options)
    return client.namespace.attempt(*words, "www.example", "TXT")


def brackets(address: str) -> str:
    """As in a URL."""
    assert socket.inet_pton(socket.AF_INET6, address)
    return f"[{address}]"
