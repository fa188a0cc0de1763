# SPDX-License-Identifier: GPL-2.0
"""Servers and clients of the distribution, none of which knows of anycast."""

import subprocess
from pathlib import Path

import pytest

from harness.kernel.implementation import MODULE
from harness.process.examples import write_examples
from harness.process.program import AS_NOBODY, brackets, dig, fails, running, serves
from harness.topology.host import Host
from harness.topology.lan import GROUP
from harness.wait import eventually

pytestmark = pytest.mark.usefixtures("undelayed")

TEXT = "served by a group"
NO_ANSWER, TIMED_OUT = 9, 28  # of dig and of curl
DNS, WEB, PLAIN = 5300, 8080, 4242

NSD = """
server:
    ip-address: {address}
    port: {port}
    server-count: 1
    username: ""
    chroot: ""
    zonesdir: "{directory}"
    pidfile: ""
    xfrdfile: "{directory}/xfrd.state"
    zonelistfile: "{directory}/zone.list"
    xfrdir: "{directory}"
remote-control:
    control-enable: no
zone:
    name: example
    zonefile: example.zone
"""
ZONE = f"""
$ORIGIN example.
$TTL 60
@ IN SOA ns hostmaster 1 3600 900 86400 60
@ IN NS ns
ns IN AAAA {GROUP}
www IN TXT "{TEXT}"
"""
LIGHTTPD = """
server.document-root = "{directory}"
server.bind = "{address}"
server.port = {port}
server.modules = ()
"""


@pytest.fixture
def open_directory(tmp_path: Path) -> Path:
    """One in which every user may read and write."""
    for directory in (tmp_path, *tmp_path.parents[:2]):
        directory.chmod(0o777)
    return tmp_path


def nsd(directory: Path, address: str) -> tuple[str, ...]:
    """Configures the server, and returns how it is started."""
    text = NSD.format(address=address, port=DNS, directory=directory)
    (directory / "nsd.conf").write_text(text, encoding="ascii")
    (directory / "example.zone").write_text(ZONE, encoding="ascii")
    return "nsd", "-d", "-c", str(directory / "nsd.conf")


def lighttpd(directory: Path, address: str) -> tuple[str, ...]:
    text = LIGHTTPD.format(address=brackets(address), port=WEB, directory=directory)
    (directory / "lighttpd.conf").write_text(text, encoding="ascii")
    (directory / "page.txt").write_text(TEXT, encoding="ascii")
    return "lighttpd", "-D", "-f", str(directory / "lighttpd.conf")


def answered(client: Host, address: str) -> None:
    """By UDP and by TCP."""
    for option in ("+notcp", "+tcp"):
        done = dig(client, address, DNS, option)
        assert (done.returncode, done.stdout) == (0, f'"{TEXT}"\n'), option


def curl(client: Host, address: str, limit: int = 30) -> subprocess.CompletedProcess[str]:
    url = f"http://{brackets(address)}:{WEB}/page.txt"
    return client.namespace.attempt("curl", "-sS", "--max-time", str(limit), url)


def test_dns_server_bound_to_a_group(
    implementation: str, server: Host, client: Host, tmp_path: Path
) -> None:
    """Another program holds the group."""
    command = nsd(tmp_path, GROUP)
    assert "assign requested address" in fails(server, *command)
    member = server.member(GROUP)
    if implementation != MODULE:
        assert "assign requested address" in fails(server, *command)
        return
    with running(server, *command) as process:
        serves(server, process, DNS)
        answered(client, GROUP)
        assert dig(client, server.address, DNS, "+tcp").returncode == NO_ANSWER
        member.close()
        assert dig(client, GROUP, DNS, "+tcp").returncode == NO_ANSWER
        server.member(GROUP)
        answered(client, GROUP)


@pytest.mark.module_only
@pytest.mark.usefixtures("implementation")
def test_dns_server_that_holds_its_group_as_an_ordinary_user(
    server: Host, client: Host, open_directory: Path
) -> None:
    """By the wrapper that the documentation shows; the group ends with the server."""
    server.namespace.sysctl("ipv6/anycast6/admission", "2")
    write_examples(open_directory)
    open_directory.chmod(0o777)
    hold = ("python3", str(open_directory / "hold.py"), GROUP, server.device)
    with running(server, *AS_NOBODY, *hold, *nsd(open_directory, GROUP)) as process:
        serves(server, process, DNS)
        assert [group.address for group in server.groups()] == [GROUP]
        answered(client, GROUP)
    eventually("the group is gone", lambda: server.groups() == [])


@pytest.mark.usefixtures("implementation")
def test_dns_server_on_all_addresses_is_not_reached(
    server: Host, client: Host, tmp_path: Path
) -> None:
    """TCP is silent; the answer to a datagram comes from elsewhere, which dig does not hear."""
    server.member(GROUP)
    with running(server, *nsd(tmp_path, "::")) as process:
        serves(server, process, DNS)
        answered(client, server.address)
        for option in ("+tcp", "+notcp"):
            assert dig(client, GROUP, DNS, option).returncode == NO_ANSWER
        answered(client, server.address)


def test_web_server_bound_to_a_group(
    implementation: str, server: Host, client: Host, tmp_path: Path
) -> None:
    server.member(GROUP)
    command = lighttpd(tmp_path, GROUP)
    if implementation != MODULE:
        assert "assign requested address" in fails(server, *command)
        return
    with running(server, *command) as process:
        serves(server, process, WEB, ["tcp6"])
        done = curl(client, GROUP)
        assert (done.returncode, done.stdout) == (0, TEXT), done.stderr


@pytest.mark.usefixtures("implementation")
def test_web_server_on_all_addresses_is_not_reached(
    server: Host, client: Host, tmp_path: Path
) -> None:
    server.member(GROUP)
    with running(server, *lighttpd(tmp_path, "::")) as process:
        serves(server, process, WEB, ["tcp6"])
        assert curl(client, server.address).stdout == TEXT
        assert curl(client, GROUP, limit=3).returncode == TIMED_OUT
        assert curl(client, server.address).stdout == TEXT


@pytest.mark.parametrize("kind", ["tcp6", "udp6"])
def test_ncat_talks_both_ways(implementation: str, server: Host, client: Host, kind: str) -> None:
    server.member(GROUP)
    ncat = ("ncat", "-6", *(["-u"] if kind == "udp6" else []))
    listening = (*ncat, "-l", GROUP, str(PLAIN))
    if implementation != MODULE:
        assert "assign requested address" in fails(server, *listening)
        return
    with running(server, *listening) as far:
        serves(server, far, PLAIN, [kind])
        with running(client, *ncat, GROUP, str(PLAIN)) as near:
            for text in ("one\n", "two\n"):
                say(near, text, far)
                say(far, text.upper(), near)


def test_ncat_asks_from_a_group(implementation: str, server: Host, client: Host) -> None:
    """The listener sees the group as its client."""
    server.member(GROUP)
    asking = ("ncat", "-6", "-s", GROUP, client.address, str(PLAIN))
    if implementation != MODULE:
        assert "assign requested address" in fails(server, *asking)
        return
    with running(client, "ncat", "-6", "-v", "-l", client.address, str(PLAIN)) as far:
        serves(client, far, PLAIN, ["tcp6"])
        with running(server, *asking) as near:
            say(near, "from the group\n", far, before=True)
            say(far, "to the group\n", near)


def say(
    speaker: subprocess.Popen[str], text: str, hearer: subprocess.Popen[str], before: bool = False
) -> None:
    """One line; `before` it the hearer may say who speaks, which must be the group."""
    assert speaker.stdin
    assert hearer.stdout
    speaker.stdin.write(text)
    speaker.stdin.flush()
    lines = [hearer.stdout.readline()]
    while before and lines[-1] and lines[-1] != text:
        lines.append(hearer.stdout.readline())
    assert lines[-1] == text
    assert not before or any(GROUP in line for line in lines[:-1])
