# SPDX-License-Identifier: GPL-2.0
"""In the VM: runs pytest as often as it is told to, and tells after each time how the kernel is.

python3 -m broken.agent DIR   DIR is shared with the host (machine.py)

The host writes DIR/order, the agent answers with DIR/answer; the output of pytest is in DIR/output.
An order without arguments is the last one.
"""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from harness.kernel import implementation
from harness.kernel.log import KernelLog

# Seconds between looks for an order.
STEP = 0.1
# Modules that a scenario which fails may leave behind.
OURS = ("anycast6", "home_agent")

Order = dict[str, Any]


def main(share: Path) -> None:
    while (order := take(share / "order"))["arguments"]:
        put(share / "answer", carry_out(order, share))


def take(path: Path) -> Order:
    while not path.exists():
        time.sleep(STEP)
    order = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()
    return order


def put(path: Path, answer: dict[str, Any]) -> None:
    new = path.with_suffix(".new")
    new.write_text(json.dumps(answer), encoding="utf-8")
    new.rename(path)


def carry_out(order: Order, share: Path) -> dict[str, Any]:
    log = KernelLog()
    with (share / "output").open("wb") as output:
        status = pytest(order, output.fileno())
    tidy()
    answer = {"status": status, "log": log.lines(), "complaints": log.complaints()}
    log.close()
    return answer | {"clean": is_clean()}


def pytest(order: Order, output: int) -> int | None:
    """Its exit status, none if it did not end. What it has left running ends with it."""
    command = [sys.executable, "-m", "pytest", "-q", *order["arguments"]]
    process = subprocess.Popen(
        command,
        env=os.environ | order["environment"],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )
    try:
        return process.wait(order["seconds"])
    except subprocess.TimeoutExpired:
        return None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def tidy() -> None:
    """A scenario that was interrupted has not unloaded the module."""
    if implementation.LOADED.exists():
        with suppress(subprocess.TimeoutExpired):
            implementation.attempt("unload")


def is_clean() -> bool:
    """Whether the next scenarios find the machine as the first did."""
    loaded = Path("/proc/modules").read_text(encoding="ascii")
    return not any(line.startswith(OURS) for line in loaded.splitlines())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
