# SPDX-License-Identifier: GPL-2.0
"""What is wrong with a run, or with a pair of runs. A verdict is a text, or None if all is well."""

from collections.abc import Callable

from kselftest import difference
from kselftest.difference import Difference
from kselftest.outcome import Run

# For a case that may fail by chance.
ATTEMPTS = 3


def of_run(run: Run) -> str | None:
    """A script that shows nothing must not count as equal."""
    problem = None if run.skipped() and run.script.skips else nothing(run)
    return f"{problem}:\n{run.output[-2000:]}" if problem else None


def nothing(run: Run) -> str | None:
    """Why this run shows nothing."""
    return "all of it was skipped" if run.skipped() else run.trouble()


def of_pair(builtin_c: Run, module: Run, again: Callable[[], Run]) -> str | None:
    """Any difference counts. `again` runs the script once more, for what differs by chance."""
    for _ in range(ATTEMPTS - 1):
        if not difference.by_chance(module, significant(builtin_c, module)):
            break
        module = again()
    differences = significant(builtin_c, module)
    return (
        "\n".join([f"{module.script.name} differs:", *map(str, differences)])
        if differences
        else None
    )


def significant(builtin_c: Run, module: Run) -> list[Difference]:
    """The differences, unless built-in C was the unlucky one."""
    found = difference.between(builtin_c, module)
    lucky = difference.by_chance(module, found) and difference.better(found)
    return [] if lucky else found
