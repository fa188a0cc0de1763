# SPDX-License-Identifier: GPL-2.0
"""Whether a defect was noticed, and by what."""

import re
from dataclasses import dataclass

from broken.defect import Defect
from broken.machine import Outcome

# Exit status of pytest.
FAILED = 1
FAILURE = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Verdict:
    caught: bool
    # The test that failed, or the kernel's complaint; if not caught, what happened.
    by: str


def judge(defect: Defect, outcome: Outcome) -> Verdict:
    by = noticed_by(outcome)
    if not by:
        return Verdict(caught=False, by=unnoticed(outcome))
    seen = "\n".join((outcome.output, *outcome.log))
    if not defect.shows.search(seen):
        return Verdict(caught=False, by=f"another message than its head says: {by}")
    return Verdict(caught=True, by=by)


def noticed_by(outcome: Outcome) -> str | None:
    failure = FAILURE.search(outcome.output)
    if outcome.status == FAILED and failure:
        return failure[1]
    return outcome.complaint


def unnoticed(outcome: Outcome) -> str:
    match outcome.status:
        case 0:
            return "the scenarios pass"
        case None:
            return "pytest did not end"
        case status:
            return f"pytest could not run them (exit status {status})"
