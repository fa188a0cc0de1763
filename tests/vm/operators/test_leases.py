# SPDX-License-Identifier: GPL-2.0
"""A DHCPv6 server leases the address of a group to the host that holds the group (B7)."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from harness.defect import Defect
from harness.process.networkd import configure, files, networkd
from harness.process.program import LIMIT, running
from harness.topology.host import Host
from harness.topology.lan import GROUP, Cable
from harness.views.observer import ABSENT, Observer
from harness.wait import eventually

REFUSED = b"Could not set DHCPv6 address"
FREE = f"{GROUP[:-1]}b"
DNSMASQ = (
    "dnsmasq",
    "--keep-in-foreground",
    "--conf-file=/dev/null",
    "--port=0",
    "--user=root",
    "--pid-file=",
)


@contextmanager
def dhcp_server(host: Host, address: str, directory: Path) -> Iterator[None]:
    """It has this one address."""
    options = (f"--interface={host.device}", f"--dhcp-leasefile={directory / 'leases'}")
    with running(host, *DNSMASQ, *options, f"--dhcp-range={address},{address},64,2h"):
        yield


def complaint(manager: subprocess.Popen[str]) -> Callable[[], bool]:
    """Tells whether it has said that the kernel refuses an address."""
    assert manager.stdout
    output, said = manager.stdout.fileno(), bytearray()
    os.set_blocking(output, False)

    def has_come() -> bool:
        with suppress(BlockingIOError):
            said.extend(os.read(output, 4096))
        return REFUSED in said

    return has_come


def has_address(host: Host, address: str) -> bool:
    return f" {address}/" in host.namespace.ip("address", "show", "dev", host.device)


@pytest.fixture
def asking(server: Host, tmp_path: Path) -> Iterator[Host]:
    """The host, when systemd-networkd will ask for a lease."""
    with files(server, tmp_path):
        configure(server, server.address, leased=True)
        yield server


@pytest.mark.usefixtures("implementation")
def test_lease(asking: Host, client: Host, observer: Observer, tmp_path: Path) -> None:
    """Of another address than that of the group."""
    sock = asking.member(GROUP)
    with dhcp_server(client, FREE, tmp_path), networkd(asking):
        eventually("it has the address", lambda: has_address(asking, FREE), LIMIT)
        observer.serves(GROUP)
    sock.close()
    observer.becomes(ABSENT, GROUP)


def test_lease_of_a_group(
    defect: Defect, cable: Cable, asking: Host, observer: Observer, tmp_path: Path
) -> None:
    """The kernel refuses the address to systemd-networkd; the host's other address stays."""
    sock = asking.member(GROUP)
    with dhcp_server(cable.client, GROUP, tmp_path), networkd(asking) as process:
        refused = complaint(process)
        eventually("it has tried", lambda: has_address(asking, GROUP) or refused(), LIMIT)
        defect.check(has_address(asking, GROUP), False, True)
        assert has_address(asking, asking.address)
        if not defect.shown:
            observer.serves(GROUP)
    sock.close()
    if not defect.shown:
        observer.becomes(ABSENT, GROUP)
