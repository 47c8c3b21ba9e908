from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

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


def test_explored_parts_are_tested_against_zero_and_corrected_for_their_number() -> None:
    """Two hundred parts of which none does anything, and two that do. By their own p-values some
    twentieth of the two hundred seem to; corrected, the two are found and hardly another. A
    part's p turns its interval round, and is near that of Student's t on such numbers."""
    rng = np.random.default_rng(5)
    values = {f"null{i}": list(rng.normal(0, 1, N)) for i in range(200)}
    values |= {f"real{i}": list(rng.normal(-1.5, 1, N)) for i in range(2)}
    values["same"] = [0.0] * N
    parts = {name: mean(name) for name in values}
    statistic = Statistic(parts, fold="max", absolute=True, explores=True)
    found = {p.name: p for p in estimate(statistic, values, ["t"] * N, POLICY).parts}

    chances = {name: part.p for name, part in found.items() if part.p is not None}
    assert chances.keys() == values.keys()
    for name, part in found.items():
        low, high = part.estimate.interval
        assert (chances[name] <= 0.05) == (low > 0 or high < 0), name
        if name != "same":
            student = stats.ttest_1samp(values[name], 0.0).pvalue
            assert student / 3 < chances[name] + 1e-3, name
            assert chances[name] < 2 * student + 0.05, name
    assert found["same"].p == found["same"].adjusted == 1.0
    adjusted = {name: part.adjusted or 0.0 for name, part in found.items()}
    expected = stats.false_discovery_control(list(chances.values()))
    assert list(adjusted.values()) == pytest.approx(list(expected))
    assert sum(p <= 0.05 for p in chances.values()) >= 2 + 5
    finds = {name for name, p in adjusted.items() if p <= 0.05}
    assert finds >= {"real0", "real1"}
    assert len(finds) <= 3


def test_parts_that_nobody_explores_have_no_p() -> None:
    values = {"a": noise(0, 1), "b": noise(1, 2)}
    statistic = Statistic({name: mean(name) for name in values}, fold="max")
    parts = estimate(statistic, values, ["t"] * N, POLICY).parts
    assert [(part.p, part.adjusted) for part in parts] == [(None, None)] * 2


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
