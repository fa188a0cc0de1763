# SPDX-License-Identifier: GPL-2.0
"""Running one of the kernel's own tests."""

import subprocess
import time
from pathlib import Path

from kselftest.outcome import Run
from kselftest.script import Script

PROJECT = Path(__file__).resolve().parents[3]
NET = PROJECT / "build/selftests/tools/testing/selftests/net"
# Whatever a script leaves behind goes with its namespaces: processes, devices, names in /run/netns.
ALONE = ("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
# cleanup_ns() of lib.sh waits 20 seconds for the last namespace to go, unless there is another one.
BEGIN = 'mount -t tmpfs tmpfs /run && ip netns add other && ip link set lo up && exec "$@"'


def run(script: Script) -> Run:
    """Run the script in namespaces of its own, in the directory where it lies, as its makers do."""
    place, _, program = script.command[0].rpartition("/")
    command = [*ALONE, "sh", "-c", BEGIN, "sh", f"./{program}", *script.command[1:]]
    began = time.monotonic()
    status, output = finished(command, NET / place, script.limit)
    return Run(script, status, output, time.monotonic() - began)


def finished(command: list[str], directory: Path, limit: float) -> tuple[int | None, str]:
    """Exit status and output; None for a command that did not end in time."""
    try:
        done = subprocess.run(
            command,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired as expired:
        return None, (expired.stdout or b"").decode("utf-8", "replace")
    return done.returncode, done.stdout.decode("utf-8", "replace")
