"""One number of a sample, with everything that its interval and its p-value are made of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

import numpy as np

from circuitlang.plan.measures.base import Combine
from circuitlang.score.bootstrap import (
    DRAW,
    Array,
    Resampled,
    level,
    percentile_interval,
    spread_interval,
)
from circuitlang.score.skewness import Neighbours, Skewed
from circuitlang.score.verdict import Interval


class Estimand(NamedTuple):
    """An estimate, its resampled values ``drawn`` as ``like`` says, shape (resamples,), and how it
    is ``skewed``; None where nothing was resampled or no spread is seen."""

    value: float
    drawn: Array
    like: Resampled
    skewed: Skewed | None

    def interval(self, confidence: float) -> Interval:
        """The outermost ends of the bootstrap's interval and of Hall's, with the skewness of the
        sample and without. The first and the last end too soon on the long side of skewed data, the
        first two where a symmetric sample has outliers. The estimate lies in it."""
        value = self.value
        if not (math.isfinite(value) and np.isfinite(self.drawn).all()):
            return Interval(-math.inf, math.inf)
        if self.like.unit == DRAW:
            return spread_interval(self.drawn, value, confidence)
        low, high = percentile_interval(self.drawn, value, confidence, self.like)
        if self.skewed is not None:
            leaning = self.skewed.interval(value, confidence)
            low, high = min(low, leaning.low), max(high, leaning.high)
        return Interval(low, high)

    def at_least(self, bound: float) -> float:
        """The p-value of "at least ``bound``", which turns the interval round."""
        drawn = level(self.drawn, self.value, bound, self.like)
        if self.skewed is None:
            return drawn
        return max(drawn, self.skewed.level(self.value, bound))

    def at_most(self, bound: float) -> float:
        return self.mirrored().at_least(-bound)

    def apart_from_zero(self) -> float:
        """The two-sided p-value of "it is zero", which turns the interval round; of what is zero in
        every resample, 1."""
        if not self.value and not self.drawn.any():
            return 1.0
        return min(1.0, 2 * min(self.at_least(0.0), self.at_most(0.0)))

    def mirrored(self) -> Estimand:
        """The negative of the number."""
        skewed = None if self.skewed is None else self.skewed.mirrored()
        return Estimand(-self.value, -self.drawn, self.like, skewed)


class Sampled:
    """The means of a sample, resampled, for any number of estimates to be made of."""

    def __init__(self, means: Mapping[str, float], draws: Resampled, proportion: bool) -> None:
        self.means, self.draws = means, draws
        self._lean = draws.sample is not None and not proportion
        self._found: dict[Combine, Estimand] = {}

    @cached_property
    def _neighbours(self) -> Neighbours | None:
        return Neighbours(self.draws.sample) if self.draws.sample is not None else None

    def __getitem__(self, combine: Combine) -> Estimand:
        if combine not in self._found:
            self._found[combine] = self._combined(combine)
        return self._found[combine]

    def _combined(self, combine: Combine) -> Estimand:
        shape = next(iter(self.draws.means.values())).shape
        with np.errstate(all="ignore"):
            value = float(combine(self.means))
            drawn = np.broadcast_to(np.asarray(combine(self.draws.means), np.float64), shape)
        skewed = None
        if self._lean and self._neighbours is not None:
            skewed = self._neighbours.skewed(combine)
        return Estimand(value, drawn, self.draws, skewed)
