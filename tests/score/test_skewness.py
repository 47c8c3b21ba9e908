"""Hall's correction: its published formula, exact answers, and how often it is right."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from circuitlang.circuit.circuit import Ablation, Policy
from circuitlang.plan.measures.base import Combine, Statistic, mean
from circuitlang.score.bootstrap import percentile_interval, resample
from circuitlang.score.estimate import estimate
from circuitlang.score.skewness import Law, Neighbours, Skewed, Units
from circuitlang.score.verdict import Interval
from tests.score.references import Array, delta, fieller

POLICY = Policy("nodes", Ablation("zero"), resamples=400)
MEAN = Statistic({"": mean("x")})


def skewed(
    combine: Combine, strata: list[int] | None = None, sizes: Array | None = None, **sums: Array
) -> Skewed:
    n = len(next(iter(sums.values())))
    groups = np.array(strata or [0] * n, dtype=np.intp)
    found = Neighbours(Units(sums, np.ones(n) if sizes is None else sizes, groups)).skewed(combine)
    assert found is not None
    return found


def test_of_a_mean_it_is_halls_formula() -> None:
    x = np.random.default_rng(0).gamma(1.0, size=60)
    gamma = stats.skew(x, bias=False) / np.sqrt(60)
    found = skewed(mean("x"), x=x)
    assert found.error == pytest.approx(x.std(ddof=1) / np.sqrt(60))
    hall, student = found.laws
    assert hall == pytest.approx((gamma / 3, gamma / 6), abs=1e-7)
    assert student == pytest.approx((0, 0), abs=1e-7)


def test_a_symmetric_sample_has_students_interval() -> None:
    x = np.array([-3.0, -1.0, 0.0, 1.0, 3.0]) + 7
    low, high = skewed(mean("x"), x=x).interval(7.0, 0.95)
    half = stats.t.ppf(0.975, 4) * x.std(ddof=1) / np.sqrt(5)
    assert (low, high) == pytest.approx((7 - half, 7 + half))


def test_of_a_ratio_it_is_fiellers_where_the_delta_method_is_not() -> None:
    # Mirrored, so that all that is skewed is the ratio itself; Fieller's interval knows no other.
    rng = np.random.default_rng(3)
    away, own = (np.concatenate([d, -d]) for d in rng.normal(0, (1.0, 0.5), (200, 2)).T)
    bottom, top = 1 + away, 2 + 0.5 * away + own
    exact, plain = fieller(top, bottom, 0.95), delta(top, bottom, 0.95)
    value = float(top.mean() / bottom.mean())
    found = skewed(lambda f: f["C"] / f["M"], C=top, M=bottom).interval(value, 0.95)
    assert abs(found.low - exact.low) < 0.15 * abs(plain.low - exact.low)
    assert abs(found.high - exact.high) < 0.15 * abs(plain.high - exact.high)


def test_templates_of_their_own_are_strata_of_the_spread() -> None:
    x = np.array([1.0, 2.0, 4.0, 11.0, 12.0, 14.0])
    found = skewed(mean("x"), [0, 0, 0, 1, 1, 1], x=x)
    within = (x[:3].var(ddof=1) + x[3:].var(ddof=1)) / 2
    assert found.error == pytest.approx(np.sqrt(within / 6))
    assert found.freedom == 4


def test_templates_drawn_whole_are_a_ratio_of_sums() -> None:
    sums, sizes = np.array([2.0, 9.0, 4.0, 6.0]), np.array([1.0, 3.0, 2.0, 2.0])
    whole = skewed(mean("x"), sizes=sizes, x=sums)
    ratio = skewed(lambda f: f["x"] / f["n"], x=sums, n=sizes)
    assert whole.error == pytest.approx(ratio.error)
    assert whole.laws[0] == pytest.approx(ratio.laws[0], rel=1e-6)


def test_what_does_not_vary_is_not_skewed() -> None:
    x = np.random.default_rng(0).normal(size=20)
    neighbours = Neighbours(Units({"a": x, "b": 2 - x}, np.ones(20), np.zeros(20, np.intp)))
    assert neighbours.skewed(lambda f: (f["a"] + f["b"]) / 2) is None


@given(st.floats(-1, 1), st.floats(-0.4, 0.4), st.integers(4, 500), st.floats(-6, 6))
def test_an_end_has_the_p_value_of_its_confidence(
    bend: float, shift: float, freedom: int, bound: float
) -> None:
    one = Skewed(2.0, freedom, (Law(bend, shift), Law(0.0, 0.0)))
    p = one.level(0.0, bound)
    if 1e-9 < p < 0.5:
        assert one.interval(0.0, 1 - 2 * p).low == pytest.approx(bound, abs=1e-4)
        assert one.mirrored().interval(0.0, 1 - 2 * p).high == pytest.approx(-bound, abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(st.floats(-0.6, 0.8), st.booleans())
def test_a_skewed_claim_passes_exactly_where_its_p_is_small(bound: float, least: bool) -> None:
    x = list(np.random.default_rng(4).gamma(0.5, size=30) - 0.5)
    wanted = Interval(bound, np.inf) if least else Interval(-np.inf, bound)
    found = estimate(MEAN, {"x": x}, ["t"] * 30, POLICY, 0.0, wanted)
    assert found.estimate is not None
    assert found.p is not None
    low, high = found.estimate.interval
    assert (wanted.low <= low and high <= wanted.high) == (found.p <= 0.025)


# Of 600 trials with a true rate of 3.5 %, the share has a standard error of 0.75 points.
def test_skewed_data_have_their_truth_below_the_high_end() -> None:
    plain = corrected = 0
    for trial in range(600):
        x = np.random.default_rng((17, trial)).gamma(1.0, size=32)
        values = {"x": list(x)}
        found = estimate(MEAN, values, ["t"] * 32, POLICY).estimate
        assert found is not None
        corrected += found.interval.high < 1
        draws = resample(values, ["t"] * 32, POLICY.resamples, POLICY.seed)
        high = percentile_interval(draws.means["x"], float(x.mean()), 0.95, draws).high
        plain += high < 1
    assert corrected <= 600 * 0.035 + 3 * 600 * 0.0075
    assert corrected < plain
