"""How easily a claim would pass by chance: its p-value, from the draws that made its interval."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from circuitlang.plan.measures.base import Combine, Statistic
from circuitlang.score.bootstrap import Array, Resampled, level, proportion_level
from circuitlang.score.verdict import Interval


def p_value(
    statistic: Statistic,
    means: Mapping[str, float],
    draws: Resampled,
    wanted: Interval,
    n: int,
) -> float:
    """The p-value of "the statistic is ``wanted``" against "it is not", at the nearest value that
    is not.

    It turns the interval round: for a plain estimate it is at most a exactly where the interval at
    confidence 1 − 2a lies inside ``wanted``; two bounds at once take the larger (Schuirmann 1987).
    ``n`` examples were seen; a share has the exact binomial p-value too, and takes the larger.
    Two cases are stricter than the interval. A claim that *some* one of k parts lies beyond a bound
    has k chances, and its p is k times the smallest (Bonferroni); that *all* do takes the largest
    (Berger 1982). A size |x| beyond b can come from either side, and both tails count.
    """
    at_least = at_most = 0.0
    if math.isfinite(wanted.low):
        at_least = _at_least(statistic, means, draws, wanted.low, n)
    if math.isfinite(wanted.high):
        at_most = _at_most(statistic, means, draws, wanted.high, n)
    return max(at_least, at_most)


def _at_least(
    statistic: Statistic, means: Mapping[str, float], draws: Resampled, bound: float, n: int
) -> float:
    def one(combine: Combine) -> float:
        value, drawn = _sides(combine, means, draws)
        if statistic.proportion:
            exact = proportion_level(round(value * n, 9), n, bound)
            return max(exact, level(drawn, value, bound, draws))
        if not statistic.absolute:
            return level(drawn, value, bound, draws)
        if bound <= 0:
            return 0.0
        sign = -1 if value < 0 else 1
        near = level(sign * drawn, abs(value), bound, draws)
        return min(1.0, near + level(sign * drawn, abs(value), -bound, draws))

    if statistic.fold == "mean":
        return one(_average(statistic))
    chances = [one(combine) for combine in statistic.parts.values()]
    return _some(chances) if statistic.fold == "max" else max(chances)


def _at_most(
    statistic: Statistic, means: Mapping[str, float], draws: Resampled, bound: float, n: int
) -> float:
    def one(combine: Combine) -> float:
        value, drawn = _sides(combine, means, draws)
        below = level(-drawn, -value, -bound, draws)
        if statistic.proportion:
            return max(proportion_level(round((1 - value) * n, 9), n, 1 - bound), below)
        if not statistic.absolute:
            return below
        return 1.0 if bound < 0 else max(below, level(drawn, value, -bound, draws))

    if statistic.fold == "mean":
        return one(_average(statistic))
    chances = [one(combine) for combine in statistic.parts.values()]
    return _some(chances) if statistic.fold == "min" else max(chances)


def _some(chances: list[float]) -> float:
    return min(1.0, len(chances) * min(chances))


def _average(statistic: Statistic) -> Combine:
    parts = statistic.parts.values()
    return lambda means: sum(part(means) for part in parts) / len(parts)


def _sides(combine: Combine, means: Mapping[str, float], draws: Resampled) -> tuple[float, Array]:
    with np.errstate(all="ignore"):
        return float(combine(means)), np.broadcast_to(
            np.asarray(combine(draws.means), dtype=np.float64), _shape(draws)
        )


def _shape(draws: Resampled) -> tuple[int, ...]:
    return next(iter(draws.means.values())).shape
