# SPDX-License-Identifier: GPL-2.0
"""scripts/test-broken with a build and a VM that only pretend."""

import asyncio
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pretended
import pytest

from broken import defect
from broken.campaign import Campaign, UnsoundError
from broken.defect import Defect

LIMIT = 60
# Takes orders as the agent in a VM does. What happens is in the name of the scenario.
VM = """\
#!/usr/bin/env python3
import json, pathlib, sys, time

def argument(name):
    return sys.argv[sys.argv.index(name) + 1]

def say(file, text):
    with open(file, "a", encoding="utf-8") as out:
        out.write(text + "\\n")

def die(complaint):
    say(argument("--log"), "[   12.345678][  T123] " + complaint)
    print("scripts/vm: error: the kernel complained: " + complaint)
    sys.exit(125)

share = pathlib.Path(argument("--share"))
boots = pathlib.Path(__file__).parents[1] / "boots"
ran = []
late = None
while True:
    while not (share / "order").exists():
        time.sleep(0.01)
    order = json.loads((share / "order").read_text())
    (share / "order").unlink()
    if not order["arguments"]:
        break
    scenario = order["arguments"][0]
    broken = (share / "anycast6.ko").exists() and bool(order["environment"])
    what = scenario.partition("_")[2].removesuffix(".py") if broken else "sound"
    ran.append(what)
    if not broken and "unsound" in " ".join(order["arguments"]):
        what = "fails"
    if what == "hangs":
        say(boots, "hangs")
        time.sleep(1000)
    if what == "dies":
        die("BUG: dies")
    if what in ("complains", "late"):
        late = "BUG: " + what
    failed = what in ("fails", "stuck", "complains")
    (share / "output").write_text(f"FAILED {scenario}::test_it\\n" if failed else "passed\\n")
    complaints = ["BUG: complains"] if what == "complains" else []
    answer = {"status": int(failed), "log": complaints, "complaints": complaints}
    answer["clean"] = what != "stuck"
    (share / "new").write_text(json.dumps(answer))
    (share / "new").rename(share / "answer")
say(boots, " ".join(ran))
if late:
    die(late)
"""
PATCH = """\
SPDX-License-Identifier: GPL-2.0

One word.

Kernel: stock
Run: tests/vm/test_{what}.py
Shows: {shows}
{more}---
--- a/src/word.rs
+++ b/src/word.rs
@@ -1 +1 @@
-sound
+{what}
"""

type Plant = Callable[..., Defect]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    pretended.project(tmp_path, "sound\n")
    pretended.script(tmp_path, "vm", VM)
    pretended.script(tmp_path, "kernel", "#!/bin/sh\necho 7.3\n")
    for directory in "tests/broken", "tests/vm", "build/broken":
        (tmp_path / directory).mkdir(parents=True)
    return tmp_path


@pytest.fixture
def plant(project: Path) -> Plant:
    def plant(what: str, shows: str = "^FAILED", more: str = "") -> Defect:
        (project / "tests" / "vm" / f"test_{what}.py").touch()
        patch = project / "tests" / "broken" / f"{what}.patch"
        patch.write_text(PATCH.format(what=what, shows=shows, more=more), encoding="utf-8")
        return defect.read(patch)

    return plant


def run(project: Path, *defects: Defect, machines: int = 1) -> Campaign:
    campaign = Campaign(project, project / "build" / "broken", {"stock": "7.3"})
    asyncio.run(asyncio.wait_for(campaign.run(list(defects), machines), LIMIT))
    return campaign


def caught(campaign: Campaign) -> dict[str, bool]:
    return {name: verdict.caught for name, verdict in campaign.verdicts.items()}


def boots(project: Path) -> list[str]:
    return (project / "boots").read_text(encoding="utf-8").splitlines()


def test_one_boot_for_all(project: Path, plant: Plant, capsys: pytest.CaptureFixture[str]) -> None:
    campaign = run(project, plant("fails"), plant("passes"))
    assert caught(campaign) == {"fails": True, "passes": False}
    assert boots(project) == ["sound fails passes"]
    out = capsys.readouterr().out.splitlines()
    assert out[0].split()[:3] == ["caught", "fails", "tests/vm/test_fails.py::test_it"]
    assert out[1].startswith("not caught  passes")
    kept = project / "build" / "broken" / "fails.output"
    assert "FAILED tests/vm/test_fails.py" in kept.read_text(encoding="utf-8")


def test_two_machines(project: Path, plant: Plant) -> None:
    campaign = run(project, plant("fails"), plant("passes"), machines=2)
    assert caught(campaign) == {"fails": True, "passes": False}
    assert sorted(" ".join(boots(project)).split()) == ["fails", "passes", "sound"]


def test_boot_of_its_own(project: Path, plant: Plant) -> None:
    """With the whole log, and after those that share one."""
    alone = plant("complains", "^BUG: complains", "Boot: alone\n")
    campaign = run(project, alone, plant("fails"))
    assert caught(campaign) == {"complains": True, "fails": True}
    assert boots(project) == ["sound fails", "complains"]


def test_complaint_is_not_blamed_on_another(project: Path, plant: Plant) -> None:
    """In a shared boot it may be one of before: nobody goes on there, and it is tried alone."""
    campaign = run(project, plant("complains"), plant("fails"))
    assert caught(campaign) == {"complains": True, "fails": True}
    assert boots(project) == ["sound complains", "fails", "complains"]


def test_machine_that_is_stuck_is_not_used_again(project: Path, plant: Plant) -> None:
    campaign = run(project, plant("stuck"), plant("fails"))
    assert caught(campaign) == {"stuck": True, "fails": True}
    assert boots(project) == ["sound stuck", "fails"]


def test_machine_that_dies(project: Path, plant: Plant) -> None:
    campaign = run(project, plant("dies", "^BUG: dies"), plant("fails"))
    assert caught(campaign) == {"dies": True, "fails": True}
    assert campaign.verdicts["dies"].by == "BUG: dies"


def test_module_that_fails_without_a_defect(project: Path, plant: Plant) -> None:
    with pytest.raises(ExceptionGroup) as error:
        run(project, plant("unsound"))
    assert error.group_contains(UnsoundError, match="fails even without a defect")


def test_late_complaint(project: Path, plant: Plant) -> None:
    """Nobody knows of what it is, so nothing is proved."""
    with pytest.raises(ExceptionGroup) as error:
        run(project, plant("late"))
    assert error.group_contains(UnsoundError, match="BUG: late")


def test_defect_that_cannot_be_built(project: Path, plant: Plant) -> None:
    (project / "scripts" / "build").write_text("#!/bin/sh\ngrep sound src/word.rs\n")
    campaign = run(project, plant("fails"))
    assert caught(campaign) == {"fails": False}
    assert "cannot be built" in campaign.verdicts["fails"].by


def running(project: Path) -> list[str]:
    """The command lines of the project's scripts."""
    lines = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except OSError:
            continue
        if f"{project}/scripts/" in line:
            lines.append(line)
    return lines


def await_(what: str, condition: Callable[[], object]) -> None:
    end = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_interrupted(project: Path, plant: Plant, number: signal.Signals) -> None:
    """Nothing goes on running, and the next run has no trouble."""
    plant("hangs")
    program = pretended.begin(project, "--vms", "1")
    await_("the scenario hangs", (project / "boots").exists)
    assert running(project)
    program.send_signal(number)
    program.communicate(timeout=LIMIT)
    assert program.returncode != 0
    await_("all has ended", lambda: not running(project))
    (project / "tests" / "broken" / "hangs.patch").unlink()
    plant("fails")
    program = pretended.begin(project, "--vms", "1")
    out, _ = program.communicate(timeout=LIMIT)
    assert program.returncode == 0, out
    assert "1 of 1 defects caught" in out


def test_exit_status(project: Path, plant: Plant) -> None:
    plant("fails")
    plant("passes")
    program = pretended.begin(project, "--vms", "1")
    out, err = program.communicate(timeout=LIMIT)
    assert program.returncode == 1
    assert "1 of 2 defects caught" in out
    assert "not caught: passes" in err
