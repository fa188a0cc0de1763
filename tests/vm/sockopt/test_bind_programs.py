# SPDX-License-Identifier: GPL-2.0
"""bind() to a group from a control group with BPF programs: they are asked as in C.

The kernel asks them in functions that the module replaces: before it looks at the address, which
they may change, and again when the socket has its port.
"""

import socket

import pytest

from harness.kernel import bpf
from harness.kernel.bpf import ALLOW, ALLOW_ANY_PORT, REFUSE, Hook, set_address, set_port, verdict
from harness.kernel.implementation import MODULE
from harness.process.privilege import become_nobody
from harness.sockopt.anycast import result
from harness.topology.host import Host
from harness.topology.lan import GROUP, SECOND
from harness.wire.packets import receive

pytestmark = pytest.mark.ordinary_kernel  # the debug kernel asks no BPF programs

KINDS = pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_STREAM], ids=["udp", "tcp"])
PORT, OTHER_PORT, LOW_PORT = 4242, 4243, 53


@pytest.fixture
def granted(implementation: str) -> str:
    """What a bind() is answered that the module grants and C does not know."""
    return "OK" if implementation == MODULE else "EADDRNOTAVAIL"


def bind(sock: socket.socket, address: str, port: int = PORT) -> str:
    return result(lambda: sock.bind((address, port)))


@KINDS
@pytest.mark.usefixtures("implementation")
def test_refusal(server: Host, kind: int) -> None:
    """A group is refused like an own address, and the port stays free."""
    server.member(GROUP)
    with bpf.program(Hook.BIND, verdict(REFUSE)) as group, bpf.inside(group):
        sock = server.open(kind)
        assert bind(sock, GROUP) == "EPERM"
        assert bind(sock, server.address) == "EPERM"
    assert bind(server.open(kind), "::") == "OK"


@KINDS
def test_refusal_of_the_bound_socket(server: Host, granted: str, kind: int) -> None:
    """It gives everything back: it may ask again, and the port is another one's."""
    server.member(GROUP)
    refused = "EPERM" if granted == "OK" else granted
    with bpf.program(Hook.POST_BIND, verdict(REFUSE)) as group, bpf.inside(group):
        sock = server.open(kind)
        assert bind(sock, server.address) == "EPERM"
        for _ in range(2):
            assert bind(sock, GROUP) == refused
            assert sock.getsockname()[:2] == ("::", 0)
    assert bind(server.open(kind), GROUP) == granted


@KINDS
def test_address_becomes_a_group(server: Host, granted: str, kind: int) -> None:
    """What the program put there is what counts, whatever the socket asked for."""
    server.member(GROUP)
    code = set_address(GROUP) + set_port(OTHER_PORT) + verdict(ALLOW)
    with bpf.program(Hook.BIND, code) as group, bpf.inside(group):
        sock = server.open(kind)
        assert bind(sock, server.address) == granted
        if granted == "OK":
            assert sock.getsockname()[:2] == (GROUP, OTHER_PORT)


@KINDS
@pytest.mark.usefixtures("implementation")
def test_group_becomes_another_address(server: Host, kind: int) -> None:
    """An own address, and one that nobody holds."""
    server.member(GROUP)
    for address, answer in (server.address, "OK"), (SECOND, "EADDRNOTAVAIL"):
        code = set_address(address) + verdict(ALLOW)
        with bpf.program(Hook.BIND, code) as group, bpf.inside(group):
            sock = server.open(kind)
            assert bind(sock, GROUP) == answer
            assert (sock.getsockname()[0] == address) == (answer == "OK")


def test_datagrams_come_to_the_changed_address(server: Host, client: Host, granted: str) -> None:
    """A socket that never heard of the group serves it, by the port of the program."""
    server.proxy_delay(0)
    server.member(GROUP)
    code = set_address(GROUP) + set_port(OTHER_PORT) + verdict(ALLOW)
    with bpf.program(Hook.BIND, code) as group, bpf.inside(group):
        service = server.open()
        assert bind(service, "::") == granted
    if granted == "OK":
        asking = client.open()
        asking.sendto(b"question", (GROUP, OTHER_PORT))
        question = receive(service)
        assert question.payload == b"question"
        service.sendto(b"answer", (client.address, question.port))
        assert receive(asking)[:3] == (b"answer", GROUP, OTHER_PORT)


@KINDS
def test_low_port(server: Host, granted: str, kind: int) -> None:
    """The program may do without the capability that a low port needs."""
    server.member(GROUP)

    def work() -> str:
        become_nobody()
        return bind(socket.socket(socket.AF_INET6, kind), GROUP, LOW_PORT)

    answers = []
    for value in ALLOW, ALLOW_ANY_PORT:
        with bpf.program(Hook.BIND, verdict(value)) as group, bpf.inside(group):
            answers.append(server.child(work).result())
    assert answers == ["EACCES", granted]
