# SPDX-License-Identifier: GPL-2.0
"""Settings in sysctl.d, which are read at boot, before the module is loaded."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.kernel.implementation import BUILTIN_C, MODULE, switch_to
from harness.process.privilege import as_nobody
from harness.sockopt import anycast
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP
from harness.views import settings

KEY = "net.ipv6.anycast6.admission"


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """Everybody may join addresses on the link."""
    file = tmp_path / "anycast6.conf"
    file.write_text(f"{KEY} = {settings.ON_LINK}\n", encoding="ascii")
    yield file
    switch_to(BUILTIN_C)


def joined_by_nobody(host: Host) -> str:
    sock = host.open()
    return as_nobody(host, lambda: anycast.join(sock, GROUP, IFINDEX))


def test_before_the_module(server: Host, file: Path) -> None:
    """The setting is not there, and what was written is not kept for it."""
    switch_to(BUILTIN_C)
    done = server.namespace.attempt("sysctl", "--load", str(file))
    assert done.returncode != 0
    assert "net/ipv6/anycast6/admission" in done.stderr
    switch_to(MODULE)
    assert settings.read("admission", server.namespace) == str(settings.WELL_KNOWN)
    assert joined_by_nobody(server) == "EPERM"


def test_after_the_module(server: Host, file: Path) -> None:
    """When the module is live the files can be read again; a namespace has settings of its own."""
    switch_to(MODULE)
    server.namespace.run("sysctl", "--load", str(file))
    assert settings.read("admission", server.namespace) == str(settings.ON_LINK)
    assert joined_by_nobody(server) == "OK"
    assert settings.read("admission") == str(settings.WELL_KNOWN)
