# SPDX-License-Identifier: GPL-2.0
"""/proc/net/netstat: the kernel's own counters of a namespace."""

from harness.topology.namespace import Namespace


def tcp_counters(namespace: Namespace) -> dict[str, int]:
    """Those of the group TcpExt: a line of names, and one of their values."""
    lines = namespace.proc("netstat").decode("ascii").splitlines()
    names, values = [line.split()[1:] for line in lines if line.startswith("TcpExt:")]
    return dict(zip(names, map(int, values), strict=True))
