# SPDX-License-Identifier: GPL-2.0
"""Which implementation of IPv6 anycast is live, and switching between them."""

import os
import subprocess
from pathlib import Path

from harness.kernel.livepatch import Livepatch

BUILTIN_C = "builtin-c"
MODULE = "module"
ALL = (BUILTIN_C, MODULE)

PROJECT = Path(__file__).resolve().parents[4]
SCRIPT = PROJECT / "scripts" / "anycast6"
ANYCAST6 = Livepatch("anycast6", limit=60.0)
LOADED = Path("/sys/module/anycast6")


def module_path() -> Path:
    return Path(os.environ.get("ANYCAST6_KO", "ANYCAST6_KO is not set"))


def caller_path(module: str = "anycast6_caller") -> Path:
    """All callers are built beside that one."""
    path = Path(os.environ.get("ANYCAST6_CALLER_KO", "ANYCAST6_CALLER_KO is not set"))
    return path.with_name(f"{module}.ko")


def built_module(name: str) -> Path:
    """Of a module of tests/modules, which are all built in one place."""
    return caller_path().with_name(f"{name}.ko")


def foreign_path() -> Path:
    return built_module("anycast6_foreign")


def home_agent_path() -> Path:
    return built_module("home_agent")


def live() -> str:
    """The name of the implementation that serves; fails in the midst of a transition."""
    if not ANYCAST6.directory.exists():
        assert not LOADED.exists(), "anycast6 is loaded but its livepatch is gone"
        return BUILTIN_C
    state = {name: ANYCAST6.state(name) for name in ("enabled", "transition")}
    assert state == {"enabled": "1", "transition": "0"}, f"anycast6 is half live: {state}"
    return MODULE


def switch_to(wanted: str) -> float:
    """Load or unload the module, unless the wanted implementation is live already.

    Returns how long it took all tasks to switch.
    """
    if live() == wanted:
        return 0.0
    seconds = load() if wanted == MODULE else unload()
    assert live() == wanted
    return seconds


def load() -> float:
    """Insert the module and wait until it serves all tasks."""
    return ANYCAST6.insert(module_path())


def unload() -> float:
    """Hand back, wait until no task uses the module, remove it."""
    seconds = ANYCAST6.disable()
    ANYCAST6.remove()
    return seconds


def attempt(*argv: str) -> subprocess.CompletedProcess[str]:
    """Run scripts/anycast6, which administrators use for the same, and return its result."""
    return subprocess.run(
        [SCRIPT, *argv], capture_output=True, text=True, timeout=2 * ANYCAST6.limit, check=False
    )
