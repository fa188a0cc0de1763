# SPDX-License-Identifier: GPL-2.0
"""The module's sysctls, net.ipv6.anycast6."""

from pathlib import Path

from harness.topology.namespace import SYSCTL, Namespace

DIRECTORY = SYSCTL / "ipv6" / "anycast6"
NOTHING, WELL_KNOWN, ON_LINK = POLICIES = 0, 1, 2
MAX_GROUPS = 65536


def admission(namespace: Namespace, policy: int) -> None:
    namespace.sysctl("ipv6/anycast6/admission", str(policy))


def max_groups(namespace: Namespace, groups: int) -> None:
    namespace.sysctl("ipv6/anycast6/max_groups", str(groups))


def subnet_router(namespace: Namespace, *, wanted: bool) -> None:
    namespace.sysctl("ipv6/anycast6/subnet_router", str(int(wanted)))


def export_table(namespace: Namespace, table: int) -> None:
    """0: none."""
    namespace.sysctl("ipv6/anycast6/export_table", str(table))


def handover(namespace: Namespace, *, wanted: bool) -> None:
    namespace.sysctl("ipv6/anycast6/handover", str(int(wanted)))


def heartbeat(namespace: Namespace, msecs: int) -> None:
    """0: none."""
    namespace.sysctl("ipv6/anycast6/heartbeat", str(msecs))


def tcp_reset(namespace: Namespace, *, wanted: bool) -> None:
    namespace.sysctl("ipv6/anycast6/tcp_reset", str(int(wanted)))


def max_user_memberships(memberships: int) -> None:
    """Of all namespaces."""
    (DIRECTORY / "max_user_memberships").write_text(str(memberships), encoding="ascii")


def read(name: str, namespace: Namespace | None = None) -> str:
    """In a namespace, or in the current one."""
    if namespace is None:
        return _text(DIRECTORY / name)
    with namespace.inside():
        return _text(DIRECTORY / name)


def _text(file: Path) -> str:
    return file.read_text(encoding="ascii").rstrip("\n")
