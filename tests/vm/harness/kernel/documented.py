# SPDX-License-Identifier: GPL-2.0
"""What docs/abi.md says: its tables, and the lines that the module may log, with their levels."""

import re
from functools import cache

from harness.kernel.implementation import PROJECT

PAGE = PROJECT / "docs" / "abi.md"
# As in <linux/kern_levels.h>.
LEVELS = {"error": 3, "warning": 4, "info": 6}
# What stands for something else in a line of the log.
PLACEHOLDER = re.compile(r"\b(?:N|M|DEVICE|ADDRESS|STATE|NAME|FUNCTION|REASON|ERRNO)\b")
# What the kernel says with the name of the module, of any module.
KERNELS_OWN = re.compile(
    r"anycast6: (?:loading out-of-tree module taints kernel\.|tainting kernel with TAINT_LIVEPATCH"
    r"|module verification failed: .*|unknown parameter '.*' ignored"
    r"|`.*' invalid for parameter `.*')"
)


def section(heading: str) -> str:
    text = PAGE.read_text(encoding="utf-8")
    (found,) = re.findall(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    return found


def rows(heading: str) -> list[list[str]]:
    """The cells of the table of a section, without its head."""
    lines = [line for line in section(heading).splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [row for row in cells[2:] if row]


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@cache
def log_lines() -> dict[str, int]:
    """The patterns of the lines of the log, and the level of each."""
    return {_pattern(line): LEVELS[level] for line, level, _ in rows("Log")}


def is_documented(level: int, line: str) -> bool:
    """Has the page such a line, with that level? The kernel's own words are not the page's."""
    if KERNELS_OWN.fullmatch(line):
        return True
    return level in {its for pattern, its in log_lines().items() if re.fullmatch(pattern, line)}


def _pattern(cell: str) -> str:
    (line,) = names(cell)
    return ".+".join(re.escape(part) for part in PLACEHOLDER.split(line))
