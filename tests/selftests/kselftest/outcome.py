# SPDX-License-Identifier: GPL-2.0
"""What a run of a script has shown, case by case."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from kselftest.script import Script

# The kernel's exit status for "could not run here".
SKIPPED = 4


class Outcome(StrEnum):
    """REACHED: a line of a script that tells its progress in words of its own."""

    PASS = "passed"
    FAIL = "failed"
    XFAIL = "failed as expected"
    SKIP = "skipped"
    REACHED = "reached"


@dataclass(frozen=True)
class Case:
    name: str
    outcome: Outcome


WORDS = {
    "OK": Outcome.PASS,
    "PASS": Outcome.PASS,
    "FAIL": Outcome.FAIL,
    # Of MPTCP: failed, but its authors know that it sometimes does
    "IGNO": Outcome.FAIL,
    "XFAIL": Outcome.XFAIL,
    "SKIP": Outcome.SKIP,
}
_WORD = rf"(?P<word>{'|'.join(WORDS)})"
# "TEST: something   [ OK ]"
BRACKET = re.compile(rf"^\s*(?:TEST: )?(?P<name>.*?)\s*\[\s*{_WORD}\s*\]")
# "PASS: something"
LABEL = re.compile(rf"^\s*{_WORD}\s*[:-]\s+(?P<name>.+)")
# "not ok 3 - something # SKIP reason"
TAP = re.compile(
    r"^(?P<word>ok|not ok)\s+[0-9]+\s+(?:- )?(?P<name>[^#]+?)\s*(?:#\s*(?P<directive>.*))?$"
)
# Names of namespaces end at random.
RANDOM = re.compile(r"\b(\w*ns\w*|\w*host\w*|\w*router\w*)-[A-Za-z0-9]{6}\b")


def masked(name: str) -> str:
    """A case's name without what differs in each run."""
    return " ".join(RANDOM.sub(r"\1-X", name).split())


def case_in(line: str, stages: str | None) -> Case | None:
    """The case that a line of output tells about, if any."""
    if match := TAP.match(line):
        return Case(masked(match["name"]), tap_outcome(match))
    if match := BRACKET.match(line) or LABEL.match(line):
        return Case(masked(match["name"]), WORDS[match["word"]])
    if stages and re.search(stages, line):
        return Case(masked(re.sub(r"[0-9]+\.[0-9]+", "N", line)), Outcome.REACHED)
    return None


def tap_outcome(match: re.Match[str]) -> Outcome:
    """The directive counts more than the word before it."""
    directive = (match["directive"] or "").upper()
    if directive.startswith("SKIP"):
        return Outcome.SKIP
    if directive.startswith("XFAIL"):
        return Outcome.XFAIL
    return Outcome.PASS if match["word"] == "ok" else Outcome.FAIL


@dataclass(frozen=True)
class Run:
    """`status`: None when the time limit ended it."""

    script: Script
    status: int | None
    output: str
    seconds: float

    @cached_property
    def cases(self) -> list[Case]:
        """In their order."""
        return list(self._cases())

    def _cases(self) -> Iterator[Case]:
        for line in self.output.splitlines():
            if case := case_in(line, self.script.stages):
                yield case

    def count(self, outcome: Outcome) -> int:
        return Counter(case.outcome for case in self.cases)[outcome]

    def skipped(self) -> bool:
        """Whether the kernel's script could not run here, or skipped each of its cases."""
        outcomes = {case.outcome for case in self.cases}
        return self.status == SKIPPED or outcomes == {Outcome.SKIP}

    def trouble(self) -> str | None:
        """Why this run shows nothing, or None."""
        if self.status is None:
            return f"did not end in {self.script.limit} s"
        if self.script.silent:
            return None if self.status == 0 else f"failed with exit status {self.status}"
        if not self.count(Outcome.PASS) + self.count(Outcome.REACHED):
            return f"nothing passed in {len(self.cases)} cases (exit status {self.status})"
        return None
