# SPDX-License-Identifier: GPL-2.0
"""Commands of this machine, none of which outlives this program."""

import asyncio
import signal
from asyncio.subprocess import DEVNULL, STDOUT, Process
from pathlib import Path

# They get this when this program dies of anything; the scripts clean up then.
LEASH = ("setpriv", "--pdeathsig", "TERM")


async def begin(command: list[str | Path], output: Path) -> Process:
    """Its output goes to a file."""
    with output.open("wb") as file:
        return await asyncio.create_subprocess_exec(
            *LEASH, *command, stdin=DEVNULL, stdout=file, stderr=STDOUT
        )


async def end(process: Process) -> None:
    """End it, if it has not ended, and wait until it has cleaned up."""
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
        await process.wait()


async def run(command: list[str | Path], output: Path | None = None) -> int:
    """Its exit status. Without `output` it writes where this program does."""
    if output:
        process = await begin(command, output)
    else:
        process = await asyncio.create_subprocess_exec(*LEASH, *command, stdin=DEVNULL)
    try:
        return await process.wait()
    finally:
        await end(process)
