# SPDX-License-Identifier: GPL-2.0
"""scripts/test with two VMs, which are fakes here: what it makes of their output and their ends."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
NO_TESTS = 5
# Says what it is, reports a scenario that passed, and ends as the environment has it.
VM = """#!/bin/bash
while [[ $1 != -- ]]; do
    [[ $1 != --share ]] || share=$2
    shift
done
for word; do
    [[ $word != --reports=/share/* ]] || report=$share/${word#--reports=/share/}
done
name=$(basename "$report" .jsonl) status=STATUS_$name
trap 'echo killed; exit 143' TERM
echo "I am $name"
[[ -z ${HANG-} ]] || { sleep 60 &>/dev/null & wait $!; }
line='{"scenario": "one", "when": "%s", "category": "%s", "seconds": 1}\\n'
[[ ${!status} == 5 ]] || printf "$line" call passed teardown '' >"$report"
exit "${!status}"
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    fakes = {"vm": VM, "build": "#!/bin/sh\n", "buildroot": '#!/bin/sh\nshift\nexec "$@"\n'}
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    for name in "test", "test-summary", "lib.sh":
        shutil.copy(SCRIPTS / name, scripts)
    for name, text in fakes.items():
        (scripts / name).write_text(text, encoding="ascii")
        (scripts / name).chmod(0o755)
    return tmp_path


def start(project: Path, **environment: str) -> subprocess.Popen[str]:
    statuses = {"STATUS_first": "0", "STATUS_second": "0"}
    return subprocess.Popen(
        [project / "scripts" / "test", "--debug"],
        env=os.environ | statuses | environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def run(project: Path, **environment: str) -> tuple[int, list[str]]:
    process = start(project, **environment)
    output, _ = process.communicate(timeout=30)
    return process.returncode, output.splitlines()


def test_both_pass(project: Path) -> None:
    """What they say comes before the sum, which is the last line."""
    status, lines = run(project)
    assert sorted(lines[:2]) == ["first: I am first", "second: I am second"]
    assert (status, " 2 passed in " in lines[-1]) == (0, True)


@pytest.mark.parametrize("name", ["first", "second"])
@pytest.mark.parametrize("number", [1, 125])
def test_one_fails(project: Path, name: str, number: int) -> None:
    """Whatever its reports say."""
    status, lines = run(project, **{f"STATUS_{name}": str(number)})
    assert (status, " 2 passed in " in lines[-1]) == (number, True)


def test_one_has_nothing_to_do(project: Path) -> None:
    """The other was faster."""
    status, lines = run(project, STATUS_second=str(NO_TESTS))
    assert (status, " 1 passed in " in lines[-1]) == (0, True)


def test_none_has(project: Path) -> None:
    status, _ = run(project, STATUS_first=str(NO_TESTS), STATUS_second=str(NO_TESTS))
    assert status == 1


def test_end_ends_both(project: Path) -> None:
    process = start(project, HANG="1")
    lines = [process.stdout.readline() for _ in range(2)]
    assert sorted(lines) == ["first: I am first\n", "second: I am second\n"]
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=30)
    assert sorted(output.splitlines()) == ["first: killed", "second: killed"]
    assert process.returncode == 128 + signal.SIGTERM
