# SPDX-License-Identifier: GPL-2.0
"""The program of tests/sockopts: actions at random, and a model that predicts their results."""

import re
import subprocess
from collections import Counter

from harness.kernel.implementation import BUILTIN_C, PROJECT

PROGRAM = PROJECT / "build" / "sockopts" / "target" / "release" / "sockopts"
LIMIT = 3600.0
# In what the model of the module differs from that of built-in C.
RULES = (
    "unsuitable",
    "tentative",
    "policies",
    "limit",
    "waiting",
    "identity",
    "counted",
    "apart",
    "bind",
    "control",
)
TALLY = re.compile(r" *(\d+) (\w+) (.+)")


def attempt(*words: object, implementation: str) -> subprocess.CompletedProcess[str]:
    """`implementation`: what the model goes by."""
    # The devices of its network are taps.
    subprocess.run(["modprobe", "tun"], check=True)
    rules = "builtin-c" if implementation == BUILTIN_C else "module"
    return subprocess.run(
        [PROGRAM, *map(str, words), "--rules", rules],
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )


def run(*words: object, implementation: str) -> str:
    """What the program prints; it must have found no difference."""
    done = attempt(*words, implementation=implementation)
    assert done.returncode == 0, done.stderr
    return done.stdout


def tally(output: str) -> Counter[str]:
    """How many actions of each kind were done, and how many succeeded."""
    counts: Counter[str] = Counter()
    for times, kind, result in TALLY.findall(output):
        counts[kind] += int(times)
        if result == "OK":
            counts[f"{kind} OK"] += int(times)
    return counts


def rules() -> list[str]:
    """The names as the program has them."""
    words = [PROGRAM, "rules"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return done.stdout.split()
