# SPDX-License-Identifier: GPL-2.0
"""Programs of socket options and packets, kept for what they reach in the module.

Those of tests/sockopts/corpus are replayed everywhere, and every result compared with what the
model predicts. Where the kernel has KCOV others are made of them; those that reach more are kept
beside the results of the soak, in `corpus`, and are to be added to the corpus of the project.
"""

import re
import shutil
from pathlib import Path

import pytest

from harness.kernel.implementation import MODULE, PROJECT
from harness.sockopt import model
from harness.stress.soak import Soak

CORPUS = PROJECT / "tests" / "sockopts" / "corpus"
KCOV = Path("/sys/kernel/debug/kcov")
SUMMARY = re.compile(r"corpus: (\d+) programs, (\d+) edges")
PROGRAMS = re.compile(r"^programs: (\d+)", re.MULTILINE)
# A fraction of what the corpus reaches.
EDGES = 500


def test_corpus(implementation: str) -> None:
    programs = sorted(CORPUS.glob("*.txt"))
    assert len(programs) >= 20
    model.run("replay", *programs, implementation=implementation)


@pytest.mark.module_only
@pytest.mark.skipif(not KCOV.exists(), reason="this kernel has no KCOV")
def test_new_programs(
    implementation: str,
    program_seed: int,
    soak: Soak,
    request: pytest.FixtureRequest,
    tmp_path: Path,
) -> None:
    assert implementation == MODULE
    corpus = kept(request.config, tmp_path)
    shutil.copytree(CORPUS, corpus, dirs_exist_ok=True)
    words = ("--seconds", int(soak.length(10, 600)), "--corpus", corpus)
    output = model.run("fuzz", "--seed", program_seed, *words, implementation=implementation)
    (_, edges_before), (programs, edges) = SUMMARY.findall(output)
    assert int(edges) >= int(edges_before) >= EDGES
    (tried,) = PROGRAMS.findall(output)
    soak.record(programs=int(tried), corpus=int(programs), edges=int(edges))


def kept(config: pytest.Config, otherwise: Path) -> Path:
    """A directory for new programs; it lasts if the results of the soak do."""
    results = config.getoption("--soak-results")
    directory = (results.parent if results else otherwise) / "corpus"
    directory.mkdir(exist_ok=True)
    return directory
