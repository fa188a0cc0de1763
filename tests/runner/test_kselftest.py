# SPDX-License-Identifier: GPL-2.0
"""The comparison of the kernel's own tests finds each difference, and takes nothing for equality.

Run in the build root: scripts/buildroot -- python3 -m pytest tests/runner
"""

import pytest

from kselftest import difference, verdict
from kselftest.chosen import CHOSEN
from kselftest.outcome import SKIPPED, Case, Outcome, Run, case_in
from kselftest.script import Flaky, Script

SCRIPT = Script(("some.sh",), "an example")
OUTPUT = """
TEST: bind to an address                                     [ OK ]
    TEST: bind to an address                                 [ OK ]
TAP version 13
ok 1 global.listens
ok 2 global.waits # SKIP no clock
"""


def ran(output: str = OUTPUT, status: int | None = 0, script: Script = SCRIPT) -> Run:
    return Run(script, status, output, 1.0)


@pytest.mark.parametrize(
    ("line", "case"),
    [
        (
            "TEST: Raw socket bind - ns-A IPv6   [ OK ]",
            Case("Raw socket bind - ns-A IPv6", Outcome.PASS),
        ),
        ("    TEST: testns-aB3dE6: add vrf  [FAIL]", Case("testns-X: add vrf", Outcome.FAIL)),
        (
            "01 no msk on netns creation      [ OK ]",
            Case("01 no msk on netns creation", Outcome.PASS),
        ),
        ("TEST: Port in use (x)  [XFAIL]", Case("Port in use (x)", Outcome.XFAIL)),
        ("02 listener   [SKIP] Feature probably not supported", Case("02 listener", Outcome.SKIP)),
        ("[PASS]", Case("", Outcome.PASS)),
        ("ok 3 bind_wildcard.v4_any", Case("bind_wildcard.v4_any", Outcome.PASS)),
        ("not ok 4 bind_wildcard.v4_any", Case("bind_wildcard.v4_any", Outcome.FAIL)),
        ("ok 1 - diag: chk # time=1520ms", Case("diag: chk", Outcome.PASS)),
        ("ok 2 - diag: chk # SKIP time=1ms", Case("diag: chk", Outcome.SKIP)),
        ("not ok 5 a # XFAIL known", Case("a", Outcome.XFAIL)),
        ("PASS: forwarding disabled", Case("forwarding disabled", Outcome.PASS)),
        ("SKIP: jq is not there", Case("jq is not there", Outcome.SKIP)),
        ("time spent = 0.123", Case("time spent = N", Outcome.REACHED)),
        ("1..8", None),
        ("#  RUN           bind_wildcard.v4_any ...", None),
        ("# PASSED: 8 / 8 tests passed.", None),
        ("SYSCTL: net.ipv4.raw_l3mdev_accept=1", None),
    ],
)
def test_line(line: str, case: Case | None) -> None:
    assert case_in(line, "^time spent") == case


def test_equal_runs() -> None:
    assert difference.between(ran(), ran()) == []


@pytest.mark.parametrize(
    ("output", "status", "shown"),
    [
        (OUTPUT.replace("ok 1", "not ok 1"), 0, "global.listens: passed"),
        # The second of two cases of one name
        (OUTPUT.replace("    TEST: bind to an address     ", "TEST: X"), 0, "address (2): passed"),
        (OUTPUT.replace(" # SKIP no clock", ""), 0, "global.waits: skipped"),
        (OUTPUT.replace("ok 1 global.listens\n", ""), 0, "absent with the module"),
        (OUTPUT + "not ok 3 global.more\n", 0, "absent with built-in C, failed"),
        (OUTPUT, 1, "exit status: 0 with built-in C, 1"),
        (OUTPUT, None, "exit status: 0 with built-in C, None"),
        ("", 0, "absent with the module"),
    ],
)
def test_planted_difference(output: str, status: int | None, shown: str) -> None:
    differences = difference.between(ran(), ran(output, status))
    assert any(shown in str(one) for one in differences)


def test_random_names_and_times_do_not_count() -> None:
    one = ran("TEST: ns1-aBcDeF: ping [ OK ]\nok 1 - a # time=10ms\n")
    other = ran("TEST: ns1-gHiJkL: ping [ OK ]\nok 1 - a # time=99ms\n")
    assert difference.between(one, other) == []


FLAKY = Script(("some.sh",), "an example", flaky=(Flaky("^global.listens", "a time limit"),))
FAILED = OUTPUT.replace("ok 1", "not ok 1")


def never() -> Run:
    pytest.fail("must not run again")


def test_difference_is_reported_at_once() -> None:
    """A case that is not listed as flaky, or the exit status alone."""
    assert "global.listens: passed" in (verdict.of_pair(ran(), ran(FAILED, 1), never) or "")
    assert "exit status" in (
        verdict.of_pair(ran(script=FLAKY), ran(status=1, script=FLAKY), never) or ""
    )
    other = ran(FAILED.replace("bind to", "bound to"), 1, FLAKY)
    assert "bound to" in (verdict.of_pair(ran(script=FLAKY), other, never) or "")


@pytest.mark.parametrize(("failures", "problem"), [(1, False), (2, False), (3, True)])
def test_flaky_case_is_repeated(failures: int, problem: bool) -> None:
    """One that fails each time is no chance."""
    results = [ran(FAILED, 1, FLAKY)] * failures + [ran(script=FLAKY)]
    runs = iter(results)
    assert bool(verdict.of_pair(ran(script=FLAKY), next(runs), lambda: next(runs))) == problem


def test_flaky_case_may_fail_with_builtin_c() -> None:
    assert verdict.of_pair(ran(FAILED, 1, FLAKY), ran(script=FLAKY), never) is None
    assert verdict.of_pair(ran(FAILED, 1), ran(), never)


@pytest.mark.parametrize(
    ("run", "skipped"),
    [
        (ran("SKIP: no jq\n", SKIPPED), True),
        (ran("ok 1 a # SKIP b\nok 2 c # SKIP d\n"), True),
        (ran(), False),
        (ran(""), False),
    ],
)
def test_skipped(run: Run, skipped: bool) -> None:
    assert run.skipped() == skipped


SILENT = Script(("program",), "an example", silent=True)


@pytest.mark.parametrize(
    ("run", "trouble"),
    [
        (ran(), None),
        (ran("", 0), "nothing passed in 0 cases (exit status 0)"),
        (ran("sh: ./some.sh: not found\n", 127), "nothing passed in 0 cases (exit status 127)"),
        (ran("not ok 1 a\nok 2 b # SKIP c\n", 1), "nothing passed in 2 cases (exit status 1)"),
        (ran(OUTPUT, None), "did not end in 600 s"),
        (ran("", 0, SILENT), None),
        (ran("", 127, SILENT), "failed with exit status 127"),
    ],
)
def test_nothing_ran(run: Run, trouble: str | None) -> None:
    """Whatever two such runs have in common, it is no result."""
    assert run.trouble() == trouble


@pytest.mark.parametrize(
    ("run", "problem"),
    [
        (ran(), None),
        (ran("SKIP: no jq\n", SKIPPED), "all of it was skipped"),
        (ran("ok 1 a # SKIP b\n"), "all of it was skipped"),
        (ran("SKIP: no jq\n", SKIPPED, Script(("a.sh",), "an example", skips="no jq")), None),
        (ran("", 127, Script(("a.sh",), "an example", skips="no jq")), "nothing passed"),
        (ran(OUTPUT, None), "did not end"),
    ],
)
def test_verdict_of_one_run(run: Run, problem: str | None) -> None:
    said = verdict.of_run(run)
    assert (said or "").startswith(problem or "")
    assert bool(said) == bool(problem)


def test_names() -> None:
    """Each script has its own name and says what it tells."""
    names = [script.name for script in CHOSEN]
    assert len(set(names)) == len(names)
    assert "fcnal-test.sh:ipv6_bind" in names
    for script in CHOSEN:
        assert script.why
        assert not (script.silent and script.stages)


def test_some() -> None:
    """There is a part for those in a hurry."""
    some = [script for script in CHOSEN if script.some]
    assert some
    assert len(some) < len(CHOSEN)
