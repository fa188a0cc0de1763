# SPDX-License-Identifier: GPL-2.0
"""A defect of tests/broken: a patch whose head says what it is, and which scenarios notice it.

    SPDX-License-Identifier: GPL-2.0

    What is wrong, in a sentence or two.

    Kernel: stock or debug, where it shows
    Run: arguments for pytest
    Shows: a regular expression for a line of pytest's output or of the kernel's log
    Seconds: when to give up, if the scenario or the kernel hangs with the defect
    Boot: alone, if the kernel complains, hangs or cannot go on with the defect
    ---

The last two may be missing.
"""

import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

KERNELS = ("stock", "debug")
FIELDS = ("Kernel", "Run", "Shows", "Seconds", "Boot")
LICENCE = "SPDX-License-Identifier: GPL-2.0"
# Seconds for the scenarios of one defect, several times the need of a slow machine.
LIMITS = {"stock": 900, "debug": 3600}
# Options of pytest that take a value as the next word.
WITH_VALUE = ("-k", "-m", "--implementation")


class DefectError(Exception):
    """A patch that cannot be used: why."""


@dataclass(frozen=True)
class Defect:
    name: str
    patch: Path
    about: str
    kernel: str
    run: tuple[str, ...]
    shows: re.Pattern[str]
    seconds: int
    alone: bool

    @property
    def options(self) -> tuple[str, ...]:
        """Of its `Run:`, what says nothing of files."""
        return tuple(word for word in self.run if word not in self.scenarios)

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Of its `Run:`, the files and tests."""
        return tuple(
            word
            for before, word in zip(("", *self.run), self.run, strict=False)
            if before not in WITH_VALUE and not word.startswith("-")
        )

    def files(self) -> list[str]:
        return [scenario.partition("::")[0] for scenario in self.scenarios]


def all_of(directory: Path) -> list[Defect]:
    """Sorted by name."""
    return [read(patch) for patch in sorted(directory.glob("*.patch"))]


def read(patch: Path) -> Defect:
    try:
        return parsed(patch, patch.read_text(encoding="utf-8"))
    except (DefectError, ValueError, re.error) as error:
        raise DefectError(f"tests/broken/{patch.name}: {error}") from error


def parsed(patch: Path, text: str) -> Defect:
    licence, about, fields = parts(text)
    if licence != LICENCE:
        raise DefectError(f"does not begin with '{LICENCE}'")
    if fields["Kernel"] not in KERNELS:
        raise DefectError(f"Kernel is neither {' nor '.join(KERNELS)}")
    if fields.get("Boot", "alone") != "alone":
        raise DefectError("Boot is not 'alone'")
    defect = Defect(
        name=patch.stem,
        patch=patch,
        about=" ".join(about.split()),
        kernel=fields["Kernel"],
        run=tuple(shlex.split(fields["Run"])),
        shows=re.compile(fields["Shows"], re.MULTILINE),
        seconds=int(fields.get("Seconds", LIMITS[fields["Kernel"]])),
        alone="Boot" in fields,
    )
    if not defect.scenarios:
        raise DefectError("Run names no file")
    return defect


def parts(text: str) -> tuple[str, str, dict[str, str]]:
    """The line of the licence, the description, and the fields."""
    head, line, _ = text.partition("\n---\n")
    paragraphs = head.split("\n\n")
    if not line or len(paragraphs) != 3:
        raise DefectError("the head is not a licence, a description, fields and '---'")
    licence, about, fields = paragraphs
    return licence, about, fields_of(fields.strip().splitlines())


def fields_of(lines: list[str]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(": ")
        if not colon or name not in FIELDS or name in fields:
            raise DefectError(f"the head has a line that is no field, or twice: {line}")
        fields[name] = value.strip()
    for name in ("Kernel", "Run", "Shows"):
        if not fields.get(name):
            raise DefectError(f"the head has no line '{name}:'")
    return fields


def apply(defect: Defect, tree: Path, *options: str) -> None:
    """Change the sources in `tree`; context that has changed is an error."""
    command = ["patch", "--silent", "--fuzz=0", "--strip=1", "--no-backup-if-mismatch", *options]
    with defect.patch.open("rb") as patch:
        done = subprocess.run(
            [*command, f"--directory={tree}"],
            stdin=patch,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    if done.returncode:
        raise DefectError(
            f"tests/broken/{defect.patch.name} no longer applies: make it again\n{done.stdout}"
        )


def check(defect: Defect, project: Path) -> None:
    """It applies, and its scenarios are there."""
    apply(defect, project, "--dry-run")
    for file in defect.files():
        if not (project / file).is_file():
            raise DefectError(f"tests/broken/{defect.patch.name}: Run names {file}: no such file")
