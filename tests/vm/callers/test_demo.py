# SPDX-License-Identifier: GPL-2.0
"""The demo, which checks each of its steps itself, in a network of its own."""

import os
import re
import signal
import subprocess
from contextlib import suppress

import pytest

from harness.kernel.implementation import BUILTIN_C, PROJECT, switch_to

DEMO = PROJECT / "demo" / "run"
# Its namespaces have names, for which `ip netns` keeps files.
ALONE = "mkdir -p /run/netns && mount -t tmpfs none /run/netns && exec"
LIMIT = 300.0

pytestmark = pytest.mark.ordinary_kernel


def told() -> tuple[int, str]:
    """Its exit status, and what it prints. None of its programs is left."""
    process = subprocess.Popen(
        ["unshare", "--net", "--mount", "sh", "-c", f"{ALONE} {DEMO}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output = process.communicate(timeout=LIMIT)[0]
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return process.returncode, output


def test_demo() -> None:
    switch_to(BUILTIN_C)
    status, story = told()
    assert status == 0, story
    titles = re.findall(r"^=== (\d)\. ", story, re.MULTILINE)
    assert titles == list("1234567"), story
    assert story.endswith(f"All {story.count('  [ok] ')} checks held.\n"), story
