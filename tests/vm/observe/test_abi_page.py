# SPDX-License-Identifier: GPL-2.0
"""docs/abi.md says what the running module has: every name, and no other."""

import re
import subprocess

import pytest

from harness.kernel import tracing
from harness.kernel.documented import LEVELS, PAGE, PLACEHOLDER, is_documented, names, rows, section
from harness.kernel.implementation import module_path
from harness.topology.host import Host
from harness.topology.lan import GROUP
from harness.topology.namespace import PROC_NET
from harness.views import settings
from harness.views.members import members
from harness.views.stat import stat

pytestmark = [pytest.mark.module_only, pytest.mark.usefixtures("implementation")]


def column(heading: str) -> list[str]:
    return [name for row in rows(heading) for name in names(row[0])]


def test_sysctls(server: Host) -> None:
    with server.namespace.inside():
        there = {file.name: settings.read(file.name) for file in settings.DIRECTORY.iterdir()}
    assert sorted(column("Sysctls")) == sorted(there)
    (default,) = [row[2] for row in rows("Sysctls") if names(row[0]) == ["max_groups"]]
    assert default == there["max_groups"]


def test_module_parameters() -> None:
    told = modinfo("parm")
    assert column("Module parameter") == [line.partition(":")[0] for line in told]
    (default,) = [row[2] for row in rows("Module parameter")]
    assert default == settings.read("admission")


def modinfo(field: str) -> list[str]:
    argv = ["modinfo", "-F", field, str(module_path())]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()


def test_counters(server: Host) -> None:
    assert column("/proc/net/anycast6_stat") == list(stat(server.namespace))


def test_holders(server: Host) -> None:
    """As many words of small letters as the page says, with something between them."""
    server.member(GROUP)
    server.forwarding(True)
    patterns = [
        re.sub(r"\b[A-Z]+\b", r"\\S+", holder) for holder in column("/proc/net/anycast6_members")
    ]
    for hold in members(server.namespace):
        assert any(re.fullmatch(pattern, hold.holder) for pattern in patterns), hold
    image = module_path().read_bytes()
    for holder in column("/proc/net/anycast6_members"):
        assert f"{holder.split()[0]} ".encode() in image


def test_tracepoints() -> None:
    told = {row[0].strip("`"): names(row[2]) for row in rows("Tracepoints")}
    assert sorted(told) == tracing.names()
    there = {event: [name for _, name in tracing.fields(event)] for event in told}
    assert {event: sorted(fields) for event, fields in told.items()} == {
        event: sorted(fields) for event, fields in there.items()
    }


def test_log_lines() -> None:
    """Each fixed part of each line is in the module."""
    image = module_path().read_bytes()
    lines = column("Log")
    assert len(lines) == len(rows("Log"))
    for line in lines:
        prefix, _, text = line.partition(": ")
        assert prefix == "anycast6"
        for part in PLACEHOLDER.split(text):
            assert part.strip("(). ").encode() in image, line


# Each with the level that the page gives it, and with another one.
LINES = [
    (LEVELS["info"], "anycast6: took over 3 groups with 4 holders", True),
    (LEVELS["warning"], "anycast6: took over 3 groups with 4 holders", False),
    (LEVELS["error"], "anycast6: livepatch 'a' has already replaced b; disable it first", True),
    (LEVELS["info"], "anycast6: livepatch 'a' has already replaced b; disable it first", False),
    (LEVELS["info"], "anycast6: nobody has written this down", False),
]


@pytest.mark.parametrize(("level", "line", "documented"), LINES)
def test_levels(level: int, line: str, documented: bool) -> None:
    """The log of every scenario is compared with the page; here, that this notices something."""
    assert is_documented(level, line) == documented


def test_files(server: Host) -> None:
    for name in re.findall(r"^## /proc/net/(\w+)$", PAGE.read_text(encoding="utf-8"), re.M):
        mode = re.search(r"Mode (0\d+)", section(f"/proc/net/{name}"))
        with server.namespace.inside():
            there = (PROC_NET / name).stat().st_mode & 0o7777
        assert mode
        assert there == int(mode[1], 8)
