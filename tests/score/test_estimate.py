from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from circuitlang.circuit.circuit import Ablation, Policy
from circuitlang.plan.measures.base import Statistic, mean
from circuitlang.score.estimate import absolute, estimate, influence
from circuitlang.score.verdict import Interval, Measured

POLICY = Policy("nodes", Ablation("zero"), resamples=500)
RATIO = Statistic({"": lambda f: f["C"] / f["M"]}, denominator=mean("M"), positive=True)
N = 40


def noise(centre: float, seed: int, spread: float = 1.0) -> list[float]:
    x = np.random.default_rng(seed).normal(0, spread, N)
    return list(x - x.mean() + centre)


def test_a_ratio_of_means_is_not_a_mean_of_ratios() -> None:
    values = {"C": [1.0, 1.0, 1.0, 1.0, 1.0], "M": [1.0, 2.0, 4.0, 1.0, 2.0]}
    found = estimate(RATIO, values, ["t"] * 5, POLICY).estimate
    assert found is not None
    assert found.value == 0.5


def test_a_denominator_that_may_be_zero_gives_no_estimate() -> None:
    found = estimate(RATIO, {"C": noise(1, 1), "M": noise(0.1, 2)}, ["t"] * N, POLICY)
    assert found.estimate is None
    assert "may be zero" in found.reasons[0]


def test_a_share_of_a_negative_metric_gives_no_estimate() -> None:
    found = estimate(RATIO, {"C": noise(-3, 1), "M": noise(-4, 2)}, ["t"] * N, POLICY)
    assert found.estimate is None
    assert "negative" in found.reasons[0]


def test_the_least_part_decides_by_both_ends() -> None:
    parts = {name: mean(name) for name in ("a", "b")}
    values = {"a": noise(1.0, 1, spread=3.0), "b": noise(1.2, 2, spread=0.1)}
    found = estimate(Statistic(parts, fold="min"), values, ["t"] * N, POLICY)
    by_name = {part.name: part.estimate for part in found.parts}
    assert found.estimate is not None
    assert found.estimate.value == pytest.approx(1.0)
    assert found.estimate.interval == (by_name["a"].interval.low, by_name["b"].interval.high)


def test_the_mean_of_parts_is_resampled_as_a_whole() -> None:
    x = noise(0, 1, spread=2.0)
    values = {"a": x, "b": [2 - v for v in x]}
    statistic = Statistic({name: mean(name) for name in values}, fold="mean")
    found = estimate(statistic, values, ["t"] * N, POLICY).estimate
    assert found is not None
    assert found.interval == pytest.approx((1.0, 1.0))


def test_a_size_near_zero_has_an_interval_that_reaches_zero() -> None:
    statistic = Statistic({"": mean("x")}, absolute=True)
    found = estimate(statistic, {"x": noise(-0.05, 3)}, ["t"] * N, POLICY).estimate
    assert found is not None
    assert found.value == pytest.approx(0.05)
    assert found.interval.low == 0.0
    assert found.interval.high > 0.2


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3).map(sorted),
)
def test_folding_keeps_the_estimate_inside(ends: list[float]) -> None:
    low, value, high = ends
    size = absolute(Measured(value, Interval(low, high)))
    assert size.value in size.interval
    assert size == absolute(Measured(-value, Interval(-high, -low)))


def test_all_examples_right_is_not_certainty() -> None:
    statistic = Statistic({"": mean("hit")}, proportion=True)
    found = estimate(statistic, {"hit": [1.0] * 10}, ["t"] * 10, POLICY).estimate
    assert found is not None
    assert found.interval == pytest.approx((0.6915, 1.0), abs=5e-5)


def test_the_influence_of_an_example_on_a_mean_is_its_distance() -> None:
    x = [1.0, 2.0, 3.0, 6.0]
    expected = [(v - 3.0) / 3 for v in x]
    assert influence(Statistic({"": mean("x")}), {"x": x}) == pytest.approx(expected)


def test_a_fold_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="exactly one part"):
        Statistic({"a": mean("a"), "b": mean("b")})
    with pytest.raises(ValueError, match="absolute"):
        Statistic({"a": mean("a")}, fold="mean", absolute=True)
