# SPDX-License-Identifier: GPL-2.0
"""A copy of the sources in which the module is built with one defect after another.

Only what a defect changes is compiled again. A file that is put back as it was gets a new time, so
make never takes the object of a defect for that of the sources.
"""

import asyncio
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from broken import defect as defects
from broken import process
from broken.defect import Defect, DefectError

# The sources and scripts of the build of a module.
SOURCES = ("Kbuild", "include", "kernels", "scripts", "src", "tests/kernels")
# Of those, what is not for the build: this program.
LEFT_OUT = {"__pycache__", "broken", "test-broken"}
# What scripts/build keeps between builds.
KEPT = ("kbuild", ".identity")


class Tree:
    """`directory` in `project`; the module of the project itself has been built."""

    def __init__(self, project: Path, directory: Path) -> None:
        self._project = project
        self._directory = directory

    async def build(self, defect: Defect, release: str, module: Path) -> None:
        """Build the module with the defect for the kernel `release`, as the file `module`.

        Nothing is done if that is there, of the same sources.
        """
        key, kept = self._key(defect, release), module.with_suffix(".key")
        if module.exists() and kept.exists() and kept.read_text(encoding="ascii") == key:
            return
        kept.unlink(missing_ok=True)
        self._refresh()
        self._begin(release)
        defects.apply(defect, self._directory)
        script = self._directory / "scripts" / "build"
        log = module.with_suffix(".build")
        if status := await process.run([script, "--kernel", defect.kernel], log):
            raise DefectError(f"{defect.name} cannot be built ({status}): see {log}")
        self._refresh()
        await asyncio.to_thread(publish, self._directory / "build" / release, module)
        kept.write_text(key, encoding="ascii")

    def _key(self, defect: Defect, release: str) -> str:
        """What the module depends on."""
        identity = self._project / "build" / release / KEPT[1]
        files = [self._project / file for file in sorted(files_of(self._project))]
        key = hashlib.sha256()
        for file in (*files, identity, defect.patch):
            text = file.read_bytes()
            key.update(f"{file.name} {len(text)}\n".encode() + text)
        return key.hexdigest()

    def _refresh(self) -> None:
        """The sources are those of the project."""
        wanted = set(files_of(self._project))
        for file in set(files_of(self._directory)) - wanted:
            (self._directory / file).unlink()
        for file in wanted:
            copy(self._project / file, self._directory / file)

    def _begin(self, release: str) -> None:
        """Continue with the objects of the project, which have been compiled from the same."""
        there, here = self._project / "build" / release, self._directory / "build" / release
        if here.exists():
            return
        new = here.with_name(f".{release}.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        shutil.copytree(there / KEPT[0], new / KEPT[0], symlinks=True)
        shutil.copy2(there / KEPT[1], new / KEPT[1])
        new.rename(here)


def files_of(top: Path) -> Iterator[Path]:
    for name in SOURCES:
        path = top / name
        found = path.rglob("*") if path.is_dir() else [path]
        for file in (file.relative_to(top) for file in found if file.is_file()):
            if not LEFT_OUT.intersection(file.parts):
                yield file


def copy(source: Path, target: Path) -> None:
    """With the time of the source if the file is new, else, if it differs, with the present one."""
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)
    elif target.read_bytes() != source.read_bytes():
        shutil.copyfile(source, target)


def publish(built: Path, module: Path) -> None:
    """Complete or absent."""
    new = module.with_name(f".{module.name}.new")
    shutil.copyfile(built / "anycast6.ko", new)
    os.replace(new, module)
