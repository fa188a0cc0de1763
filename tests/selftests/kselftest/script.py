# SPDX-License-Identifier: GPL-2.0
"""What is known beforehand of one of the kernel's own tests."""

import re
from dataclasses import dataclass

# Seconds that a script may take; several times the need of a slow machine.
LIMIT = 600


@dataclass(frozen=True)
class Flaky:
    """A case that may fail by chance; `cases` is a regular expression for its name."""

    cases: str
    reason: str


@dataclass(frozen=True)
class Script:
    """A script or program of tools/testing/selftests/net, with its arguments.

    `why`: what of it could notice the module. `programs`: what must be built for it. `stages`: a
    regular expression for the lines of a script that tells its progress in words of its own.
    `silent`: it tells nothing but its exit status. `skips`: why the kernel's script is expected to
    skip all of it. `some`: one of those of scripts/test-kernel --some.
    """

    command: tuple[str, ...]
    why: str
    programs: tuple[str, ...] = ()
    stages: str | None = None
    silent: bool = False
    skips: str | None = None
    flaky: tuple[Flaky, ...] = ()
    some: bool = False
    limit: int = LIMIT

    @property
    def name(self) -> str:
        """The script and what is chosen of it, e.g. fcnal-test.sh:ipv6_bind."""
        program = self.command[0].rpartition("/")[2]
        chosen = [argument.strip("-") for argument in self.command[1:] if argument != "-t"]
        return ":".join([program, *chosen]).replace(" ", "+")

    def flaky_reason(self, case: str) -> str | None:
        """Why this case may fail by chance, or None if it may not."""
        for flaky in self.flaky:
            if re.search(flaky.cases, case):
                return flaky.reason
        return None
