# SPDX-License-Identifier: GPL-2.0
"""tests/host/survivors: the mutants that no test can notice, each with the reason."""

from pathlib import Path

from mutants.mutant import Mutant, MutantError


def read(file: Path) -> dict[str, str]:
    """The reasons by the titles. A reason is indented; a line with # is for the reader."""
    reasons: dict[str, list[str]] = {}
    title = ""
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if not line[0].isspace():
            title = line
            if title in reasons:
                raise MutantError(f"{file.name} has this twice: {title}")
            reasons[title] = []
        elif title:
            reasons[title].append(line.strip())
        else:
            raise MutantError(f"{file.name} begins with a reason")
    return {title: " ".join(reason) for title, reason in reasons.items()}


def complaints(
    made: list[Mutant], tried: list[str], survived: list[str], reasons: dict[str, str]
) -> list[str]:
    """What is wrong with the list after a run that tried the mutants of these names."""
    made_ones = {one.title for one in made}
    tried_ones = {one.title for one in made if one.name in tried}
    left = {one.title for one in made if one.name in survived}
    wrong = {
        "survives, and is not listed": left - reasons.keys(),
        "is listed, and does not survive": (reasons.keys() & tried_ones) - left,
        "is listed, and is not made any more": reasons.keys() - made_ones,
        "is listed without a reason": {title for title, reason in reasons.items() if not reason},
    }
    return [f"{title}: {what}" for what, of in wrong.items() for title in sorted(of)]
