# SPDX-License-Identifier: GPL-2.0
"""The tracepoints of group anycast6: each event, with its fields."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.kernel import caller
from harness.kernel.caller import Caller
from harness.kernel.tracing import Trace, fields, names, recorded
from harness.sockopt import anycast
from harness.sockopt.steps import Subject, unprivileged
from harness.sockopt.steps import join as join_step
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP, LINK_LOCAL_GROUP, OFF_PREFIX, PREFIX, SECOND
from harness.wait import eventually, settled

pytestmark = [pytest.mark.module_only, pytest.mark.usefixtures("implementation")]

GROUP_FIELDS = [
    ("__data_loc char[]", "dev"),
    ("int", "ifindex"),
    ("int", "users"),
    ("struct in6_addr", "addr"),
]
CENSUS_FIELDS = [("unsigned long", "groups"), ("long long", "holders")]
FIELDS = {
    "join": GROUP_FIELDS,
    "leave": GROUP_FIELDS,
    "publish": GROUP_FIELDS,
    "withdraw": GROUP_FIELDS,
    "dormant": GROUP_FIELDS,
    "refuse": [("int", "ifindex"), ("int", "err"), ("struct in6_addr", "addr")],
    "takeover": CENSUS_FIELDS,
    "handback": CENSUS_FIELDS,
}
# errno values of x86_64, which are in the events
EPERM, ENOMEM, EACCES, ENODEV, EINVAL, EADDRNOTAVAIL, ENOBUFS = 1, 12, 13, 19, 22, 99, 105


@pytest.fixture
def trace() -> Iterator[Trace]:
    with recorded() as trace:
        yield trace


def event(name: str, users: int, address: str = GROUP, device: str = "veth-server") -> str:
    index = IFINDEX if device == "veth-server" else 21
    return f"{name}: dev={device} ifindex={index} addr={address} users={users}"


def test_what_there_is() -> None:
    """Names and fields are ABI."""
    assert names() == sorted(FIELDS)
    assert {name: fields(name) for name in FIELDS} == FIELDS


def test_join_and_leave(server: Host, trace: Trace) -> None:
    sock = server.member(GROUP, GROUP, LINK_LOCAL_GROUP)
    assert trace.events() == [
        event("join", 1),
        event("publish", 1),
        event("join", 2),
        event("join", 1, LINK_LOCAL_GROUP),
        event("publish", 1, LINK_LOCAL_GROUP),
    ]
    trace.clear()
    anycast.leave(sock, GROUP, IFINDEX)
    assert trace.events() == [event("leave", 1)]
    trace.clear()
    sock.close()
    assert sorted(trace.events()) == sorted(
        [
            event("leave", 0),
            event("withdraw", 0),
            event("leave", 0, LINK_LOCAL_GROUP),
            event("withdraw", 0, LINK_LOCAL_GROUP),
        ]
    )


def test_kernel_caller(server: Host, trace: Trace) -> None:
    with caller.loaded():
        kernel = Caller(server)
        kernel.inc(GROUP)
        kernel.dec(GROUP)
    assert trace.events() == [
        event("join", 1),
        event("publish", 1),
        event("leave", 0),
        event("withdraw", 0),
    ]


def test_addrconf(server: Host, trace: Trace) -> None:
    server.forwarding(True)
    assert sorted(trace.events()) == sorted(
        event(name, 1, address) for name in ("join", "publish") for address in (PREFIX, "fe80::")
    )
    trace.clear()
    server.forwarding(False)
    assert sorted(trace.events()) == sorted(
        event(name, 0, address) for name in ("leave", "withdraw") for address in (PREFIX, "fe80::")
    )


def test_dormant(server: Host, trace: Trace) -> None:
    sock = server.member(GROUP, GROUP)
    trace.clear()
    server.namespace.rtnl.link("set", index=IFINDEX, state="down")
    assert trace.events() == [event("dormant", 2)]
    trace.clear()
    # Nothing of a dormant group is to be withdrawn.
    anycast.leave(sock, GROUP, IFINDEX)
    assert trace.events() == [event("leave", 1)]
    trace.clear()
    server.configure()
    assert trace.events() == [event("publish", 1)]
    trace.clear()
    server.namespace.rtnl.link("set", index=IFINDEX, state="down")
    sock.close()
    assert trace.events() == [event("dormant", 1), event("leave", 0)]
    server.configure()


def test_disabled_ipv6(server: Host, trace: Trace) -> None:
    server.member(GROUP)
    trace.clear()
    for value, expected in (("1", "dormant"), ("0", "publish")):
        server.namespace.sysctl(f"ipv6/conf/{server.device}/disable_ipv6", value)
        if value == "0":
            server.restore_addresses()
        assert settled(trace.events, [event(expected, 1)]) == [event(expected, 1)]
        trace.clear()


def test_device_that_goes(server: Host, trace: Trace) -> None:
    """Its groups go dormant, then they are no more; of them a stale close tells nothing."""
    server.namespace.add_dummy("extra", "2001:db8:5::1", index=21)
    sock = server.open()
    anycast.join(sock, "2001:db8:5::a", 21)
    trace.clear()
    server.namespace.delete_device("extra")
    sock.close()
    assert trace.events() == [event("dormant", 1, "2001:db8:5::a", "extra")]


REFUSED = [
    ("multicast", "ff02::1", IFINDEX, EINVAL),
    ("unspecified", "::", 0, EINVAL),
    ("own", PREFIX + "1", IFINDEX, EINVAL),
    ("device", GROUP, 4711, ENODEV),
    ("negative-device", GROUP, -1, ENODEV),
    ("off-prefix", OFF_PREFIX, IFINDEX, EADDRNOTAVAIL),
    ("no-device", OFF_PREFIX, 0, EADDRNOTAVAIL),
]


@pytest.mark.parametrize(
    ("address", "ifindex", "err"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_refused(server: Host, trace: Trace, address: str, ifindex: int, err: int) -> None:
    """The interface index is that which was asked for."""
    with pytest.raises(OSError) as refused:  # noqa: PT011 - the number follows
        anycast.join(server.open(), address, ifindex)
    assert refused.value.errno == err
    assert trace.events() == [f"refuse: ifindex={ifindex} addr={address} err={err}"]


def test_refused_for_want_of(server: Host, trace: Trace) -> None:
    """Privilege, room, memory, IPv6."""
    subject = Subject(server, server.open())
    with pytest.raises(PermissionError):
        unprivileged(join_step())(subject)
    server.namespace.sysctl("ipv6/anycast6/max_groups", "0")
    assert anycast.result(lambda: anycast.join(subject.sock, GROUP, IFINDEX)) == "ENOBUFS"
    server.namespace.sysctl("core/optmem_max", "1")
    assert anycast.result(lambda: anycast.join(subject.sock, GROUP, IFINDEX)) == "ENOMEM"
    assert trace.events() == [
        f"refuse: ifindex={IFINDEX} addr={GROUP} err={err}" for err in (EPERM, ENOBUFS, ENOMEM)
    ]


def test_what_is_not_recorded(server: Host, trace: Trace) -> None:
    """A leave of nothing, an option that is too short, a deleted route that is put back."""
    sock = server.open()
    assert anycast.result(lambda: anycast.leave(sock, GROUP, IFINDEX)) == "ENOENT"
    short = anycast.mreq(GROUP, IFINDEX)[:-1]
    assert anycast.result(lambda: sock.setsockopt(41, anycast.IPV6_JOIN_ANYCAST, short)) == "EINVAL"
    assert trace.events() == []
    anycast.join(sock, GROUP, IFINDEX)
    trace.clear()
    published = server.publication()
    server.namespace.ip("route", "del", "anycast", GROUP, "dev", server.device, "table", "local")
    assert settled(server.publication, published) == published
    assert trace.events() == []


def test_one_event_alone(server: Host) -> None:
    with recorded("anycast6:publish") as trace:
        server.member(GROUP, GROUP)
        assert trace.events() == [event("publish", 1)]


def test_filter(server: Host) -> None:
    """Fields by which the kernel itself can choose."""
    with recorded("anycast6:join") as trace:
        trace.filter("join", "users == 2 && ifindex == 11")
        server.member(GROUP, GROUP, SECOND)
        assert trace.events() == [event("join", 2)]


needs_trace_cmd = pytest.mark.skipif(not shutil.which("trace-cmd"), reason="no trace-cmd")
# The kernel's types, by which it reads an address.
BTF = Path("/sys/kernel/btf/vmlinux")
needs_bpftrace = pytest.mark.skipif(
    not (shutil.which("bpftrace") and BTF.exists()), reason="no bpftrace, or a kernel without BTF"
)


@needs_trace_cmd
def test_trace_cmd(server: Host) -> None:
    run("trace-cmd", "start", "-e", "anycast6")
    try:
        server.member(GROUP)
        shown = run("trace-cmd", "show")
    finally:
        run("trace-cmd", "reset")
    for name in ("join", "publish"):
        assert event(name, 1) in shown


BPFTRACE = """
BEGIN { printf("ready\\n"); }
tracepoint:anycast6:join {
    printf("%d %s %d\\n", args.ifindex, ntop(args.addr.in6_u.u6_addr8), args.users);
}
tracepoint:anycast6:refuse { printf("refused %d\\n", args.err); }
"""


@needs_bpftrace
def test_bpftrace(server: Host) -> None:
    tracer = subprocess.Popen(
        ["bpftrace", "-B", "line", "-e", BPFTRACE], stdout=subprocess.PIPE, text=True
    )
    try:
        assert tracer.stdout
        eventually("bpftrace is attached", lambda: "ready" in tracer.stdout.readline(), 60)
        server.member(GROUP)
        assert tracer.stdout.readline() == f"{IFINDEX} {GROUP} 1\n"
        assert anycast.result(lambda: anycast.join(server.open(), "::", 0)) == "EINVAL"
        assert tracer.stdout.readline() == f"refused {EINVAL}\n"
    finally:
        tracer.terminate()
        tracer.wait()


def run(*argv: str) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout
