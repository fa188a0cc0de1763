# SPDX-License-Identifier: GPL-2.0
"""The examples of a page of the documentation."""

import re
from pathlib import Path

from harness.kernel.implementation import PROJECT

APPLICATIONS = PROJECT / "docs" / "applications.md"
OPERATION = PROJECT / "docs" / "operation.md"
# An example names its file behind the language.
EXAMPLE = re.compile(r"^```\w+ (?P<name>\S+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def examples(page: Path = APPLICATIONS) -> dict[str, str]:
    """Their texts by file name."""
    found = EXAMPLE.finditer(page.read_text(encoding="utf-8"))
    return {example["name"]: example["text"] for example in found}


def write_examples(directory: Path, page: Path = APPLICATIONS) -> None:
    """As files that every user may read."""
    directory.chmod(0o755)
    for name, text in examples(page).items():
        (directory / name).write_text(text, encoding="utf-8")
        (directory / name).chmod(0o644)
