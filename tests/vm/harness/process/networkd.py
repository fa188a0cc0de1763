# SPDX-License-Identifier: GPL-2.0
"""systemd-networkd on a host; there is one set of its files, so one host at a time has it."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.process.manager import bus, forgotten, managing
from harness.process.program import LIMIT
from harness.topology.host import Host
from harness.wait import eventually

PROGRAM, USER = "/usr/lib/systemd/systemd-networkd", "systemd-network"
CONFIGURATION, STATE = Path("/run/systemd/network"), Path("/run/systemd/netif")
# With the addresses that the host had before, or other ones.
NETWORK = """
[Match]
Name={device}
[Network]
LinkLocalAddressing=no
IPv6AcceptRA=no
IPv6DuplicateAddressDetection=0
Address={link_local}/64
Address={address}/64
"""
# It does not ask where it may not make the link-local address itself. The machine has no identity.
LEASED = """
LinkLocalAddressing=ipv6
DHCP=ipv6
[DHCPv6]
WithoutRA=solicit
DUIDType=link-layer
"""


@contextmanager
def files(host: Host, directory: Path) -> Iterator[None]:
    """Its files, as if the host had always had it, and a bus."""
    for needed in CONFIGURATION, STATE:
        needed.mkdir(parents=True)
        shutil.chown(needed, USER)
    configure(host, host.address)
    try:
        with bus(host, directory):
            yield
    finally:
        for needed in CONFIGURATION, STATE:
            shutil.rmtree(needed)
        forgotten(host)


def configure(host: Host, address: str, *, leased: bool = False) -> None:
    """`leased`: it asks for another address by DHCPv6."""
    values = {"device": host.device, "link_local": host.link_local, "address": address}
    file = CONFIGURATION / "10-cable.network"
    text = NETWORK + LEASED if leased else NETWORK
    file.write_text(text.format(**values), encoding="ascii")


@contextmanager
def networkd(host: Host) -> Iterator[subprocess.Popen[str]]:
    """Begins anew, and has configured the host's interface."""
    shutil.rmtree(STATE / "links", ignore_errors=True)
    with managing(host, PROGRAM) as process:
        configured(host, process)
        yield process


def configured(host: Host, process: subprocess.Popen[str]) -> None:
    def ready() -> bool:
        assert process.poll() is None, process.communicate()[0]
        return administrative_state(host) == "configured"

    eventually(f"{host.device} is configured", ready, LIMIT)


def administrative_state(host: Host) -> str:
    file = STATE / "links" / str(host.ifindex)
    lines = file.read_text(encoding="ascii").splitlines() if file.exists() else []
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    return values.get("ADMIN_STATE", "")
