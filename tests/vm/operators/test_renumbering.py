# SPDX-License-Identifier: GPL-2.0
"""Addresses of a server that come by router advertisement, while groups are held."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.process.manager import forgotten
from harness.process.program import LIMIT, running
from harness.sockopt import anycast
from harness.sockopt.anycast import result
from harness.topology.host import IFINDEX, Host
from harness.views.observer import ABSENT, PUBLISHED, Observer
from harness.wait import eventually
from harness.wire.outage import Outage

OLD, NEW = "2001:db8:2::", "2001:db8:3::"
OUTAGE = 5.0
# As a host that listens to routers and hides, and as the hosts of the scenarios.
LISTENING = {"addr_gen_mode": "0", "accept_ra": "1", "autoconf": "1", "use_tempaddr": "2"}
DEAF = {"addr_gen_mode": "1", "accept_ra": "0", "use_tempaddr": "0"}
RADVD = """
interface {device} {{
    AdvSendAdvert on;
    MinRtrAdvInterval 3;
    MaxRtrAdvInterval 4;
    prefix {prefix}/64 {{ DeprecatePrefix on; }};
}};
"""


def set_up(server: Host, settings: dict[str, str]) -> None:
    for name, value in settings.items():
        server.namespace.sysctl(f"ipv6/conf/{server.device}/{name}", value)


@pytest.fixture
def listening(server: Host) -> Iterator[Host]:
    set_up(server, LISTENING)
    yield server
    set_up(server, DEAF)
    forgotten(server)


@contextmanager
def advertised(router: Host, prefix: str, directory: Path) -> Iterator[subprocess.Popen[str]]:
    file = directory / "radvd.conf"
    file.write_text(RADVD.format(device=router.device, prefix=prefix), encoding="ascii")
    options = (f"--config={file}", f"--pidfile={directory / 'radvd.pid'}", "--logmethod=stderr")
    with running(router, "radvd", "--nodaemon", *options) as process:
        yield process
        # It says that the prefix is not to be used any more.
        process.send_signal(signal.SIGTERM)
        process.wait(LIMIT)


def addresses(host: Host, prefix: str, *flags: str) -> int:
    """How many the host has made, of those with the flags."""
    words = ["-o", "address", "show", "dev", host.device, "to", f"{prefix}/64", *flags]
    return len(host.namespace.ip(*words).splitlines())


@pytest.mark.usefixtures("implementation")
def test_prefix_is_replaced(
    listening: Host, client: Host, observer: Observer, tmp_path: Path
) -> None:
    """A group of the old prefix is served until the end, and one of the new prefix beside it."""
    old, new = f"{OLD}a", f"{NEW}a"
    for prefix in OLD, NEW:
        client.add_temporary_address(f"{prefix}2")
    sock = listening.open()
    join = anycast.join
    assert result(lambda: join(sock, old, IFINDEX)) == "EADDRNOTAVAIL"
    with advertised(client, OLD, tmp_path):
        eventually("there is a private address", lambda: addresses(listening, OLD, "temporary"))
        join(sock, old, IFINDEX)
        observer.serves(old)
        outage = Outage(client, old)
    eventually("both are deprecated", lambda: addresses(listening, OLD, "deprecated") == 2)
    with advertised(client, NEW, tmp_path):
        eventually("there is a private address", lambda: addresses(listening, NEW, "temporary"))
        join(sock, new, IFINDEX)
        listening.namespace.ip("address", "flush", "dev", listening.device, "to", f"{OLD}/64")
        observer.becomes(PUBLISHED, old, new)
        assert outage.longest() < OUTAGE
        observer.serves(old, new)
    sock.close()
    observer.becomes(ABSENT, old, new)
