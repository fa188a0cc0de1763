# SPDX-License-Identifier: GPL-2.0
"""What scripts/vm promises: output and status relayed, no complaint, hang or death a success.

Run in the build root: scripts/buildroot -- python3 -m pytest tests/runner
"""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
VM = PROJECT / "scripts/vm"
TIME_LIMIT = 124
VM_TROUBLE = 125


def vm(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run scripts/vm to its end, with time limits that a busy machine keeps."""
    command = [VM, *map(str, arguments)]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120
    )


def test_output_status_and_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One boot for the ordinary case: streams apart, status, share, seed, tree left alone."""
    monkeypatch.setenv("ANYCAST6_SEED", "4 2")
    share = tmp_path / "a, directory"
    share.mkdir()
    (share / "question").write_text("who?\n")
    script = 'cat /share/question; echo "$1, $ANYCAST6_SEED" >/share/answer; touch litter; '
    script += "echo careful >&2; exit 7"
    ran = vm("--share", share, "--", "bash", "-c", script, "bash", "two words")
    assert (ran.stdout, ran.returncode) == ("who?\n", 7)
    assert "careful\n" in ran.stderr
    assert (share / "answer").read_text() == "two words, 4 2\n"
    assert not (PROJECT / "litter").exists()


def test_processors_and_preemption() -> None:
    """The kernel has what was asked for; it would ignore a word that it does not know."""
    show = "nproc; cat /sys/kernel/debug/sched/preempt"
    ran = vm("--smp", "3", "--preempt", "full", "--", "sh", "-c", show)
    assert ran.stdout.split() == ["3", "(full)", "lazy"]


def test_clock_is_not_too_fast() -> None:
    """However late the guest gets a processor: nothing in it takes longer than outside."""
    command = [VM, "--", "sh", "-c", "echo begin; sleep 4; echo end"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
        assert process.stdout
        assert process.stdout.readline() == b"begin\n"
        began = time.monotonic()
        assert process.stdout.readline() == b"end\n"
        assert time.monotonic() - began > 3.5


def test_kernel_complaint_fails_a_command_that_succeeded() -> None:
    """The log decides, not the command."""
    ran = vm("--", "sh", "-c", "echo '<4>WARNING: made up' >/dev/kmsg; echo fine")
    assert (ran.stdout, ran.returncode) == ("fine\n", VM_TROUBLE)
    assert "the kernel complained: WARNING: made up" in ran.stderr


def test_panic_is_a_failure() -> None:
    """A guest that restarts or powers off by itself has not succeeded."""
    ran = vm("--", "sh", "-c", "echo c >/proc/sysrq-trigger; sleep 60")
    assert ran.returncode == VM_TROUBLE
    assert "Kernel panic" in ran.stderr


def test_death_without_a_word_is_a_failure() -> None:
    """Only a reported status counts as an end."""
    ran = vm("--", "sh", "-c", "echo o >/proc/sysrq-trigger; sleep 60")
    assert ran.returncode == VM_TROUBLE
    assert "the VM ended before COMMAND did" in ran.stderr


def test_time_limit() -> None:
    """A hang ends at the limit, with a status of its own."""
    ran = vm("--timeout", "3", "--", "sleep", "60")
    assert ran.returncode == TIME_LIMIT
    assert "time limit of 3 s" in ran.stderr


def session_of(pid: int) -> list[int]:
    """List the processes of a session."""
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and getsid(int(entry.name)) == pid
    ]


def getsid(pid: int) -> int | None:
    """Return the session of a process that may be gone."""
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signal_ends_everything(number: signal.Signals, status: int, tmp_path: Path) -> None:
    """Neither process nor file stays behind."""
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    runner = subprocess.Popen(
        # Who runs the tests in the background has interrupts ignored, which scripts cannot change.
        ["env", "--default-signal=INT", VM, "--", "sleep", "60"],
        stdin=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )
    while not list(tmp_path.glob("*/qemu")):
        assert runner.poll() is None
        time.sleep(0.1)
    runner.send_signal(number)
    assert runner.wait(timeout=10) == status
    assert session_of(runner.pid) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--kernel", "other", "--", "true"], "stock or debug"),
        (["--smp", "0", "--", "true"], "--smp takes a number"),
        (["--preempt", "none", "--", "true"], "--preempt takes full or lazy"),
        (["--preempt", "full", "--kernel", "debug", "--", "true"], "only the stock kernel"),
        (["--timeout", "soon", "--", "true"], "--timeout takes a number"),
        (["--share", "/nowhere", "--", "true"], "/nowhere is not a directory"),
        (["--share"], "--share needs a value"),
        (["--log", "/nowhere/log", "--", "true"], "cannot write /nowhere/log"),
        (["true"], "unknown argument 'true'"),
        (["--"], "no command"),
        ([], "needs a terminal"),
    ],
)
def test_bad_options(arguments: list[str], says: str) -> None:
    """One clear line, and nothing is booted."""
    ran = vm(*arguments)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert re.fullmatch(rf"scripts/vm: error: .*{re.escape(says)}.*\n", ran.stderr)


def complains(line: str) -> bool:
    """Tell whether scripts/vm-complaints has this line of a kernel log."""
    rules = (PROJECT / "scripts/vm-complaints").read_text().splitlines()
    return any(re.search(rule, line) for rule in rules if not rule.startswith("#"))


@pytest.mark.parametrize(
    "line",
    [
        "------------[ cut here ]------------",
        "WARNING: net/ipv6/anycast.c:120 at ipv6_sock_ac_join+0x1/0x2, CPU#1: python3/200",
        "WARNING: possible circular locking dependency detected",
        "WARNING: suspicious RCU usage",
        "WARNING: CPU: 0 PID: 1 at net/core/dev.c:1 f+0x1/0x2",
        "BUG: KASAN: slab-use-after-free in ipv6_chk_acast_addr+0x1/0x2",
        "BUG: kernel NULL pointer dereference, address: 0000000000000008",
        "BUG: sleeping function called from invalid context at kernel/locking/mutex.c:1",
        "BUG kmalloc-64 (Not tainted): Objects remaining in kmalloc-64",
        "Oops: general protection fault, probably for non-canonical address",
        "Oops: Oops: 0002 [#1] SMP NOPTI",
        "kernel BUG at mm/slub.c:1!",
        "Kernel panic - not syncing: Fatal exception",
        "UBSAN: array-index-out-of-bounds in a.c:1:1",
        "INFO: task ip:123 blocked for more than 120 seconds.",
        "INFO: trying to register non-static key.",
        "rcu: INFO: rcu_preempt self-detected stall on CPU",
        "watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [ip:1]",
        "list_del corruption. prev->next should be a, but was b",
        "refcount_t: underflow; use-after-free.",
        "unregister_netdevice: waiting for eth0 to become free. Usage count = 2",
        "ref_tracker: netdev@00000000 has 1/1 users at",
        "IPv6: Freeing alive inet6 address 00000000",
        " Call Trace:",
        "RIP: 0010:ipv6_chk_acast_addr+0x1/0x2",
        "unreferenced object 0xffff888000000000 (size 64):",
        "kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)",
        "kmemleak: Kernel memory leak detector disabled",
    ],
)
def test_complaints_are_recognised(line: str) -> None:
    """Lines of the kernel's own that must fail a run."""
    assert complains(line)


@pytest.mark.parametrize(
    "line",
    [
        "anycast6: loading out-of-tree module taints kernel.",
        "anycast6: tainting kernel with TAINT_LIVEPATCH",
        "anycast6: module verification failed: signature and/or required key missing",
        "livepatch: 'anycast6': patching complete",
        "Spectre V2 : Vulnerable",
        "random: crng init done",
        "debug: unregistering interface eth0",
    ],
)
def test_ordinary_lines_are_not(line: str) -> None:
    """Lines that every good run has."""
    assert not complains(line)
