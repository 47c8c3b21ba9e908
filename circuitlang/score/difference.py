"""The difference of two estimates on the same examples, with a paired interval."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np

from circuitlang.circuit.circuit import Policy
from circuitlang.plan.measures.base import Combine, Statistic
from circuitlang.score.bootstrap import resample
from circuitlang.score.estimand import Sampled
from circuitlang.score.estimate import Values, point
from circuitlang.score.verdict import Interval, Measured


class Side(NamedTuple):
    """A statistic and the numbers that it is of, n a label."""

    statistic: Statistic
    values: Values


class Paired(NamedTuple):
    """``first`` and ``second`` are the two estimates, ``difference`` is first − second, or that of
    their distances from a target.

    ``levels`` holds, for each bound that was asked for, the p-value of "the difference is at least
    the bound".
    """

    first: float
    second: float
    difference: Measured
    levels: Mapping[float, float]


def paired(
    first: Side,
    second: Side,
    clusters: Sequence[str],
    policy: Policy,
    bounds: Sequence[float] = (),
    target: float | None = None,
) -> Paired | None:
    """First − second, resampled together: each draw takes the same examples for both. With a
    ``target`` it is |first − target| − |second − target|.

    The interval is that of any other estimate (`circuitlang.score.estimand`); ``bounds`` asks for
    the p-value of "the difference is at least" each of them. None where the difference is not a
    finite number, in all examples or in some resample.
    """
    values = {
        f"{side} {label}": numbers
        for side, one in (("first", first), ("second", second))
        for label, numbers in one.values.items()
    }

    def of(side: Literal["first", "second"], statistic: Statistic) -> Combine:
        return lambda means: point(
            statistic,
            {k.removeprefix(f"{side} "): v for k, v in means.items() if k.startswith(f"{side} ")},
        )

    def far(combine: Combine) -> Combine:
        return combine if target is None else lambda means: abs(combine(means) - target)

    one, other = of("first", first.statistic), of("second", second.statistic)
    here, there = far(one), far(other)
    means = {label: np.float64(math.fsum(v) / len(v)) for label, v in values.items()}
    draws = resample(values, clusters, policy.resamples, policy.seed)
    found = Sampled(means, draws, proportion=False)[lambda m: here(m) - there(m)]
    if not (math.isfinite(found.value) and np.isfinite(found.drawn).all()):
        return None
    if found.value == 0 and not found.drawn.any():
        interval = Interval(0.0, 0.0)
        levels = {bound: float(bound > 0) for bound in bounds}
    else:
        interval = found.interval(policy.confidence)
        levels = {bound: found.at_least(bound) for bound in bounds}
    with np.errstate(all="ignore"):
        return Paired(
            float(one(means)), float(other(means)), Measured(found.value, interval), levels
        )
