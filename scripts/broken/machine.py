# SPDX-License-Identifier: GPL-2.0
"""A VM that runs the scenarios of one defect after another (agent.py is its other side)."""

import asyncio
import json
import os
import re
import shutil
from asyncio.subprocess import Process
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from broken import process
from broken.job import Job

# Seconds: between looks for an answer; what the VM needs to boot, to answer, and to end.
STEP, SPARE = 0.2, 300
# Of the VM as a whole, which ends with this program in any case.
FOR_EVER = 9_999_999
# The time of a line of the kernel's log.
STAMP = re.compile(r"^\[ *[0-9]+\.[0-9]+\](\[[^]]*\])? ", re.MULTILINE)
# What scripts/vm says before the complaint of the kernel.
COMPLAINED = "the kernel complained: "


@dataclass
class Outcome:
    """What was seen of the scenarios of one job."""

    # Pytest's exit status, none if it did not end.
    status: int | None = None
    output: str = ""
    # Of the kernel, from the begin of the job.
    log: list[str] = field(default_factory=list)
    # The first line of the kernel's that nobody wants to see.
    complaint: str | None = None
    # The machine is as it was before.
    clean: bool = False


class Machine:
    def __init__(self, kernel: str, directory: Path, vm: Process) -> None:
        self.kernel = kernel
        self._directory = directory
        self._share = directory / "share"
        self._vm = vm

    @classmethod
    async def boot(cls, project: Path, kernel: str, directory: Path, seconds: int) -> Self:
        """`directory` is the machine's alone."""
        shutil.rmtree(directory, ignore_errors=True)
        (directory / "share").mkdir(parents=True)
        command: list[str | Path] = [project / "scripts" / "vm", "--kernel", kernel]
        command += ["--share", directory / "share", "--log", directory / "log"]
        command += ["--timeout", str(seconds), "--"]
        command += ["env", "PYTHONPATH=scripts:tests/vm", "python3", "-m", "broken.agent", "/share"]
        return cls(kernel, directory, await process.begin(command, directory / "vm"))

    async def run(self, job: Job) -> Outcome:
        """Run the scenarios of a job. A machine that does not answer any more is not clean."""
        order = {"arguments": job.arguments, "seconds": job.seconds, "environment": {}}
        if job.module:
            shutil.copyfile(job.module, self._share / "anycast6.ko")
            order["environment"] = {"ANYCAST6_KO": "/share/anycast6.ko"}
        self._tell(order)
        try:
            async with asyncio.timeout(job.seconds + SPARE):
                answer = await self._answer()
        except TimeoutError:
            answer = None
        output = self._read(self._share / "output")
        if answer is None:
            return Outcome(output=output)
        complaint = next(iter(answer["complaints"]), None)
        return Outcome(
            answer["status"],
            output,
            answer["log"],
            complaint,
            clean=answer["clean"] and not complaint,
        )

    async def end(self) -> Outcome:
        """Power off, and tell what the kernel has said since it booted."""
        self._tell({"arguments": []})
        try:
            async with asyncio.timeout(SPARE):
                status = await self._vm.wait()
        except TimeoutError:
            status = None
        await self.kill()
        said = self._read(self._directory / "vm")
        lines = (line.partition(COMPLAINED) for line in said.splitlines())
        complaint = next((what for _, mark, what in lines if mark), None)
        if status != 0 and not complaint:
            complaint = "the VM died: " + (said.splitlines() or ["without a word"])[-1]
        log = STAMP.sub("", self._read(self._directory / "log"))
        return Outcome(log=log.splitlines(), complaint=complaint)

    async def kill(self) -> None:
        await process.end(self._vm)

    def _tell(self, order: dict[str, Any]) -> None:
        new = self._share / "order.new"
        new.write_text(json.dumps(order), encoding="utf-8")
        os.replace(new, self._share / "order")

    async def _answer(self) -> dict[str, Any] | None:
        """None if the VM ends before there is one."""
        path = self._share / "answer"
        while not path.exists():
            if self._vm.returncode is not None:
                return None
            await asyncio.sleep(STEP)
        answer = json.loads(path.read_text(encoding="utf-8"))
        path.unlink()
        return answer

    @staticmethod
    def _read(path: Path) -> str:
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
