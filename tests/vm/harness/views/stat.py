# SPDX-License-Identifier: GPL-2.0
"""/proc/net/anycast6_stat: what happened to the groups of a namespace."""

from harness.topology.namespace import Namespace
from harness.wait import eventually

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
    "yielded",
    "exported",
    "export_failed",
    "member_solicitations",
    "member_answers",
    "handovers",
    "announcements",
    "drained",
    "suspended",
    "beats_sent",
    "beats_heard",
    "last_words_sent",
    "last_words_heard",
    "members_lost",
    "takeovers",
    "resets",
)


# A kernel thread counts these, in its own time.
LATER = frozenset(NAMES[NAMES.index("member_solicitations") :]) - {"drained", "suspended"}


def stat(namespace: Namespace) -> dict[str, int]:
    lines = [
        line.split(" ") for line in namespace.proc("anycast6_stat").decode("ascii").splitlines()
    ]
    return {name: int(value) for name, value in lines}


def counted(namespace: Namespace, name: str) -> int:
    return stat(namespace)[name]


def assert_balanced(namespace: Namespace, *, router: bool) -> None:
    """Holds and groups that came have gone, or are there; only the module served the namespace.

    addrconf may come twice or go at once for several addresses, so a router's holds do not add up.
    """
    eventually("groups add up", lambda: _groups_balanced(namespace))
    if not router:
        eventually("holds add up", lambda: _holds_balanced(namespace))


def _groups_balanced(namespace: Namespace) -> bool:
    counted = stat(namespace)
    listed = len(namespace.proc("anycast6").splitlines())
    return counted["published"] == counted["withdrawn"] + counted["dormant"] + listed


def _holds_balanced(namespace: Namespace) -> bool:
    counted = stat(namespace)
    held = len(namespace.proc("anycast6_members").splitlines())
    return counted["joins"] == counted["leaves"] + counted["lost"] + held


def moved(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """By how much, of the counters that moved with what the scenario did."""
    names = [name for name in after if name not in LATER]
    return {name: after[name] - before[name] for name in names if after[name] != before[name]}
