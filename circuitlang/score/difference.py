"""The difference of two estimates on the same examples, with a paired interval."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from circuitlang.circuit.circuit import Policy
from circuitlang.plan.measures.base import Means, Statistic
from circuitlang.score.bootstrap import level, percentile_interval, resample
from circuitlang.score.estimate import Values, point
from circuitlang.score.verdict import Interval, Measured


class Side(NamedTuple):
    """A statistic and the numbers that it is of, n a label."""

    statistic: Statistic
    values: Values


class Paired(NamedTuple):
    """``first`` and ``second`` are the two estimates, ``difference`` is first − second.

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
) -> Paired | None:
    """First − second, resampled together: each draw takes the same examples for both.

    The interval is the one of `circuitlang.score.estimate`, of the difference; ``bounds`` asks for
    the p-value of "the difference is at least" each of them. None where the difference is not a
    finite number, in all examples or in some resample.
    """
    values = {
        f"{side} {label}": numbers
        for side, one in (("first", first), ("second", second))
        for label, numbers in one.values.items()
    }
    draws = resample(values, clusters, policy.resamples, policy.seed)

    def of(side: str, means: Means) -> Means:
        return {k.removeprefix(f"{side} "): v for k, v in means.items() if k.startswith(side)}

    means = {label: np.float64(math.fsum(v) / len(v)) for label, v in values.items()}
    with np.errstate(all="ignore"):
        one = float(point(first.statistic, of("first", means)))
        other = float(point(second.statistic, of("second", means)))
        drawn = np.asarray(
            point(first.statistic, of("first", draws.means))
            - point(second.statistic, of("second", draws.means))
        )
    value = one - other
    if not (math.isfinite(value) and np.isfinite(drawn).all()):
        return None
    if not drawn.any() and value == 0:
        found = Interval(0.0, 0.0)
        levels = {bound: float(bound > 0) for bound in bounds}
    else:
        found = percentile_interval(drawn, value, policy.confidence, draws)
        levels = {bound: level(drawn, value, bound, draws) for bound in bounds}
    return Paired(one, other, Measured(value, found), levels)
