# SPDX-License-Identifier: GPL-2.0
"""Socket options, devices and packets at random: a model predicts every result and the listing.

A run is repeated by `build/sockopts/target/release/sockopts random --seed N --count N`, as root.
"""

import pytest

from harness.kernel.implementation import BUILTIN_C, MODULE, switch_to
from harness.sockopt import model
from harness.stress.soak import Soak

COUNT = 20_000
# Always the same: with one of these a model that is wrong in any rule has been found out by then.
SEEDS_OF_WRONG = range(26, 30)
COUNT_OF_WRONG = 40_000
# Each of these must have happened, and succeeded.
KINDS = (
    *("Open", "Close", "Join", "Leave", "Bind", "Listen", "Convert", "User"),
    *("Forward", "Up", "Ipv6", "Small", "AddAddress", "Presence"),
)
# The same with the module, which alone has a family to ask.
KINDS_OF_MODULE = (*KINDS, "Order")


def test_as_predicted(implementation: str, program_seed: int, soak: Soak) -> None:
    count = soak.count(COUNT, 10**6 if implementation == MODULE else 10**5)
    words = ("random", "--seed", program_seed, "--count", count)
    output = model.run(*words, implementation=implementation)
    done = model.tally(output)
    kinds = KINDS_OF_MODULE if implementation == MODULE else KINDS
    soak.record(**{kind.lower(): done[f"{kind} OK"] for kind in kinds})


def test_implementations_differ(program_seed: int) -> None:
    """The model of the one does not pass for that of the other."""
    words = ("random", "--seed", program_seed, "--count", COUNT)
    for live, other in ((BUILTIN_C, MODULE), (MODULE, BUILTIN_C)):
        switch_to(live)
        done = model.attempt(*words, implementation=other)
        assert done.returncode == 1
        assert "difference" in done.stderr


@pytest.mark.ordinary_kernel
# In the VM 40 000 actions seldom bring a namespace to its limit of groups.
@pytest.mark.parametrize("rule", [rule for rule in model.RULES if rule != "limit"])
def test_wrong_model_is_found_out(implementation: str, rule: str) -> None:
    words = ("--count", COUNT_OF_WRONG, "--wrong", rule)
    runs = (
        model.attempt("random", "--seed", seed, *words, implementation=implementation)
        for seed in SEEDS_OF_WRONG
    )
    assert any(done.returncode == 1 and "difference" in done.stderr for done in runs)


def test_every_rule_is_tried() -> None:
    assert model.rules() == list(model.RULES)
