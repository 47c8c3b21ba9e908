from __future__ import annotations

import random

import pytest

from circuitlang.circuit.circuit import Ablation, Policy
from circuitlang.plan.measures.base import Statistic, mean
from circuitlang.score.difference import Side, paired
from circuitlang.score.estimate import estimate

POLICY = Policy("nodes", Ablation("zero"), resamples=2000, seed=5)
CLUSTERS = ("t",) * 60
RATIO = Statistic({"": lambda f: f["C"] / f["M"]})


def numbers(seed: int, centre: float) -> list[float]:
    of = random.Random(seed)
    return [centre + of.gauss(0, 1) for _ in CLUSTERS]


def test_the_difference_of_means_is_the_mean_of_differences() -> None:
    one, other = numbers(1, 3.0), numbers(2, 2.5)
    plain = Statistic({"": mean("C")})
    found = paired(Side(plain, {"C": one}), Side(plain, {"C": other}), CLUSTERS, POLICY)
    gaps = {"C": [a - b for a, b in zip(one, other, strict=True)]}
    alone = estimate(plain, gaps, CLUSTERS, POLICY).estimate
    assert found is not None
    assert alone is not None
    assert found.difference.value == pytest.approx(alone.value)
    assert tuple(found.difference.interval) == pytest.approx(tuple(alone.interval))


def test_swapping_the_sides_negates_every_number() -> None:
    one = Side(RATIO, {"C": numbers(1, 3.0), "M": numbers(3, 4.0)})
    other = Side(RATIO, {"C": numbers(2, 2.5), "M": numbers(3, 4.0)})
    there, back = paired(one, other, CLUSTERS, POLICY), paired(other, one, CLUSTERS, POLICY)
    assert there is not None
    assert back is not None
    assert back.difference.value == -there.difference.value
    low, high = there.difference.interval
    assert back.difference.interval == pytest.approx((-high, -low))


def test_pairs_tell_more_than_two_intervals() -> None:
    model = numbers(3, 4.0)
    circuit = [m * 0.8 for m in model]
    lower = [m * 0.75 for m in model]
    plain = Statistic({"": mean("C")})
    found = paired(Side(plain, {"C": circuit}), Side(plain, {"C": lower}), CLUSTERS, POLICY, (0.0,))
    apart = [estimate(plain, {"C": v}, CLUSTERS, POLICY).estimate for v in (circuit, lower)]
    assert found is not None
    assert apart[0] is not None
    assert apart[1] is not None
    assert apart[0].interval.low < apart[1].interval.high
    assert found.difference.interval.low > 0
    assert found.levels[0.0] < 1e-6


def test_the_same_numbers_differ_by_nothing() -> None:
    side = Side(RATIO, {"C": numbers(1, 3.0), "M": numbers(3, 4.0)})
    found = paired(side, side, CLUSTERS, POLICY, (0.0, 0.1))
    assert found is not None
    assert found.difference == (0.0, (0.0, 0.0))
    assert found.levels == {0.0: 0.0, 0.1: 1.0}


def test_a_share_of_nothing_has_no_difference() -> None:
    side = Side(RATIO, {"C": numbers(1, 3.0), "M": [0.0] * 60})
    assert paired(side, side, CLUSTERS, POLICY) is None
