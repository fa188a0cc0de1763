# SPDX-License-Identifier: GPL-2.0
"""Managers of interfaces, which normally have the whole machine and systemd, in a host's namespace.

They ask no udev where /sys cannot be written, and speak by a bus of their own.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.process.program import LIMIT, running
from harness.topology.host import Host
from harness.wait import eventually

BUS = "DBUS_SYSTEM_BUS_ADDRESS"
# Everybody may do everything, as there is nobody else.
CONFIGURATION = """
<busconfig>
  <listen>unix:path={path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
  </policy>
</busconfig>
"""


@contextmanager
def bus(host: Host, directory: Path) -> Iterator[None]:
    """What the host's programs take for the system's bus, of every user."""
    path, file = directory / "bus", directory / "bus.conf"
    file.write_text(CONFIGURATION.format(path=path), encoding="ascii")
    for parent in (directory, *directory.parents[:2]):
        parent.chmod(0o755)
    with running(host, "dbus-daemon", "--nofork", f"--config-file={file}"):
        eventually("there is a bus", path.exists, LIMIT)
        os.environ[BUS] = f"unix:path={path}"
        try:
            yield
        finally:
            del os.environ[BUS]
            path.unlink(missing_ok=True)


@contextmanager
def managing(host: Host, *argv: str) -> Iterator[subprocess.Popen[str]]:
    """A manager that sees the devices of the host only."""
    script = 'mount -t sysfs -o ro sysfs /sys && exec "$@"'
    with running(host, "unshare", "--mount", "sh", "-c", script, "manager", *argv) as process:
        yield process


def forgotten(host: Host) -> None:
    """The interface has the addresses of the host again, and nothing that a manager gave it."""
    host.namespace.ip("address", "flush", "dev", host.device)
    host.namespace.rtnl.link("set", index=host.ifindex, state="up")
    eventually(f"{host.device} has a carrier", host.operational)
    host.restore_addresses()
