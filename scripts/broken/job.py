# SPDX-License-Identifier: GPL-2.0
"""What a VM runs: the scenarios of a defect, or those of several with the module as it is."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from broken.defect import Defect


@dataclass(frozen=True)
class Job:
    # None: the module is as it is.
    defect: Defect | None
    kernel: str
    # Of pytest, which wants the files first: of what they have it learns more options.
    arguments: tuple[str, ...]
    # The module with the defect.
    module: Path | None
    # How long pytest may take.
    seconds: int
    # In a boot of its own.
    alone: bool

    @property
    def name(self) -> str:
        return self.defect.name if self.defect else f"without a defect ({self.kernel})"


def of(defect: Defect, module: Path) -> Job:
    arguments = (*defect.scenarios, *defect.options, "-x")
    return Job(defect, defect.kernel, arguments, module, defect.seconds, defect.alone)


def without_defect(defects: list[Defect]) -> list[Job]:
    """The scenarios of all of these, each once; those with the same options together."""
    together: dict[tuple[str, tuple[str, ...]], list[Defect]] = defaultdict(list)
    for defect in defects:
        together[defect.kernel, defect.options].append(defect)
    return [sound(kernel, options, some) for (kernel, options), some in together.items()]


def sound(kernel: str, options: tuple[str, ...], defects: list[Defect]) -> Job:
    scenarios = dict.fromkeys(scenario for defect in defects for scenario in defect.scenarios)
    seconds = sum(defect.seconds for defect in defects)
    return Job(None, kernel, (*scenarios, *options), None, seconds, alone=False)
