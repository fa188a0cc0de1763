# SPDX-License-Identifier: GPL-2.0
"""Builds the module with one defect after another, while VMs run the scenarios that must notice."""

import asyncio
import sys
import time
from dataclasses import replace
from pathlib import Path

from broken import job as jobs
from broken import verdict as verdicts
from broken.defect import Defect, DefectError
from broken.job import Job
from broken.machine import FOR_EVER, SPARE, Machine, Outcome
from broken.tree import Tree
from broken.verdict import Verdict


class UnsoundError(Exception):
    """What was seen proves nothing: why."""


def say(text: str) -> None:
    print(f"scripts/test-broken: {text}", file=sys.stderr, flush=True)


class Campaign:
    """`directory` is for what is built and written; `releases`: of the kernels."""

    def __init__(self, project: Path, directory: Path, releases: dict[str, str]) -> None:
        self._project = project
        self._directory = directory
        self._releases = releases
        self._jobs: asyncio.Queue[Job | None] = asyncio.Queue()
        self.verdicts: dict[str, Verdict] = {}

    async def run(self, defects: list[Defect], machines: int) -> None:
        for job in jobs.without_defect(defects):
            self._jobs.put_nowait(job)
        async with asyncio.TaskGroup() as group:
            for number in range(machines):
                group.create_task(self._work(number))
            await self._build(defects)
            await self._jobs.join()
            for _ in range(machines):
                self._jobs.put_nowait(None)

    async def _build(self, defects: list[Defect]) -> None:
        """In an order with few boots: who shares one first, the kernels one after the other."""
        tree = Tree(self._project, self._directory / "tree")
        for defect in sorted(defects, key=lambda defect: (defect.kernel != "stock", defect.alone)):
            module = self._directory / f"{defect.name}.ko"
            try:
                await tree.build(defect, self._releases[defect.kernel], module)
            except DefectError as error:
                self._tell(defect.name, Verdict(caught=False, by=str(error)))
            else:
                self._jobs.put_nowait(jobs.of(defect, module))

    async def _work(self, number: int) -> None:
        """Take the next job, until there are none."""
        machine = None
        try:
            while job := await self._jobs.get():
                began = time.monotonic()
                if machine and (job.alone or machine.kernel != job.kernel):
                    await retire(machine)
                    machine = None
                machine = machine or await self._boot(job, number)
                outcome = await machine.run(job)
                if job.alone or not outcome.clean:
                    outcome = ended(job, outcome, await machine.end())
                    machine = None
                self._conclude(job, outcome, time.monotonic() - began)
                self._jobs.task_done()
            if machine:
                await retire(machine)
        finally:
            if machine:
                await machine.kill()

    async def _boot(self, job: Job, number: int) -> Machine:
        directory = self._directory / f"vm-{number}"
        seconds = job.seconds + SPARE if job.alone else FOR_EVER
        return await Machine.boot(self._project, job.kernel, directory, seconds)

    def _conclude(self, job: Job, outcome: Outcome, seconds: float) -> None:
        """A complaint in a shared boot may be a late one, of an earlier defect."""
        self._keep(job, outcome)
        if not job.defect:
            if outcome.status != 0 or outcome.complaint:
                raise UnsoundError(f"the module fails even {job.name}: see {self._results(job)}")
            say(f"{job.name}: the scenarios pass ({seconds:.0f} s)")
        elif outcome.complaint and not job.alone:
            kept = self._results(job).rename(self._directory / f"{job.name}.complaint")
            say(f"{job.name}: again, alone, as the kernel complained: {outcome.complaint}")
            say(f"{job.name}: the outputs of that boot are kept in {kept}")
            self._jobs.put_nowait(replace(job, alone=True))
        else:
            self._tell(job.name, verdicts.judge(job.defect, outcome), f"  ({seconds:.0f} s)")

    def _tell(self, name: str, verdict: Verdict, took: str = "") -> None:
        self.verdicts[name] = verdict
        word = "caught" if verdict.caught else "not caught"
        print(f"{word:10}  {name:26}  {verdict.by}{took}", flush=True)

    def _results(self, job: Job) -> Path:
        return self._directory / f"{job.name.replace(' ', '-')}.output"

    def _keep(self, job: Job, outcome: Outcome) -> None:
        lines = "\n".join(outcome.log)
        text = f"{outcome.output}\n---- the kernel ----\n{lines}\n"
        self._results(job).write_text(text, encoding="utf-8")


def ended(job: Job, outcome: Outcome, end: Outcome) -> Outcome:
    """With what the kernel said to the end; of a shared boot only to see who made it complain."""
    complaint = outcome.complaint or end.complaint
    log = end.log if job.alone or complaint else outcome.log
    return replace(outcome, log=log, complaint=complaint, clean=False)


async def retire(machine: Machine) -> None:
    """A machine that all have left clean."""
    end = await machine.end()
    if end.complaint:
        raise UnsoundError(f"the kernel complained too late to say of what: {end.complaint}")
