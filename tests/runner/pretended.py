# SPDX-License-Identifier: GPL-2.0
"""A project of one source whose build only copies it, for the tests of scripts/test-broken."""

import os
import subprocess
import sys
from pathlib import Path

from broken import tree

PROJECT = Path(__file__).parents[2]
BUILD = '#!/bin/sh -e\ncd "$(dirname "$0")/.."\ncp src/word.rs build/7.3/anycast6.ko\n'


def project(top: Path, source: str) -> Path:
    """Built once already, for the kernel 7.3."""
    for name in tree.SOURCES:
        (top / name).mkdir(parents=True)
    (top / "Kbuild").rmdir()
    (top / "Kbuild").touch()
    script(top, "build", BUILD)
    (top / "src" / "word.rs").write_text(source, encoding="utf-8")
    (top / "build" / "7.3" / "kbuild").mkdir(parents=True)
    (top / "build" / "7.3" / ".identity").touch()
    return top


def script(top: Path, name: str, text: str) -> None:
    file = top / "scripts" / name
    file.write_text(text, encoding="utf-8")
    file.chmod(0o755)


def begin(top: Path, *arguments: str) -> subprocess.Popen[str]:
    """scripts/test-broken for the project at `top`, which the user can interrupt.

    A shell's background ignores that signal, and so would all programs started there.
    """
    return subprocess.Popen(
        ["env", "--default-signal=INT", sys.executable, "-m", "broken", str(top), *arguments],
        env=os.environ | {"PYTHONPATH": str(PROJECT / "scripts")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
