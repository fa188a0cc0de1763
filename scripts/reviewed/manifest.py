# SPDX-License-Identifier: GPL-2.0
"""The manifest of a kernel version: hashes of what was reviewed in its source.

Beside that of a whole definition there is a short one of each line, so that a difference can be
shown where the reviewed source is not at hand.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from difflib import SequenceMatcher, unified_diff
from pathlib import Path
from typing import NamedTuple

from reviewed import c_source
from reviewed.facts import Fact, ReviewError

DIRECTORY = Path("kernels")
VERSION = re.compile(r"\d+(?:\.\d+){1,2}(?:-rc\d+)?")
HEAD = """\
# SPDX-License-Identifier: GPL-2.0
# What was reviewed in the source of kernel {version}: written by scripts/manifest --renew.
# Each line: file, definition, the hash of its tokens, and in short those of its lines.
"""
CONTEXT = 3


class Definition(NamedTuple):
    """One in the source, or what a manifest keeps of it."""

    digest: str
    lines: list[str]


Manifest = dict[Fact, Definition]


class Source:
    """The source of a kernel."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._texts: dict[str, str] = {}
        self._items: dict[str, list[c_source.Item]] = {}

    @property
    def version(self) -> str:
        makefile = self._text("Makefile")
        parts = [
            re.search(rf"^{name} *= *(\S*)$", makefile, re.M)
            for name in ("VERSION", "PATCHLEVEL", "SUBLEVEL", "EXTRAVERSION")
        ]
        if not all(parts[:3]):
            raise ReviewError(f"{self.directory}/Makefile does not have the kernel's version")
        numbers = [part[1] if part else "" for part in parts]
        return ".".join(numbers[:3]) + numbers[3]

    def definition(self, fact: Fact) -> Definition | None:
        found = self.items(fact)
        if not found:
            return None
        short = [_short(text) for _, text in c_source.lines(found)]
        return Definition(c_source.digest(found), short)

    def items(self, fact: Fact) -> list[c_source.Item]:
        if fact.file not in self._items:
            self._items[fact.file] = list(c_source.items(self._text(fact.file)))
        return [item for item in self._items[fact.file] if item.defines(fact.name)]

    def shown(self, fact: Fact) -> list[tuple[int, str]]:
        """The lines of a definition that are not empty, as they are written."""
        written = self._text(fact.file).splitlines()
        numbers = [number for number, _ in c_source.lines(self.items(fact))]
        return [(number, written[number - 1]) for number in numbers]

    def _text(self, file: str) -> str:
        if file not in self._texts:
            try:
                text = (self.directory / file).read_text(encoding="utf-8", errors="replace")
            except OSError as error:
                raise ReviewError(
                    f"{self.directory} has no {file} to compare with what was reviewed: "
                    "give a tree with the kernel's source"
                    f" ({error.strerror})"
                ) from None
            self._texts[file] = text
        return self._texts[file]


def made(source: Source, facts: list[Fact]) -> Manifest:
    """As the source is now."""
    found = {fact: source.definition(fact) for fact in facts}
    for fact, definition in found.items():
        if definition is None:
            raise ReviewError(
                f"kernel {source.version} has no {fact}: find out where it has gone, "
                "and correct kernels/facts"
            )
    return {fact: definition for fact, definition in found.items() if definition}


def write(manifest: Manifest, version: str, project: Path) -> Path:
    """Whole or not at all."""
    path = project / DIRECTORY / version
    rows = [
        "\t".join([fact.file, fact.name, definition.digest, " ".join(definition.lines)]) + "\n"
        for fact, definition in manifest.items()
    ]
    new = path.with_name(f".{version}.new")
    try:
        new.write_text(HEAD.format(version=version) + "".join(rows), encoding="utf-8")
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)
    return path


def read(path: Path) -> Manifest:
    manifest: Manifest = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.startswith("#"):
            continue
        fields = line.split("\t")
        if len(fields) != 4:
            raise ReviewError(
                f"{path}:{number} does not have four fields: restore it from git, "
                "or run scripts/manifest --renew"
            )
        manifest[Fact(fields[0], fields[1])] = Definition(fields[2], fields[3].split())
    return manifest


def versions(project: Path) -> list[str]:
    """Those that were reviewed, oldest first."""
    names = [path.name for path in (project / DIRECTORY).iterdir()]
    return sorted(filter(VERSION.fullmatch, names), key=_order)


def nearest(wanted: str, there: list[str]) -> str | None:
    """The reviewed version before the wanted one, or else the first."""
    before = [version for version in there if _order(version) <= _order(wanted)]
    return before[-1] if before else next(iter(there), None)


def difference(
    fact: Fact, then: Definition, source: Source, reviewed: Source | None
) -> Iterator[str]:
    """Lines of a diff; without the reviewed source of what is gone there is only the number."""
    now = source.shown(fact) if source.definition(fact) else []
    if reviewed and reviewed.definition(fact) == then:
        before = [text for _, text in reviewed.shown(fact)]
        names = f"{reviewed.version}/{fact.file}", f"{source.version}/{fact.file}"
        yield from unified_diff(before, [text for _, text in now], *names, lineterm="")
        return
    short = [_short(text) for _, text in c_source.lines(source.items(fact))] if now else []
    matcher = SequenceMatcher(None, then.lines, short, autojunk=False)
    for group in matcher.get_grouped_opcodes(CONTEXT):
        yield f"@@ {fact.file}:{now[min(group[0][3], len(now) - 1)][0] if now else 0} @@"
        for tag, old, old_end, new, new_end in group:
            if tag in ("replace", "delete"):
                yield f"-({old_end - old} lines of the reviewed source)"
            mark = " " if tag == "equal" else "+"
            yield from (f"{mark}{text}" for _, text in now[new:new_end])


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:6]


def _order(version: str) -> tuple[list[int], int]:
    numbers, _, candidate = version.partition("-rc")
    return [int(number) for number in numbers.split(".")], int(candidate or 1 << 20)
