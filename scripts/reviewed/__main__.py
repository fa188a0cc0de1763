# SPDX-License-Identifier: GPL-2.0
"""Called by scripts/manifest: PROJECT SOURCE [--renew] [--reviewed DIRECTORY ...]"""

import argparse
import sys
from pathlib import Path

from reviewed import facts, manifest
from reviewed.facts import Fact, ReviewError
from reviewed.manifest import Source


def main() -> None:
    parser = argparse.ArgumentParser(prog="reviewed")
    parser.add_argument("project", type=Path)
    parser.add_argument("source", type=Path)
    parser.add_argument("--renew", action="store_true")
    parser.add_argument("--reviewed", type=Path, nargs="*", default=[])
    given = parser.parse_args()
    try:
        known = facts.facts(given.project)
        facts.check_complete(given.project, known)
        source = Source(given.source)
        run = renew if given.renew else check
        run(given.project, source, known, given.reviewed)
    except ReviewError as trouble:
        sys.exit(f"scripts/manifest: error: {trouble}")
    except OSError as error:
        sys.exit(f"scripts/manifest: error: {error.filename}: {error.strerror}")


def check(project: Path, source: Source, known: list[Fact], trees: list[Path]) -> None:
    version = source.version
    there = manifest.versions(project)
    if version not in there:
        show_since(project, source, known, trees)
        raise ReviewError(
            f"kernel {version} has not been reviewed (reviewed: {', '.join(there) or 'none'}): "
            "see CONTRIBUTING.md, 'A new kernel', then run scripts/manifest --renew"
        )
    changed = show_changes(project, version, source, known, trees)
    if changed:
        raise ReviewError(
            f"in the source of kernel {version}, {', '.join(map(str, changed))}: not what was "
            "reviewed (see above): adapt src/ where needed, then run scripts/manifest --renew"
        )


def renew(project: Path, source: Source, known: list[Fact], trees: list[Path]) -> None:
    show_since(project, source, known, trees)
    path = manifest.write(manifest.made(source, known), source.version, project)
    print(f"scripts/manifest: wrote {path.relative_to(project)}", file=sys.stderr)


def show_since(project: Path, source: Source, known: list[Fact], trees: list[Path]) -> None:
    """The differences from the version reviewed before."""
    before = manifest.nearest(source.version, manifest.versions(project))
    if before is None:
        return
    changed = show_changes(project, before, source, known, trees)
    count = f"{len(changed)} of {len(known)}" if changed else "none"
    print(f"scripts/manifest: {count} differ from the review of {before}", file=sys.stderr)


def show_changes(
    project: Path, version: str, source: Source, known: list[Fact], trees: list[Path]
) -> list[Fact]:
    """Shows those facts that differ in the source from that version, or are missing."""
    reviewed = manifest.read(project / manifest.DIRECTORY / version)
    changed = []
    for fact in known:
        then, now = reviewed.get(fact), source.definition(fact)
        if then and now and then.digest == now.digest:
            continue
        changed.append(fact)
        print(f"scripts/manifest: {fact}: {kind(then, now)}", file=sys.stderr)
        if then:
            old = reviewed_source(fact, then, trees)
            for line in manifest.difference(fact, then, source, old):
                print(line, file=sys.stderr)
    return changed


def kind(then: manifest.Definition | None, now: manifest.Definition | None) -> str:
    if then is None:
        return "never reviewed" if now else "never reviewed, and missing"
    return "changed" if now else "gone"


def reviewed_source(fact: Fact, then: manifest.Definition, trees: list[Path]) -> Source | None:
    """A tree that still has the reviewed definition."""
    for tree in map(Source, trees):
        try:
            if tree.definition(fact) == then:
                return tree
        except ReviewError:
            pass
    return None


main()
