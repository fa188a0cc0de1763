# SPDX-License-Identifier: GPL-2.0
"""Which of the kernel's own tests run: those that come near to what the module replaces.

The module has functions in the paths of bind(), of a SYN, of neighbour solicitations, of addresses
and devices that come and go, and in every look-up of a local address. Left out, as this kernel or
this root cannot run them: tfo_passive.sh (needs the module netdevsim, which Debian does not build),
reuseport_bpf_numa (needs several nodes), the directory forwarding (needs mausezahn).
"""

from kselftest.script import Script

HARNESS_LIMIT = 300
# Of scripts that do something hundreds of times.
LONG = 3600


def fcnal(tests: str, why: str, *, some: bool = False) -> Script:
    """Some of the tests of addresses, sockets and VRFs."""
    command = ("fcnal-test.sh", "-t", tests)
    return Script(command, why, programs=("nettest",), some=some, limit=LONG)


def program(
    name: str, why: str, *, stages: str | None = None, silent: bool = False, some: bool = False
) -> Script:
    """A test that is a program."""
    return Script(
        (name,),
        why,
        programs=(name,),
        stages=stages,
        silent=silent,
        some=some,
        limit=HARNESS_LIMIT,
    )


BIND = (
    program("bind_wildcard", "bind() to :: and others, by pairs", some=True),
    program("bind_timewait", "bind() beside a socket in TIME_WAIT", some=True),
    program("reuseaddr_conflict", "bind() that must conflict", stages="Opening|Success", some=True),
    program("sk_bind_sendto_listen", "bind() twice, then listen()", silent=True, some=True),
    program("sk_connect_zero_addr", "connect() and bind() to ::", silent=True, some=True),
    program("tcp_port_share", "ports of connections and of bind()", some=True),
    Script(
        ("bind_bhash.sh",),
        "bind() of an address with thousands of sockets on its port",
        programs=("bind_bhash",),
        stages="time spent",
        some=True,
    ),
    Script(
        ("reuseaddr_ports_exhausted.sh",),
        "bind() when no port is left",
        programs=("reuseaddr_ports_exhausted",),
        some=True,
    ),
    Script(
        ("ip_local_port_range.sh",),
        "ports of sockets that choose their range",
        programs=("ip_local_port_range",),
        limit=HARNESS_LIMIT,
    ),
    fcnal("ipv6_bind", "bind() of IPv6 addresses, of VRFs too", some=True),
)

LISTEN = (
    Script(
        ("reuseport_addr_any.sh",),
        "listeners of :: and of an address, which one gets the packet",
        programs=("reuseport_addr_any",),
        stages=r"\.\.\. pass|SUCCESS",
        some=True,
    ),
    program(
        "reuseport_dualstack",
        "listeners of IPv4 and IPv6",
        stages="---- .* ----|SUCCESS",
        some=True,
    ),
    program("reuseport_bpf", "groups of listeners", stages="---- .* ----|Testing|SUCCESS"),
    program("reuseport_bpf_cpu", "groups of listeners", stages="---- .* ----|SUCCESS"),
    program("so_incoming_cpu", "groups of listeners, by processor"),
    Script(
        ("stress_reuseport_listen.sh",),
        "listen() of 24 000 sockets of 300 addresses",
        programs=("stress_reuseport_listen",),
        stages="listen [0-9]+ socks",
    ),
    Script(
        ("tcp_fastopen_backup_key.sh",),
        "160 000 SYNs with data",
        programs=("tcp_fastopen_backup_key",),
        stages="^PASS$|done",
        limit=LONG,
    ),
    fcnal("ipv6_tcp", "TCP of all kinds of addresses, of VRFs too"),
    Script(
        ("mptcp/diag.sh",),
        "listeners and connections of MPTCP",
        programs=("mptcp/mptcp_connect", "mptcp/mptcp_diag"),
    ),
    Script(
        ("mptcp/mptcp_sockopt.sh",),
        "options of MPTCP sockets and of their subflows, of IPv6 too",
        programs=(
            "mptcp/mptcp_connect",
            "mptcp/mptcp_sockopt",
            "mptcp/mptcp_inq",
            "mptcp/pm_nl_ctl",
        ),
    ),
    Script(
        ("mptcp/mptcp_join.sh", "-6"),
        "subflows of IPv6 that join and leave",
        programs=("mptcp/mptcp_connect", "mptcp/pm_nl_ctl"),
    ),
)

SEND = (
    Script(
        ("ipv6_flowlabel.sh",),
        "the socket options next to those of groups",
        programs=("ipv6_flowlabel",),
        stages="TEST|OK. All tests passed",
        some=True,
    ),
    program("ipv6_flowlabel_mgr", "the socket options next to those of groups"),
    program("ipv6_fragmentation", "UDP of IPv6"),
    program("sk_so_peek_off", "UDP and TCP of IPv6", stages="works correctly"),
    program("icmp_rfc4884", "errors of ICMPv6"),
    program("getsockopt_iter", "getsockopt()"),
    Script(
        ("test_so_rcv.sh",),
        "ancillary data of IPv6",
        programs=("so_rcv_listener", "cmsg_sender"),
        stages="^Rcv test",
    ),
    Script(
        ("cmsg_ip.sh",), "ancillary data of IPv6", programs=("cmsg_sender",), stages="^OK$|  Case"
    ),
    fcnal("ipv6_udp", "UDP of all kinds of addresses, of VRFs too"),
    fcnal("ipv6_ping", "ping of all kinds of addresses, of VRFs too"),
)

NEIGHBOURS = (
    Script(
        ("rtnetlink_notification.sh",),
        "RTM_NEWANYCAST and RTM_DELANYCAST of a router's device",
        some=True,
    ),
    Script(("ndisc_unsolicited_na_test.sh",), "neighbour advertisements"),
    Script(("arp_ndisc_untracked_subnets.sh", "-t", "ndisc"), "neighbour advertisements"),
    Script(
        ("arp_ndisc_evict_nocarrier.sh",),
        "neighbours when the carrier goes",
        stages="run .* test|^ok$|^failed$",
    ),
    Script(
        ("test_neigh.sh", "-t", "extern_valid_ipv6"),
        "states of neighbours",
        skips="Debian's ip does not know extern_valid",
    ),
)

DEVICES = (
    Script(("ipv6_force_forwarding.sh",), "routers, which have anycast addresses", some=True),
    Script(("vrf_strict_mode_test.sh",), "VRFs that come and go", some=True),
    fcnal("ipv6_runtime", "devices that vanish under sockets, which VRFs have"),
    fcnal("ipv6_netfilter", "refused SYNs and packets"),
    fcnal("use_cases", "bridges in VRFs, link-local addresses, NAT"),
    Script(("fib-onlink-tests.sh",), "look-ups of local addresses in routes and VRFs"),
    Script(
        ("fib_rule_tests.sh", "-t", "fib_rule6 fib_rule6_connect fib_rule6_vrf"),
        "connections by rules",
        programs=("nettest",),
    ),
    Script(
        ("fib_tests.sh", "-t", "ipv6_addr_metric ipv6_del_addr"),
        "addresses that come and go, and their routes",
    ),
)

CHOSEN = (*BIND, *LISTEN, *SEND, *NEIGHBOURS, *DEVICES)
