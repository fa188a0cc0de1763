# SPDX-License-Identifier: GPL-2.0
"""Which implementation of IPv6 anycast is live, and switching between them."""

import os
import subprocess
from pathlib import Path

from net import kmodule
from net.wait import eventually

BUILTIN_C = "builtin-c"
MODULE = "module"
ALL = (BUILTIN_C, MODULE)

PROJECT = Path(__file__).resolve().parents[3]
SCRIPT = PROJECT / "scripts" / "anycast6"
LIVEPATCH = Path("/sys/kernel/livepatch/anycast6")
LOADED = Path("/sys/module/anycast6")
# Seconds for all tasks to leave the functions that are replaced.
LIMIT = 60.0


def module_path() -> Path:
    return Path(os.environ.get("ANYCAST6_KO", "ANYCAST6_KO is not set"))


def caller_path() -> Path:
    return Path(os.environ.get("ANYCAST6_CALLER_KO", "ANYCAST6_CALLER_KO is not set"))


def foreign_path() -> Path:
    """Built beside the caller."""
    return caller_path().with_name("anycast6_foreign.ko")


def live() -> str:
    """The name of the implementation that serves; fails in the midst of a transition."""
    if not LIVEPATCH.exists():
        assert not LOADED.exists(), "anycast6 is loaded but its livepatch is gone"
        return BUILTIN_C
    state = {name: (LIVEPATCH / name).read_text().strip() for name in ("enabled", "transition")}
    assert state == {"enabled": "1", "transition": "0"}, f"anycast6 is half live: {state}"
    return MODULE


def switch_to(wanted: str) -> None:
    """Load or unload the module, unless the wanted implementation is live already."""
    if live() == wanted:
        return
    if wanted == MODULE:
        load()
    else:
        unload()
    assert live() == wanted


def load() -> None:
    """Insert the module and wait until it serves all tasks."""
    kmodule.insert(module_path())
    eventually("anycast6 is live", lambda: not in_transition(), LIMIT)


def unload() -> None:
    """Hand back, wait until no task uses the module, remove it."""
    (LIVEPATCH / "enabled").write_text("0", encoding="ascii")
    eventually("anycast6 has handed back", lambda: not LIVEPATCH.exists(), LIMIT)
    # The kernel drops the livepatch's own reference to the module only after its directory.
    eventually("anycast6 has no users", lambda: kmodule.users("anycast6") == 0)
    kmodule.remove("anycast6")


def in_transition(livepatch: Path = LIVEPATCH) -> bool:
    return (livepatch / "transition").read_text(encoding="ascii") != "0\n"


def attempt(*argv: str) -> subprocess.CompletedProcess[str]:
    """Run scripts/anycast6, which administrators use for the same, and return its result."""
    return subprocess.run(
        [SCRIPT, *argv], capture_output=True, text=True, timeout=2 * LIMIT, check=False
    )
