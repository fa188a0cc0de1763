# SPDX-License-Identifier: GPL-2.0
"""/proc/net/anycast6_stat: what happened to the groups of a namespace."""

from net.namespace import Namespace

# In the order of the file.
NAMES = (
    "joins",
    "leaves",
    "refused_permission",
    "refused_address",
    "refused_device",
    "refused_unavailable",
    "refused_disabled",
    "refused_limit",
    "refused_memory",
    "refused_other",
    "published",
    "withdrawn",
    "dormant",
    "reconciled",
    "walks",
    "lost",
)


def stat(namespace: Namespace) -> dict[str, int]:
    lines = [
        line.split(" ") for line in namespace.proc("anycast6_stat").decode("ascii").splitlines()
    ]
    return {name: int(value) for name, value in lines}


def moved(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """By how much, of the counters that moved."""
    return {name: after[name] - before[name] for name in after if after[name] != before[name]}
