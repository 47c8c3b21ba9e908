from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from circuitlang.circuit.circuit import Ablation, Policy
from circuitlang.plan.measures.base import Statistic, mean
from circuitlang.score.estimate import Estimation, estimate
from circuitlang.score.verdict import Interval

POLICY = Policy("nodes", Ablation("zero"), resamples=1000)
INF = float("inf")
N = 80


def noise(centre: float, seed: int = 0) -> list[float]:
    x = np.random.default_rng(seed).normal(0, 1, N)
    return list((x - x.mean()) / x.std(ddof=1) + centre)


def found(statistic: Statistic, wanted: tuple[float, float], **values: list[float]) -> Estimation:
    n = len(next(iter(values.values())))
    return estimate(statistic, values, ["t"] * n, POLICY, 0.0, Interval(*wanted))


def chance(statistic: Statistic, wanted: tuple[float, float], **values: list[float]) -> float:
    p = found(statistic, wanted, **values).p
    assert p is not None
    return p


MEAN = Statistic({"": mean("x")})
SIZE = Statistic({"": mean("x")}, absolute=True)


@pytest.mark.parametrize("t", [-1.0, 0.5, 1.5, 2.5, 4.0])
def test_the_p_of_a_mean_is_students(t: float) -> None:
    bound = 3.0 - t / np.sqrt(N)
    expected = stats.t.sf(t, N - 1)
    assert chance(MEAN, (bound, INF), x=noise(3.0)) == pytest.approx(expected, rel=0.5, abs=1e-4)
    assert chance(MEAN, (-INF, bound), x=noise(3.0)) == pytest.approx(1 - expected, rel=0.5)


@settings(max_examples=60, deadline=None)
@given(st.floats(-0.6, 0.6), st.booleans())
def test_a_plain_claim_passes_alone_exactly_where_its_p_is_small(bound: float, least: bool) -> None:
    wanted = (bound, INF) if least else (-INF, bound)
    got = found(MEAN, wanted, x=noise(0.0, 3))
    assert got.estimate is not None
    low, high = got.estimate.interval
    assert got.p is not None
    assert (wanted[0] <= low and high <= wanted[1]) == (got.p <= 0.025)


def test_far_beyond_all_draws_p_goes_on_falling() -> None:
    near, far = (chance(MEAN, (bound, INF), x=noise(3.0)) for bound in (2.3, 1.0))
    assert 0 < far < near < 1e-6


def test_nearness_takes_the_worse_of_two_bounds() -> None:
    x = noise(0.0)
    both = chance(MEAN, (-0.3, 0.25), x=x)
    assert both == max(chance(MEAN, (-0.3, INF), x=x), chance(MEAN, (-INF, 0.25), x=x))


def test_that_all_parts_hold_takes_the_worst_and_that_some_does_pays_for_each() -> None:
    parts = {name: mean(name) for name in ("a", "b", "c")}
    values = {"a": noise(0.3, 1), "b": noise(0.4, 2), "c": noise(0.5, 4)}
    single = [chance(Statistic({"": mean(k)}), (0.1, INF), **{k: v}) for k, v in values.items()]
    assert chance(Statistic(parts, fold="min"), (0.1, INF), **values) == max(single)
    assert chance(Statistic(parts, fold="max"), (0.1, INF), **values) == pytest.approx(
        3 * min(single)
    )


def test_a_size_may_come_from_either_side() -> None:
    x = noise(0.25)
    assert chance(SIZE, (1e-9, INF), x=x) == pytest.approx(2 * chance(MEAN, (0.0, INF), x=x))
    assert chance(SIZE, (0.2, INF), x=x) == pytest.approx(
        chance(SIZE, (0.2, INF), x=[-v for v in x]), abs=0.03
    )


def test_a_size_is_small_where_both_ends_are() -> None:
    x = noise(0.1)
    assert chance(SIZE, (-INF, 0.3), x=x) == chance(MEAN, (-0.3, 0.3), x=x)


def test_right_answers_are_counted_exactly() -> None:
    right = Statistic({"": mean("x")}, proportion=True)
    all_right = [1.0] * 12
    assert chance(right, (0.7, INF), x=all_right) == pytest.approx(0.7**12)
    assert chance(right, (1.0, INF), x=all_right) == 1.0
    assert chance(right, (-INF, 0.2), x=[0.0] * 12) == pytest.approx(0.8**12)
