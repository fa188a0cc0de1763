# SPDX-License-Identifier: GPL-2.0
"""Routing daemons of the distribution, which speak BGP to each other."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from harness.process.program import LIMIT, running
from harness.topology.host import Host
from harness.wait import eventually

FRR = Path("/usr/lib/frr")
# Learns from the host of the examples, and puts what it has learnt into its own table.
ROUTER = """
router id 192.0.2.2;
protocol device {
}
protocol kernel {
	ipv6 {
		import none;
		export all;
	};
}
protocol bgp {
	local 2001:db8:1::2 as 64513;
	neighbor 2001:db8:1::1 as 64512;
	passive;
	ipv6 {
		import all;
		export none;
	};
}
"""


@contextmanager
def bird(host: Host, config: Path) -> Iterator[None]:
    with running(host, "bird", "-f", "-c", str(config), "-s", f"{config}.ctl") as process:
        _lives(host, process)
        yield


@contextmanager
def frr(host: Host, config: Path) -> Iterator[None]:
    """Both daemons, beside none that other hosts have."""
    directory = config.parent
    # They run as a user of their own.
    shutil.chown(directory, "frr")
    common = ("-z", f"{directory}/zserv.api", "--vty_socket", str(directory), "-P", "0")
    empty = directory / "zebra.conf"
    empty.write_text("", encoding="ascii")
    with ExitStack() as stack:
        for name, file in ("zebra", empty), ("bgpd", config):
            pid = f"{directory}/{name}.pid"
            command = (str(FRR / name), *common, "-f", str(file), "-i", pid)
            process = stack.enter_context(running(host, *command))
            eventually(f"{name} runs", (directory / f"{name}.vty").exists, LIMIT)
            _lives(host, process)
        yield
        for name in "zebra", "bgpd":
            (directory / f"{name}.vty").unlink(missing_ok=True)


@contextmanager
def router(host: Host, directory: Path) -> Iterator[None]:
    config = directory / "router.conf"
    config.write_text(ROUTER, encoding="ascii")
    with bird(host, config):
        yield


def _lives(host: Host, process: subprocess.Popen[str]) -> None:
    assert process.poll() is None, f"{host.name}: {process.communicate()[0]}"
