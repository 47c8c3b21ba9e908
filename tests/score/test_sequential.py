"""The rule of looks at growing data, as a whole."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circuitlang.circuit.circuit import Ablation, Policy
from circuitlang.plan.measures.base import Statistic, mean
from circuitlang.score.sequential import Decision, at_look, decide_in_looks, declare_looks
from circuitlang.score.verdict import Look
from tests.plan.circuits import claim

POLICY = Policy("nodes", Ablation("zero"), confidence=0.9, resamples=200)
LOOKS = declare_looks(24, 192, POLICY.confidence)
MEAN = Statistic({"": mean("F")})
AT_LEAST = replace(claim("metric(of=model)", ">=", 1.0), comparator=">=", threshold=1.0)


def decided(values: Sequence[float], looks: Sequence[Look] = LOOKS) -> Decision:
    return decide_in_looks(MEAN, {"F": values}, ["t"] * len(values), AT_LEAST, POLICY, looks)


def numbers(centre: float, seed: int = 0, n: int = 192) -> list[float]:
    return list(np.random.default_rng(seed).normal(centre, 1.0, n))


def test_looks_double_until_the_most() -> None:
    looks = declare_looks(16, 100, 0.95)
    assert [look.examples for look in looks] == [16, 32, 64, 100]
    assert [look.fraction for look in looks] == [0.16, 0.32, 0.64, 1.0]
    assert [(look.number, look.of, look.last) for look in looks][-2:] == [
        (3, 4, False),
        (4, 4, True),
    ]


def test_with_nothing_to_add_there_is_one_look_at_the_policys_own_level() -> None:
    (look,) = declare_looks(16, 16, 0.95)
    assert look.level == look.overall == pytest.approx(0.025)
    assert at_look(replace(POLICY, confidence=0.95), look).confidence == pytest.approx(0.95)


def test_a_look_too_early_to_decide_anything_is_not_taken() -> None:
    looks = declare_looks(16, 16 * 64, 0.95)
    assert [look.examples for look in looks] == [128, 256, 512, 1024]
    assert looks == declare_looks(128, 1024, 0.95)


def test_fewer_at_most_than_at_first_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="8 examples at most, but 16 at first"):
        declare_looks(16, 8, 0.95)


@given(st.integers(1, 5000), st.integers(1, 40), st.sampled_from([0.5, 0.9, 0.95, 0.999]))
@settings(deadline=None, max_examples=25)
def test_no_look_has_more_than_the_overall_level(first: int, times: int, confidence: float) -> None:
    looks = declare_looks(first, first * times, confidence)
    assert all(0 < look.level <= (1 - confidence) / 2 + 1e-12 for look in looks)
    assert looks[0].level == min(look.level for look in looks)
    assert looks[-1].examples == first * times


def test_what_is_far_from_its_bound_is_decided_at_the_first_look() -> None:
    far, low = decided(numbers(4)), decided(numbers(-2))
    assert (far.outcome, far.look) == ("pass", LOOKS[0])
    assert (low.outcome, low.look) == ("fail", LOOKS[0])
    assert len(far.chances) == 1
    assert far.chances[0] < LOOKS[0].level
    assert far.p(LOOKS) < 0.05


def test_what_lies_near_its_bound_takes_more_looks() -> None:
    near = decided(numbers(1.35))
    assert near.outcome == "pass"
    assert near.look.number > 1
    assert near.p(LOOKS) <= 0.05
    assert decided(numbers(1.0)).look == LOOKS[-1]


def test_a_decision_sees_nothing_of_what_comes_after_its_look() -> None:
    values = numbers(1.35)
    found = decided(values)
    spoilt = [*values[: found.look.examples], *[float("nan")] * 192]
    assert decided(spoilt) == found


def test_peeking_passes_too_often_and_the_rule_does_not() -> None:
    """The true value is the bound: 5 % of verifications may pass. Looking four times at ordinary
    intervals passes more than twice as many."""
    naive = [look._replace(level=look.overall) for look in LOOKS]
    rng, runs = np.random.default_rng(2026), 600
    samples = [list(rng.normal(1.0, 1.0, 192)) for _ in range(runs)]
    ruled = sum(decided(values).outcome == "pass" for values in samples) / runs
    peeked = sum(decided(values, naive).outcome == "pass" for values in samples) / runs
    error = math.sqrt(0.05 * 0.95 / runs)
    assert ruled <= 0.05 + 3 * error
    assert peeked > 0.05 + 3 * error
    assert ruled > 0.01


def test_with_many_templates_the_rule_keeps_its_level_too() -> None:
    """Examples of the same ten templates say less than their number: the true value of a template's
    mean varies, and no look can tell that away."""
    rng, runs = np.random.default_rng(7), 400
    templates = [f"t{i % 10}" for i in range(192)]
    passed = 0
    for _ in range(runs):
        values = np.repeat(rng.normal(0, 0.3, (1, 10)), 20, axis=0).ravel()[:192]
        values = values + rng.normal(1.0, 1.0, 192)
        found = decide_in_looks(MEAN, {"F": list(values)}, templates, AT_LEAST, POLICY, LOOKS)
        passed += found.outcome == "pass"
    assert passed / runs <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / runs)
