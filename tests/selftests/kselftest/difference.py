# SPDX-License-Identifier: GPL-2.0
"""In what two runs of a script differ."""

from collections import Counter
from dataclasses import dataclass

from kselftest.outcome import Outcome, Run

STATUS = "exit status"
ABSENT = "absent"


@dataclass(frozen=True)
class Difference:
    case: str
    builtin_c: str
    module: str

    def __str__(self) -> str:
        return f"{self.case}: {self.builtin_c} with built-in C, {self.module} with the module"


def outcomes(run: Run) -> dict[str, str]:
    """By case. Cases of one name are numbered."""
    seen: Counter[str] = Counter()
    found = {}
    for case in run.cases:
        seen[case.name] += 1
        found[f"{case.name} ({seen[case.name]})" if seen[case.name] > 1 else case.name] = str(
            case.outcome
        )
    return found


def between(builtin_c: Run, module: Run) -> list[Difference]:
    """All differences, in the order of built-in C's cases; that of the exit status comes last."""
    before, after = outcomes(builtin_c), outcomes(module)
    pairs = [(case, before.get(case, ABSENT), after.get(case, ABSENT)) for case in before | after]
    pairs.append((STATUS, str(builtin_c.status), str(module.status)))
    return [Difference(*pair) for pair in pairs if pair[1] != pair[2]]


def by_chance(run: Run, differences: list[Difference]) -> bool:
    """Whether all of them are of cases that may fail by chance; then the status may differ, too."""
    cases = [difference.case for difference in differences if difference.case != STATUS]
    return bool(cases) and all(run.script.flaky_reason(case) for case in cases)


def better(differences: list[Difference]) -> bool:
    """Whether the module passes wherever built-in C does not."""
    return all(it.module == Outcome.PASS for it in differences if it.case != STATUS)
