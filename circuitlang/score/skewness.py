"""Intervals that lean as far as their data do: Student's t, and Hall's correction for skewness.

A right-skewed sample that lacks its tail by chance has a small mean and a small spread at once, so
that t has a long left tail, and percentile and t intervals end too low; see
docs/design/012-calibration.md for how often.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from circuitlang.plan.measures.base import Combine, Means
from circuitlang.score.verdict import Interval

Array = npt.NDArray[np.float64]

# A spread of this share of the numbers that it is the spread of is rounding.
_ROUNDING = 1e-12
# The curvature is taken over this many standard errors either way.
_STEP = 0.1


class Units(NamedTuple):
    """What was resampled: by label, the sum of each unit's numbers, shape (units,); how many
    examples a unit has; and the stratum that each unit is of, counted from 0."""

    sums: Mapping[str, Array]
    sizes: Array
    strata: npt.NDArray[np.intp]


class Law(NamedTuple):
    """That t + bend t² + bend² t³ / 3 + shift has Student's distribution, where t = (estimate −
    truth) / error (Hall 1992, "On the removal of skewness by transformation", J. R. Stat. Soc. B
    54, sec. 2). The cubic rises everywhere, so every bound has one p-value.

    It is an expansion about t = 0, and flat at t = −1 / bend. Where few units lean far it would
    have to be followed across that point, into ends several times as far out as Student's that
    nothing in the sample speaks for; a law says nothing beyond its flat point.
    """

    bend: float
    shift: float

    def tie(self, t: float) -> float:
        if self.bend * t < -1:
            return math.copysign(math.inf, t)
        return t + self.bend * t * t + self.bend**2 * t**3 / 3 + self.shift

    def untie(self, y: float) -> float:
        y -= self.shift
        if abs(self.bend * y) < 1e-6:
            return y - self.bend * y * y
        return (math.cbrt(max(0.0, 1 + 3 * self.bend * y)) - 1) / self.bend


class Skewed(NamedTuple):
    """An estimate with a standard ``error`` of ``freedom`` degrees, and the laws that its t may
    have: one with the skewness of the sample and one without, because a symmetric sample with
    outliers looks skewed too, to either side by chance. Of a plain mean the second is Student's."""

    error: float
    freedom: int
    laws: tuple[Law, ...]

    def interval(self, value: float, confidence: float) -> Interval:
        """What either law leaves possible."""
        t = -float(special.stdtrit(self.freedom, (1 - confidence) / 2))
        low = value - self.error * max(law.untie(t) for law in self.laws)
        high = value - self.error * min(law.untie(-t) for law in self.laws)
        return Interval(float(low), float(high))

    def level(self, value: float, bound: float) -> float:
        """The p-value of "at least ``bound``": the smallest a for which the interval at confidence
        1 − 2a starts at or above the bound."""
        t = (value - bound) / self.error
        least = min(law.tie(t) for law in self.laws)
        return float(special.stdtr(self.freedom, -least))

    def mirrored(self) -> Skewed:
        """The same of the negative of the estimate."""
        return self._replace(laws=tuple(Law(-law.bend, -law.shift) for law in self.laws))


class Neighbours:
    """The means that the sample would have if it leaned a little towards one of its units."""

    def __init__(self, units: Units) -> None:
        labels = sorted(units.sums)
        self._labels = labels
        rows = np.vstack([*(units.sums[label] for label in labels), units.sizes])
        self._count = rows.shape[1]
        members = np.bincount(units.strata)
        centres = np.zeros((len(rows), len(members)))
        np.add.at(centres.T, units.strata, rows.T)
        self._away = rows - (centres / members)[:, units.strata]  # (labels + 1, units)
        self._centre = rows.mean(axis=1)
        self._scale = np.abs(rows).max(axis=1)
        size = members[units.strata].astype(np.float64)
        self._freedom = self._count - len(members)
        # Of a unit's square, and cube, in unbiased central moments of its stratum.
        self._square = size / np.maximum(size - 1, 1)
        self._cube = np.where(
            size > 2,
            size**2 / np.maximum((size - 1) * (size - 2), 1),
            size / np.maximum(size - 1, 1),
        )
        step = self._away / self._count
        self._more = self._means(self._centre[:, None] + step)
        self._less = self._means(self._centre[:, None] - step)

    def skewed(self, combine: Combine) -> Skewed | None:
        """How the combined estimate is skewed; None where it has no spread, or none can be told.

        The influence of each unit and the bias are differences of the estimate on means that lean
        towards the unit by 1 / units; the curvature is one along the direction of least favour
        (DiCiccio & Efron 1992, "More accurate confidence intervals in exponential families",
        sec. 2). A plain mean has neither bias nor curvature.
        """
        n = self._count
        with np.errstate(all="ignore"):
            value = _number(combine(self._means(self._centre)))
            more, less = (
                np.asarray(combine(side), np.float64) for side in (self._more, self._less)
            )
            pull = np.broadcast_to((more - less) / 2, (n,))
            error = math.sqrt(float((self._square * pull**2).sum()))
            if not error > _ROUNDING * (abs(value) + self._size(combine)):
                return None
            third = float((self._cube * (pull / error) ** 3).sum())
            bias = float((self._square * (more + less - 2 * value)).sum()) / 2 / error
            least = self._away @ (self._square * pull) / n / error
            ahead, behind = (
                _number(combine(self._means(self._centre + sign * _STEP * least)))
                for sign in (1, -1)
            )
            curve = (ahead + behind - 2 * value) / (2 * _STEP**2 * error)
        laws = (Law(third / 3 + curve, third / 6 + curve - bias), Law(curve, curve - bias))
        if not all(map(math.isfinite, laws[0])):
            return None
        return Skewed(error, self._freedom, laws)

    def _means(self, rows: Array) -> Means:
        return {label: rows[i] / rows[-1] for i, label in enumerate(self._labels)}

    def _size(self, combine: Combine) -> float:
        """How large the combined number could be, for what its rounding is."""
        found = _number(combine(self._means(self._scale)))
        return abs(found) if math.isfinite(found) else 0.0


def _number(found: object) -> float:
    return float(np.asarray(found, np.float64))
