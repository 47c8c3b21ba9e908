"""How easily a claim would pass by chance: its p-value, from the draws that made its interval."""

from __future__ import annotations

import math

from circuitlang.plan.measures.base import Combine, Statistic
from circuitlang.score.bootstrap import proportion_level
from circuitlang.score.estimand import Sampled
from circuitlang.score.verdict import Interval


def p_value(statistic: Statistic, sampled: Sampled, wanted: Interval, n: int) -> float:
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
        at_least = _at_least(statistic, sampled, wanted.low, n)
    if math.isfinite(wanted.high):
        at_most = _at_most(statistic, sampled, wanted.high, n)
    return max(at_least, at_most)


def _at_least(statistic: Statistic, sampled: Sampled, bound: float, n: int) -> float:
    def one(combine: Combine) -> float:
        found = sampled[combine]
        if statistic.proportion:
            exact = proportion_level(round(found.value * n, 9), n, bound)
            return max(exact, found.at_least(bound))
        if not statistic.absolute:
            return found.at_least(bound)
        if bound <= 0:
            return 0.0
        size = found.mirrored() if found.value < 0 else found
        return min(1.0, size.at_least(bound) + size.at_least(-bound))

    if statistic.fold == "mean":
        return one(statistic.average)
    chances = [one(combine) for combine in statistic.parts.values()]
    return _some(chances) if statistic.fold == "max" else max(chances)


def _at_most(statistic: Statistic, sampled: Sampled, bound: float, n: int) -> float:
    def one(combine: Combine) -> float:
        found = sampled[combine]
        below = found.at_most(bound)
        if statistic.proportion:
            return max(proportion_level(round((1 - found.value) * n, 9), n, 1 - bound), below)
        if not statistic.absolute:
            return below
        return 1.0 if bound < 0 else max(below, found.at_least(-bound))

    if statistic.fold == "mean":
        return one(statistic.average)
    chances = [one(combine) for combine in statistic.parts.values()]
    return _some(chances) if statistic.fold == "min" else max(chances)


def _some(chances: list[float]) -> float:
    return min(1.0, len(chances) * min(chances))
