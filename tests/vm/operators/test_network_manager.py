# SPDX-License-Identifier: GPL-2.0
"""NetworkManager on a server with a group: it deletes all routes of a device that it sets up anew.

It deletes those of table local, too, and built-in C does not notice (B6).
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.defect import Defect
from harness.process.manager import bus, forgotten, managing
from harness.process.program import LIMIT
from harness.sockopt.anycast import Group
from harness.topology.host import Host
from harness.topology.lan import GROUP, PREFIX
from harness.views.observer import ABSENT, BLACK_HOLE, PUBLISHED, Observer
from harness.wait import eventually
from harness.wire.outage import Outage

NAME = "cable"
OTHER_ADDRESS = f"{PREFIX}51"
# Seconds in which the client gets no answer, on a slow machine; it has no address meanwhile.
OUTAGE = 10.0
CONFIGURATION = """
[main]
plugins=keyfile
dns=none
rc-manager=unmanaged
auth-polkit=false
no-auto-default=*
[keyfile]
path={directory}/connections
"""
CONNECTION = """
[connection]
id={name}
type=ethernet
interface-name={device}
[ipv4]
method=disabled
[ipv6]
method=manual
address1={address}/64
address2={link_local}/64
"""


def configured(directory: Path, server: Host) -> tuple[str, ...]:
    """Writes the files, and returns how it is started."""
    values = {"name": NAME, "device": server.device, "directory": directory}
    (directory / "nm.conf").write_text(CONFIGURATION.format(**values), encoding="ascii")
    (directory / "connections").mkdir()
    file = directory / "connections" / f"{NAME}.nmconnection"
    text = CONNECTION.format(**values, address=server.address, link_local=server.link_local)
    file.write_text(text, encoding="ascii")
    file.chmod(0o600)
    options = {"config": "nm.conf", "state-file": "state", "pid-file": "pid"}
    options |= {"config-dir": "none", "intern-config": "intern"}
    words = [f"--{name}={directory / file}" for name, file in options.items()]
    return "NetworkManager", "--no-daemon", *words


@pytest.fixture
def manager(server: Host, tmp_path: Path) -> Iterator[Host]:
    """The server, when NetworkManager has set it up."""
    with bus(server, tmp_path), managing(server, *configured(tmp_path, server)) as process:

        def connected() -> bool:
            assert process.poll() is None, process.communicate()[0]
            state = server.namespace.attempt("nmcli", "-g", "STATE", "general").stdout
            return state.startswith("connected")

        eventually("the server is connected", connected, LIMIT, step=0.2)
        yield server
    forgotten(server)


def told(server: Host, *commands: str) -> None:
    for command in commands:
        server.namespace.run("nmcli", *command.split())


@pytest.mark.parametrize(
    "commands",
    [
        [
            "device reapply veth-server",
            f"connection modify {NAME} +ipv6.addresses {OTHER_ADDRESS}/64",
            "device reapply veth-server",
        ],
        [f"connection up {NAME}"],
        ["device disconnect veth-server", f"connection up {NAME}"],
        ["networking off", "networking on", f"connection up {NAME}"],
    ],
    ids=["applied-again", "up-again", "disconnected", "off"],
)
def test_set_up_anew(
    defect: Defect, manager: Host, client: Host, observer: Observer, commands: list[str]
) -> None:
    sock = manager.member(GROUP)
    observer.serves(GROUP)
    outage = Outage(client, GROUP)
    told(manager, *commands)
    defect.becomes(lambda: observer.state(GROUP), PUBLISHED, BLACK_HOLE)
    assert manager.groups() == [Group(manager.device, GROUP, 1)]
    longest = outage.longest()
    if not defect.shown:
        assert longest < OUTAGE
        observer.serves(GROUP)
    sock.close()
    observer.becomes(ABSENT, GROUP)
