# SPDX-License-Identifier: GPL-2.0
"""When the module cannot work it is refused with a line that says why, and changes nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.kernel import caller
from harness.kernel.implementation import (
    BUILTIN_C,
    MODULE,
    attempt,
    foreign_path,
    live,
    module_path,
    switch_to,
)
from harness.kernel.kmodule import insmod
from harness.kernel.livepatch import Livepatch
from harness.kernel.log import KernelLog
from harness.topology.host import Host
from harness.topology.lan import GROUP

FOREIGN = Livepatch("anycast6_foreign")


@contextmanager
def foreign_livepatch() -> Iterator[None]:
    FOREIGN.insert(foreign_path())
    try:
        yield
    finally:
        FOREIGN.disable()
        FOREIGN.remove()


def test_function_of_another_livepatch(server: Host, kernel_log: KernelLog) -> None:
    switch_to(BUILTIN_C)
    server.member(GROUP)
    published = server.publication()
    with foreign_livepatch():
        refused = insmod(module_path())
        assert refused.returncode != 0
        assert "Device or resource busy" in refused.stderr
        assert live() == BUILTIN_C
        assert server.publication() == published
        reason = "livepatch 'anycast6_foreign' has already replaced ac6_seq_stop; disable it first"
        assert f"anycast6: {reason}" in kernel_log.lines()
        refused = attempt("load", str(module_path()))
        assert refused.returncode != 0
        assert reason in refused.stderr
    switch_to(MODULE)
    assert server.publication() == published


def test_symbol_that_the_kernel_lacks(server: Host, kernel_log: KernelLog, tmp_path: Path) -> None:
    """As on a kernel without one of the symbols: a copy of the module asks for another name."""
    switch_to(BUILTIN_C)
    server.member(GROUP)
    published = server.publication()
    known, unknown = b".klp.sym.vmlinux.ip6_ins_rt,0", b".klp.sym.vmlinux.ip6_ins_xx,0"
    image = module_path().read_bytes()
    assert image.count(known) == 1
    copy = tmp_path / "anycast6.ko"
    copy.write_bytes(image.replace(known, unknown))
    assert insmod(copy).returncode != 0
    assert "livepatch: symbol 'ip6_ins_xx' not found in symbol table" in kernel_log.lines()
    assert live() == BUILTIN_C
    assert server.publication() == published


def test_function_that_the_kernel_lacks(
    server: Host, kernel_log: KernelLog, tmp_path: Path
) -> None:
    switch_to(BUILTIN_C)
    server.member(GROUP)
    published = server.publication()
    known, unknown = b"ipv6_sock_ac_drop\0", b"ipv6_sock_ac_xxxx\0"
    image = module_path().read_bytes()
    assert known in image
    copy = tmp_path / "anycast6.ko"
    copy.write_bytes(image.replace(known, unknown))
    assert insmod(copy).returncode != 0
    log = kernel_log.lines()
    assert "livepatch: symbol 'ipv6_sock_ac_xxxx' not found in symbol table" in log
    reason = "not loaded, nothing changed: this kernel lacks a function to replace"
    # The second on kernels without CONFIG_SYMBOLIC_ERRNAME.
    assert {f"anycast6: {reason} ({error})" for error in ("EINVAL", "Error(22)")} & set(log)
    assert live() == BUILTIN_C
    assert server.publication() == published


def test_loaded_already(kernel_log: KernelLog) -> None:
    switch_to(MODULE)
    refused = insmod(module_path())
    assert refused.returncode != 0
    assert "File exists" in refused.stderr
    assert attempt("load", str(module_path())).returncode != 0
    assert live() == MODULE
    assert kernel_log.complaints() == []


def test_plain_rmmod_of_a_live_module() -> None:
    switch_to(MODULE)
    refused = caller.remove("anycast6")
    assert refused.returncode != 0
    assert "anycast6 is in use" in refused.stderr
    assert live() == MODULE


@pytest.mark.parametrize("arguments", [["unload"], ["load", "/no/such/file.ko"]])
def test_script_says_what_is_wrong(arguments: list[str]) -> None:
    switch_to(BUILTIN_C)
    refused = attempt(*arguments)
    assert refused.returncode != 0
    assert refused.stderr.startswith("scripts/anycast6: error: ")
    assert live() == BUILTIN_C
