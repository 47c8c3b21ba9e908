"""Numbers that are draws of chance: the interval is where the draws lie."""

from __future__ import annotations

import numpy as np
import pytest

from circuitlang.circuit.circuit import Ablation, Policy
from circuitlang.plan.measures.base import Statistic, mean
from circuitlang.score.bootstrap import spread_interval
from circuitlang.score.estimate import estimate
from circuitlang.score.judge import judge
from circuitlang.score.verdict import Interval
from tests.plan.circuits import circuit, claim, observe

POLICY = Policy("nodes", Ablation("zero"))
CALL = "composition(from=a0.h0, to=mover, via=q, draws=39, over=min)"
PAIR = "a0.h0 → a1.h1"


@pytest.mark.parametrize(
    ("n", "confidence", "low", "high"), [(39, 0.95, 1, 39), (79, 0.95, 2, 78), (199, 0.99, 1, 199)]
)
def test_the_ends_are_draws(n: int, confidence: float, low: float, high: float) -> None:
    drawn = np.random.default_rng(0).permutation(np.arange(1.0, n + 1))
    assert spread_interval(drawn, n / 2, confidence) == (low, high)


def test_too_few_draws_bound_nothing() -> None:
    assert spread_interval(np.arange(38.0), 3, 0.95) == (-np.inf, np.inf)


@pytest.mark.parametrize(("below", "p"), [(0, 1 / 40), (3, 4 / 40), (39, 1.0)])
def test_a_p_value_counts_draws(below: int, p: float) -> None:
    values = {"": [float(i) for i in range(39)]}
    statistic = Statistic({"": mean("")}, simulated=True)
    wanted = Interval(below - 0.5, np.inf)
    names = [f"draw {i}" for i in range(39)]
    assert estimate(statistic, values, names, POLICY, wanted=wanted).p == p


def test_parts_are_folded_as_others_are() -> None:
    values = {"a": [float(i) for i in range(39)], "b": [5.0 + i / 39 for i in range(39)]}
    statistic = Statistic({k: mean(k) for k in values}, fold="min", simulated=True)
    found = estimate(statistic, values, [f"draw {i}" for i in range(39)], POLICY)
    assert found.estimate is not None
    assert found.estimate.interval == (0.0, 5.0 + 38 / 39)
    assert found.method == "where 39 random draws lie"


@pytest.mark.parametrize(
    ("score", "outcome"), [(0.5, "pass"), (0.2, "inconclusive"), (0.05, "fail")]
)
def test_a_score_passes_zero_where_it_is_beyond_random_pairs(score: float, outcome: str) -> None:
    hypothesis = circuit(claim(CALL))
    random = [0.1 + i * 0.3 / 38 for i in range(39)]
    seen = observe(hypothesis, {PAIR: [score] * 39, f"{PAIR}, random": random})
    found = judge(hypothesis, hypothesis.claims[0], seen)
    assert (found.outcome, found.n, found.worst) == (outcome, 39, ())
    assert found.parts[0].inputs["score"].interval == (score, score)
    assert found.parts[0].inputs["random"].value == pytest.approx(0.25)
    if outcome == "inconclusive":
        assert "more of them would not decide" in found.reasons[0]


def test_shares_of_which_all_are_one_are_not_certain() -> None:
    statistic = Statistic({k: mean(k) for k in "ab"}, fold="min", proportion=True)
    values = {"a": [1.0] * 20, "b": [1.0, 0.5] * 10}
    found = estimate(statistic, values, ["t"] * 20, POLICY)
    low, high = found.parts[0].estimate.interval
    assert high == 1.0
    assert low == pytest.approx(0.025 ** (1 / 20))
    assert found.estimate is not None
    assert found.estimate.value == 0.75
