"""Paired comparison: what it finds, that it negates, and how often it is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from circuitlang.circuit.circuit import Ablation, Policy
from circuitlang.circuit.names import head
from circuitlang.circuit.positions import EVERYWHERE
from circuitlang.plan.measures import MEASURES
from circuitlang.plan.observations import Observation, Observations
from circuitlang.plan.request import Evaluation, Request
from circuitlang.plan.variant import MODEL, kept_variant
from circuitlang.plan.versus import Exchange, Match, Runs
from circuitlang.score.paired import Numbers, Texts, permutation_p, relation, versus
from circuitlang.score.verdict import Interval
from circuitlang.score.versus import Versus

POLICY = Policy("nodes", Ablation("zero"), resamples=400)
RATIO = MEASURES["faithfulness"].statistic(None, {"as": "ratio"})  # type: ignore[arg-type]


def run(number: int) -> Evaluation:
    return Evaluation(kept_variant({head(number, 0): EVERYWHERE}))


def runs(number: int) -> Runs:
    return MappingProxyType({"M": Evaluation(MODEL), "C": run(number)})


def observed(
    model: Sequence[float], *circuits: Sequence[float], templates: int = 1
) -> Observations:
    clusters = tuple(f"t{i % templates}" for i in range(len(model)))
    found: dict[Request, Observation] = {Evaluation(MODEL): Observation(tuple(model), clusters)}
    for number, values in enumerate(circuits):
        found[run(number)] = Observation(tuple(values), clusters)
    return found


def compared(
    observations: Observations, exchanges: tuple[Exchange, ...] = (), tolerance: float = 0.05
) -> Versus:
    planned = Match(runs(0), runs(1), exchanges)
    n = len(observations[Evaluation(MODEL)])
    told = Texts([f"prompt {i}" for i in range(n)], "F(C) / F(M)", percent=True, form="ratio")
    return versus(planned, RATIO, observations, POLICY, tolerance, told)


def noisy(seed: int, centre: float, n: int = 40, spread: float = 1.0) -> list[float]:
    return list(np.random.default_rng(seed).normal(centre, spread, n))


def test_what_both_share_cancels() -> None:
    """A prompt's own difficulty is far larger than what B keeps more than A, on every prompt."""
    hard = noisy(1, 5, spread=3.0)
    a, b = ([share * x for x in hard] for share in (0.80, 0.90))
    found = compared(observed(hard, a, b))
    assert found.relation == "DIFFER"
    assert found.difference.value == pytest.approx(0.10)
    assert found.difference.interval == pytest.approx((0.10, 0.10))
    assert found.a.interval.high - found.a.interval.low < 1e-9


def test_circuits_that_do_the_same_are_equal() -> None:
    hard = noisy(1, 5)
    found = compared(observed(hard, hard, hard))
    assert (found.relation, found.p, found.witnesses) == ("EQUAL", 1.0, ())
    assert found.difference == (0.0, (0.0, 0.0))


def test_much_noise_decides_nothing() -> None:
    hard = noisy(1, 5)
    assert compared(observed(hard, noisy(2, 4, spread=4), noisy(3, 4.3, spread=4))).relation == (
        "UNDECIDED"
    )


@pytest.mark.parametrize(
    ("low", "high", "p", "said"),
    [
        (-0.05, 0.05, 0.001, "EQUAL"),
        (0.01, 0.04, 0.001, "EQUAL"),
        (0.01, 0.06, 0.001, "DIFFER"),
        (-0.06, -0.01, 0.05, "DIFFER"),
        (0.01, 0.06, 0.051, "UNDECIDED"),
        (-0.01, 0.06, 0.001, "UNDECIDED"),
    ],
)
def test_the_relation_is_read_off_the_interval(
    low: float, high: float, p: float, said: str
) -> None:
    assert relation(Interval(low, high), p, 0.05, 0.05) == said


def test_the_permutation_test_is_the_exact_one_up_to_its_draws() -> None:
    """Against all 2^8 exchanges of eight prompts."""
    a, b = noisy(1, 3, 8), noisy(2, 3.8, 8)
    model = [4.0] * 8
    apart = np.array(b) - np.array(a)
    signs = np.array(list(product((-1, 1), repeat=8)))
    exact = float(np.mean(np.abs(signs @ apart) >= abs(apart.sum()) - 1e-9))
    policy = Policy("nodes", Ablation("zero"), resamples=20_000)
    planned = Match(runs(0), runs(1), ())
    numbers = Numbers(planned.requests, observed(model, a, b), policy)
    assert permutation_p(numbers, RATIO, planned.a, planned.b) == pytest.approx(exact, abs=0.02)


def test_many_templates_are_exchanged_as_wholes() -> None:
    """Nine templates allow 2^9 exchanges: fewer than so many prompts would."""
    model = [1.0] * 90
    a, b = [0.5] * 90, [0.6 + 0.01 * (i % 9) for i in range(90)]
    numbers = Numbers(
        Match(runs(0), runs(1), ()).requests, observed(model, a, b, templates=9), POLICY
    )
    assert permutation_p(numbers, RATIO, runs(0), runs(1)) == pytest.approx(2 / 2**9, abs=0.015)


def test_where_there_is_no_difference_it_is_found_as_often_as_declared() -> None:
    policy = Policy("nodes", Ablation("zero"), resamples=199)
    planned = Match(runs(0), runs(1), ())
    low = 0
    for seed in range(400):
        found = observed([4.0] * 20, noisy(seed, 3, 20), noisy(seed + 10_000, 3, 20))
        numbers = Numbers(planned.requests, found, policy)
        low += permutation_p(numbers, RATIO, planned.a, planned.b) <= 0.05
    assert 8 <= low <= 34, "400 draws at 5 %: 20, give or take three standard errors"


def test_what_a_difference_is_worth_is_measured_in_both_surroundings() -> None:
    """A and B differ in x and y; x alone makes the difference, y changes nothing."""
    model = noisy(1, 10)
    a, b = [0.5 * x for x in model], [0.8 * x for x in model]
    x = Exchange("x", "B", runs(1), runs(0))
    y = Exchange("y", "A", runs(0), runs(1))
    found = compared(observed(model, a, b), (y, x))
    assert [(one.name, one.role) for one in found.carried] == [("x", "carries"), ("y", "unclear")]
    assert found.carried[0].in_a.value == pytest.approx(0.3)
    assert found.carried[0].in_b.value == pytest.approx(0.3)
    assert found.rest is not None
    assert found.rest.value == pytest.approx(0, abs=1e-12)


def test_few_of_many_that_do_nothing_seem_to_carry() -> None:
    """Of forty exchanges one makes the difference; uncorrected, two more would be taken for it."""
    model, rng = noisy(1, 10), np.random.default_rng(5)
    a, b = [0.5 * x for x in model], [0.8 * x for x in model]
    idle = [list(np.array(a) + rng.normal(0, 0.5, len(a))) for _ in range(40)]
    exchanges = (
        Exchange("it", "B", runs(1), runs(0)),
        *(Exchange(f"idle{i}", "B", runs(i + 2), runs(1)) for i in range(40)),
    )
    found = compared(observed(model, a, b, *idle), exchanges)
    assert [one.name for one in found.carried if one.role != "unclear"] == ["it"]
    assert any(one.p <= 0.05 for one in found.carried[1:])
    assert all(one.p <= one.adjusted <= 1 for one in found.carried)


def test_witnesses_are_the_prompts_on_which_the_two_part_most() -> None:
    model = [4.0] * 40
    a = [3.0] * 40
    b = [3.0] * 39 + [9.0]
    found = compared(observed(model, a, b))
    assert [(w.example, w.text, w.a, w.b) for w in found.witnesses] == [(39, "prompt 39", 3.0, 9.0)]


def test_a_model_that_does_nothing_decides_nothing() -> None:
    found = compared(observed(noisy(1, 0), noisy(2, 3), noisy(3, 1)))
    assert found.relation == "UNDECIDED"
    assert "may be zero" in found.reasons[0]


values = st.lists(st.floats(-5, 5), min_size=12, max_size=12)


@settings(deadline=None, max_examples=30)
@given(values, values, values)
def test_turned_twice_it_is_the_same(a: list[float], b: list[float], c: list[float]) -> None:
    exchange = Exchange("x", "A", runs(2), runs(1))
    found = compared(observed([4.0 + 0.1 * i for i in range(12)], a, b, c), (exchange,))
    assert found.turned.turned == found
    assert found.turned.difference.value == -found.difference.value
