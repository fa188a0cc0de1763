# SPDX-License-Identifier: GPL-2.0
"""Called by scripts/test-broken: PROJECT ARGUMENTS"""

import argparse
import asyncio
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

from broken import choice, process
from broken import defect as defects
from broken.campaign import Campaign, UnsoundError, say
from broken.defect import Defect, DefectError
from broken.verdict import Verdict

INTERRUPTED = 130


def main() -> None:
    given = arguments()
    try:
        chosen = choose(given)
        for defect in chosen:
            defects.check(defect, given.project)
        if given.list:
            print(*(defect.name for defect in chosen), sep="\n")
            return
        began = time.monotonic()
        verdicts = asyncio.run(run(given.project, chosen, given.vms))
    except (DefectError, UnsoundError) as error:
        fail(str(error))
    except ExceptionGroup as group:
        fail("; ".join(str(error) for error in group.exceptions))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(INTERRUPTED)
    summarize(verdicts, time.monotonic() - began)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/test-broken", usage="see --help", add_help=False)
    parser.add_argument("project", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--some", type=positive, metavar="N")
    parser.add_argument("--turn", type=int, metavar="T")
    parser.add_argument("--vms", type=positive, default=2, metavar="N")
    parser.add_argument("--list", action="store_true")
    given = parser.parse_args()
    if given.some and given.names:
        parser.error("--some takes no names")
    if given.turn is not None and not given.some:
        parser.error("--turn goes with --some")
    return given


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def choose(given: argparse.Namespace) -> list[Defect]:
    known = defects.all_of(given.project / "tests" / "broken")
    if not given.some:
        return choice.named(known, given.names)
    turn = commits(given.project) if given.turn is None else given.turn
    chosen = choice.some(known, given.some, turn)
    say(f"turn {turn}: {', '.join(defect.name for defect in chosen)}")
    return chosen


def commits(project: Path) -> int:
    """How many there are."""
    command = ["git", "-C", str(project), "rev-list", "--count", "HEAD"]
    try:
        return int(subprocess.run(command, capture_output=True, check=True).stdout)
    except (OSError, subprocess.CalledProcessError) as error:
        raise DefectError("git does not say how many commits there are: give --turn") from error


async def run(project: Path, chosen: list[Defect], machines: int) -> dict[str, Verdict]:
    task = asyncio.current_task()
    assert task
    for number in signal.SIGTERM, signal.SIGHUP:
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    directory = project / "build" / "broken"
    directory.mkdir(parents=True, exist_ok=True)
    kernels = dict.fromkeys(defect.kernel for defect in chosen)
    for kernel in kernels:
        await build(project, kernel)
    releases = {kernel: release(project, kernel) for kernel in kernels}
    campaign = Campaign(project, directory, releases)
    await campaign.run(chosen, min(machines, 1 + len(chosen)))
    return campaign.verdicts


async def build(project: Path, kernel: str) -> None:
    """The module as it is, and the modules and programs of the scenarios."""
    if await process.run([project / "scripts" / "build", "--kernel", kernel, "--tests"]):
        fail("the module cannot be built: the lines above say why")


def release(project: Path, kernel: str) -> str:
    command = [project / "scripts" / "kernel", kernel, "--print-release"]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def summarize(verdicts: dict[str, Verdict], seconds: float) -> None:
    missed = sorted(name for name, verdict in verdicts.items() if not verdict.caught)
    print(f"{len(verdicts) - len(missed)} of {len(verdicts)} defects caught in {seconds:.0f} s")
    if missed:
        fail(f"not caught: {', '.join(missed)}; what was seen is in build/broken/NAME.output")


def fail(text: str) -> NoReturn:
    say(f"error: {text}")
    sys.exit(1)


if __name__ == "__main__":
    main()
