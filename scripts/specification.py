# SPDX-License-Identifier: GPL-2.0
"""What the kernel's generator makes of the specification of the module's netlink family."""

import argparse
import difflib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import jsonschema
import yaml

SPECIFICATION = "include/anycast6.yaml"
# A tree of the kernel's, from its top.
SCHEMA = "Documentation/netlink/genetlink.yaml"
SPECS = "Documentation/netlink/specs"
GENERATOR = "tools/net/ynl/pyynl/ynl_gen_c.py"
# In the generator, which looks for it above the specification, and never ends without it.
TOP = "MAINTAINERS"
SECONDS = 120


class Generated(NamedTuple):
    """A file, and what the generator is to make."""

    file: str
    mode: str
    kind: str


FILES = (
    Generated("include/uapi/linux/anycast6.h", "uapi", "header"),
    Generated("src/bindings/netlink-gen.h", "kernel", "header"),
    Generated("src/bindings/netlink-gen.c", "kernel", "source"),
)


def invalid(tree: Path, specification: Path) -> list[str]:
    """What the kernel's schema has against a specification."""
    schema, text = (
        yaml.safe_load(file.read_text(encoding="utf-8")) for file in (tree / SCHEMA, specification)
    )
    checker = jsonschema.Draft7Validator(schema)
    return [
        f"{SPECIFICATION}: {error.json_path}: {error.message}"
        for error in sorted(checker.iter_errors(text), key=lambda error: error.json_path)
    ]


def generate(tree: Path, specification: Path) -> dict[str, str]:
    """The texts of the files. Fails with the words of the generator if it refuses."""
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        (top / TOP).touch()
        (top / SPECS).mkdir(parents=True)
        shutil.copy(tree / SCHEMA, top / SCHEMA)
        spec = Path(shutil.copy(specification, top / SPECS))
        return {one.file: _generate(tree / GENERATOR, top, spec, one) for one in FILES}


def _generate(generator: Path, top: Path, spec: Path, one: Generated) -> str:
    output = top / Path(one.file).name
    argv = [sys.executable, generator, "--mode", one.mode, f"--{one.kind}", "--spec", spec]
    done = subprocess.run(
        [*argv, "-o", output], capture_output=True, text=True, check=False, timeout=SECONDS
    )
    if done.returncode or not output.exists():
        words = (done.stdout + done.stderr).strip()
        raise SystemExit(f"error: {SPECIFICATION}: the generator fails:\n{words}")
    return output.read_text(encoding="utf-8")


def differences(project: Path, made: dict[str, str]) -> list[str]:
    """What distinguishes the project's files from those that are made now, line by line."""
    lines: list[str] = []
    for name, text in made.items():
        file = project / name
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        lines += difflib.unified_diff(
            before.splitlines(), text.splitlines(), name, f"{name}, made anew", lineterm=""
        )
    return lines


def check(project: Path, made: dict[str, str]) -> int:
    found = differences(project, made)
    if found:
        print(*found, sep="\n", file=sys.stderr)
        print(f"error: not what {SPECIFICATION} says: run scripts/netlink", file=sys.stderr)
    return int(bool(found))


def write(project: Path, made: dict[str, str]) -> int:
    for name, text in made.items():
        (project / name).write_text(text, encoding="utf-8")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description="Make the files of the netlink family.")
    parser.add_argument("tree", type=Path, help="the kernel's, made by scripts/netlink")
    parser.add_argument("project", type=Path)
    parser.add_argument("--check", action="store_true", help="compare the files, write none")
    arguments = parser.parse_args()
    specification = arguments.project / SPECIFICATION
    complaints = invalid(arguments.tree, specification)
    if complaints:
        print(*complaints, "error: the kernel's schema refuses it", sep="\n", file=sys.stderr)
        return 1
    made = generate(arguments.tree, specification)
    return (check if arguments.check else write)(arguments.project, made)


if __name__ == "__main__":
    sys.exit(main())
