# SPDX-License-Identifier: GPL-2.0
"""The sysctls net.ipv6.anycast6: which values they take, whose they are, who may write them."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.process.child import Child
from harness.process.privilege import become_nobody, nobody_as_owner, nobody_as_root_elsewhere
from harness.sockopt import anycast
from harness.topology.host import Host
from harness.topology.namespace import SYSCTL, Namespace
from harness.views import settings

pytestmark = [pytest.mark.module_only, pytest.mark.usefixtures("implementation")]

DEFAULTS = {
    "admission": "1",
    "max_groups": "65536",
    "subnet_router": "1",
    "export_table": "0",
    "handover": "1",
    "heartbeat": "0",
    "tcp_reset": "0",
}
GOOD = {
    "admission": ["0", "1", "2"],
    "max_groups": ["0", "1", "65537", "4294967295"],
    "subnet_router": ["0", "1"],
    "export_table": ["0", "1", "251", "256", "4294967295"],
    "handover": ["0", "1"],
    "heartbeat": ["0", "100", "300", "60000"],
    "tcp_reset": ["0", "1"],
}
# Of no setting: more than one number, another base, a sign, something behind it.
NO_NUMBER = [
    "-1",
    "+1",
    "x",
    "1x",
    "1.",
    "1 2",
    "1\n2",
    "1\t2",
    "0x2",
    "02",
    "00",
    "010",
    " ",
    "1\0",
]
BAD = {
    "admission": [*NO_NUMBER, "3", "7", "255", "256", "257", "4294967296"],
    "max_groups": [*NO_NUMBER, "4294967296", "99999999999999999999"],
    "subnet_router": [*NO_NUMBER, "2", "256", "4294967296"],
    # Those that have a name.
    "export_table": [*NO_NUMBER, "252", "253", "254", "255", "4294967296"],
    "handover": [*NO_NUMBER, "2", "256", "4294967296"],
    "heartbeat": [*NO_NUMBER, "1", "99", "60001", "4294967295", "4294967296"],
    "tcp_reset": [*NO_NUMBER, "2", "256", "4294967296"],
}
# A setting of the kernel's own that takes the same numbers, in each namespace.
ORDINARY = SYSCTL / "ipv6" / "idgen_retries"


def cases(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, values in table.items() for value in values]


def write(name: str, value: str) -> str:
    """By one system call, in the current namespace."""

    def action() -> None:
        fd = os.open(settings.DIRECTORY / name, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.write(fd, value.encode())
        finally:
            os.close(fd)

    return anycast.result(action)


def test_what_there_is(server: Host) -> None:
    with server.namespace.inside():
        names = sorted(file.name for file in settings.DIRECTORY.iterdir())
    assert names == sorted(DEFAULTS)
    assert {name: settings.read(name, server.namespace) for name in names} == DEFAULTS
    assert {(settings.DIRECTORY / name).stat().st_mode & 0o7777 for name in names} == {0o644}


@pytest.mark.parametrize(("name", "value"), cases(GOOD))
def test_good_value(server: Host, name: str, value: str) -> None:
    with server.namespace.inside():
        assert write(name, f"{value}\n") == "OK"
        assert settings.read(name) == value


@pytest.mark.parametrize(("name", "value"), cases(BAD))
def test_bad_value_changes_nothing(server: Host, name: str, value: str) -> None:
    with server.namespace.inside():
        for before in GOOD[name]:
            assert write(name, before) == "OK"
            assert write(name, value) == "EINVAL"
            assert settings.read(name) == before


@pytest.mark.parametrize("name", DEFAULTS)
@pytest.mark.parametrize("text", ["0", "0\n", " 0", "\t\n0 \n\n"])
def test_white_space_around_a_number(server: Host, name: str, text: str) -> None:
    with server.namespace.inside():
        assert write(name, text) == "OK"
        assert settings.read(name) == "0"


def in_pieces(file: Path) -> list[object]:
    """What comes of reading and writing a setting in pieces, and with offsets."""
    fd = os.open(file, os.O_RDWR | os.O_CLOEXEC)
    try:
        done: list[object] = [os.pwrite(fd, b"1\n", 0)]
        done += [os.pread(fd, length, at) for length in (1, 2, 9) for at in range(3)]
        done += [os.read(fd, 1), os.read(fd, 9), os.read(fd, 9)]
        for pieces in (b"0", b"\n"), (b"1", b"x", b"1 0"), (b"", b"1"), (b" ", b"0"), (b"0", b"1"):
            os.lseek(fd, 0, os.SEEK_SET)
            done += [anycast.result(lambda piece=piece: os.write(fd, piece)) for piece in pieces]
            done += [os.lseek(fd, 0, os.SEEK_CUR), os.pread(fd, 9, 0)]
        done += [anycast.result(lambda at=at: os.pwrite(fd, b"0 x", at)) for at in (1, 5)]
        return [*done, os.pread(fd, 9, 0)]
    finally:
        os.close(fd)


@pytest.mark.parametrize("name", [name for name in DEFAULTS if "1" in GOOD[name]])
def test_pieces_as_with_other_settings(server: Host, name: str) -> None:
    """Only what is written at the beginning of the file counts, and only that must be a number."""
    with server.namespace.inside():
        assert in_pieces(settings.DIRECTORY / name) == in_pieces(ORDINARY)


def test_each_namespace_has_its_own(server: Host, client: Host) -> None:
    settings.admission(server.namespace, 2)
    settings.max_groups(server.namespace, 7)
    assert {name: settings.read(name, client.namespace) for name in DEFAULTS} == DEFAULTS
    assert {name: settings.read(name) for name in DEFAULTS} == DEFAULTS
    settings.admission(client.namespace, 0)
    assert settings.read("admission", server.namespace) == "2"
    assert settings.read("max_groups", server.namespace) == "7"


@pytest.mark.parametrize("policy", ["0", "2"])
def test_new_namespaces_inherit_the_admission_of_the_first(server: Host, policy: str) -> None:
    """Of that one, the system's own, not of the one in which they are made; max_groups is not."""
    settings.admission(server.namespace, 1)
    try:
        assert write("admission", policy) == "OK"
        assert write("max_groups", "7") == "OK"
        with server.namespace.inside():
            heir = Namespace()
    finally:
        for name, value in DEFAULTS.items():
            assert write(name, value) == "OK"
    assert settings.read("admission", heir) == policy
    assert settings.read("max_groups", heir) == DEFAULTS["max_groups"]
    assert settings.read("admission", server.namespace) == "1"
    heir.close()


# Who may write: the result, and whether the namespace is his own.
WRITERS = [
    ("root", lambda: None, "OK"),
    ("nobody", become_nobody, "EACCES"),
    ("root-elsewhere", nobody_as_root_elsewhere, "EACCES"),
    ("owner", nobody_as_owner, "OK"),
]


@pytest.mark.parametrize(
    ("become", "result"), [w[1:] for w in WRITERS], ids=[w[0] for w in WRITERS]
)
def test_writers(server: Host, become: Callable[[], object], result: str) -> None:
    """root, or the root of the user namespace that owns the network namespace."""

    def work() -> list[tuple[str, str]]:
        become()
        return [(write(name, "0"), settings.read(name)) for name in DEFAULTS]

    after = ("0",) * len(DEFAULTS) if result == "OK" else tuple(DEFAULTS.values())
    assert server.child(work).result() == [(result, value) for value in after]


def test_owner_of_another_namespace_sees_his_own() -> None:
    """What he changes there does not change here."""

    def work() -> str:
        nobody_as_owner()
        return write("admission", "0")

    assert Child(work).result() == "OK"
    assert settings.read("admission") == DEFAULTS["admission"]


def test_nothing_else_in_the_directory_above(server: Host) -> None:
    with server.namespace.inside():
        ours = [file.name for file in (SYSCTL / "ipv6").iterdir() if "anycast6" in file.name]
    assert ours == ["anycast6"]
