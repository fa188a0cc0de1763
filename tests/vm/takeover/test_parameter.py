# SPDX-License-Identifier: GPL-2.0
"""The module's parameter, and that all it shows comes and goes with it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from harness.kernel import tracing
from harness.kernel.implementation import (
    ANYCAST6,
    BUILTIN_C,
    LOADED,
    MODULE,
    live,
    load,
    module_path,
    switch_to,
    unload,
)
from harness.kernel.kmodule import insmod
from harness.kernel.log import KernelLog
from harness.sockopt import anycast
from harness.topology.host import IFINDEX, Host
from harness.topology.lan import GROUP
from harness.topology.namespace import PROC_NET, Namespace
from harness.views import settings

FILES = ("anycast6_members", "anycast6_stat")


@contextmanager
def loaded_with(*parameters: str) -> Iterator[None]:
    switch_to(BUILTIN_C)
    done = insmod(module_path(), *parameters)
    assert done.returncode == 0, done.stderr
    ANYCAST6.await_live()
    try:
        yield
    finally:
        unload()


def shown(namespace: Namespace) -> list[str]:
    """What a namespace has of the module's files."""
    with namespace.inside():
        there = [settings.DIRECTORY, *(PROC_NET / name for name in FILES)]
        return [path.name for path in there if path.exists()]


@pytest.mark.parametrize("policy", ["0", "2"])
def test_initial_policy(server: Host, policy: str) -> None:
    """Of namespaces old and new."""
    with loaded_with(f"admission={policy}"):
        assert settings.read("admission") == policy
        assert settings.read("admission", server.namespace) == policy
        young = Namespace()
        assert settings.read("admission", young) == policy
        assert settings.read("max_groups", young) == str(settings.MAX_GROUPS)
        young.close()


@pytest.mark.parametrize("value", ["3", "7", "255"])
def test_no_policy(server: Host, kernel_log: KernelLog, value: str) -> None:
    reason = f"anycast6: not loaded: admission={value} is none of 0, 1, 2"
    assert_refused(server, kernel_log, f"admission={value}", reason)


@pytest.mark.parametrize("value", ["256", "-1", "x", ""])
def test_no_number(server: Host, kernel_log: KernelLog, value: str) -> None:
    """The kernel's own words, as of any module's parameter."""
    assert_refused(server, kernel_log, f"admission={value}", "anycast6: `")


def assert_refused(host: Host, log: KernelLog, parameter: str, reason: str) -> None:
    switch_to(BUILTIN_C)
    host.member(GROUP)
    published = host.publication()
    refused = insmod(module_path(), parameter)
    assert refused.returncode != 0
    assert "Invalid parameters" in refused.stderr
    assert [line for line in log.lines() if line.startswith(reason)]
    assert not LOADED.exists()
    assert live() == BUILTIN_C
    assert shown(host.namespace) == []
    assert not tracing.EVENTS.exists()
    assert host.publication() == published


def test_loads_after_it_was_refused(server: Host) -> None:
    switch_to(BUILTIN_C)
    server.member(GROUP)
    published = server.publication()
    assert insmod(module_path(), "admission=7").returncode != 0
    load()
    assert server.publication() == published
    assert settings.read("admission", server.namespace) == "1"


def test_unknown_parameter(kernel_log: KernelLog) -> None:
    """Ignored with a line, as the kernel does for all modules."""
    with loaded_with("no_such=1"):
        assert live() == MODULE
    assert "anycast6: unknown parameter 'no_such' ignored" in kernel_log.lines()


def test_files_are_there_while_the_module_is(server: Host, client: Host) -> None:
    """In each namespace, also in one that is made after; and again when the module comes again."""
    for _ in range(2):
        switch_to(MODULE)
        young = Namespace()
        for namespace in (server.namespace, client.namespace, young):
            assert shown(namespace) == ["anycast6", *FILES]
        assert tracing.names()
        switch_to(BUILTIN_C)
        for namespace in (server.namespace, client.namespace, young):
            assert shown(namespace) == []
        assert not tracing.EVENTS.exists()
        young.close()


def test_open_files_do_not_keep_the_module(server: Host) -> None:
    """They have nothing to tell any more."""
    switch_to(MODULE)
    server.member(GROUP)
    fds = [server.namespace.open_proc(name) for name in FILES]
    with server.namespace.inside():
        fds += [os.open(file, os.O_RDONLY) for file in settings.DIRECTORY.iterdir()]
    assert all(os.read(fd, 8) for fd in fds)
    switch_to(BUILTIN_C)
    for fd in fds:
        assert anycast.result(lambda fd=fd: os.pread(fd, 8, 0)) != "OK"
        os.close(fd)


def test_settings_do_not_outlive_the_module(server: Host) -> None:
    switch_to(MODULE)
    settings.admission(server.namespace, 2)
    settings.max_groups(server.namespace, 1)
    switch_to(BUILTIN_C)
    switch_to(MODULE)
    assert settings.read("admission", server.namespace) == "1"
    assert settings.read("max_groups", server.namespace) == str(settings.MAX_GROUPS)


def test_groups_taken_over_count(server: Host) -> None:
    """Those of C are counted, and none is ended, however few there may be."""
    switch_to(BUILTIN_C)
    sock = server.member(GROUP, GROUP + "1", GROUP + "2")
    switch_to(MODULE)
    settings.max_groups(server.namespace, 2)
    other = server.open()
    again = [GROUP, GROUP + "3"]
    results = [anycast.result(lambda a=a: anycast.join(other, a, IFINDEX)) for a in again]
    assert results == ["OK", "ENOBUFS"]
    assert len(server.groups()) == 3
    anycast.leave(sock, GROUP + "1", IFINDEX)
    anycast.leave(sock, GROUP + "2", IFINDEX)
    assert anycast.result(lambda: anycast.join(other, GROUP + "3", IFINDEX)) == "OK"
    assert anycast.result(lambda: anycast.join(other, GROUP + "4", IFINDEX)) == "ENOBUFS"
