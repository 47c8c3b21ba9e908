"""Two intervals for a ratio of means that share nothing with the bootstrap but the data."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import stats

from circuitlang.score.verdict import Interval

Array = npt.NDArray[np.float64]


def fieller(top: Array, bottom: Array, confidence: float) -> Interval:
    """The values r for which mean(top − r · bottom) = 0 is not rejected (Fieller 1954)."""
    n = len(top)
    t2 = stats.t.ppf(0.5 + confidence / 2, n - 1) ** 2 / n
    a, b = top.mean(), bottom.mean()
    (saa, sab), (_, sbb) = np.cov(top, bottom)
    # (a − r b)² <= t² (saa − 2 r sab + r² sbb) is a quadratic in r.
    qa, qb, qc = b * b - t2 * sbb, a * b - t2 * sab, a * a - t2 * saa
    root = math.sqrt(qb * qb - qa * qc)
    return Interval((qb - root) / qa, (qb + root) / qa)


def delta(top: Array, bottom: Array, confidence: float) -> Interval:
    """Normal interval from the linearised ratio (delta method)."""
    ratio = top.mean() / bottom.mean()
    spread = np.std(top - ratio * bottom, ddof=1) / abs(bottom.mean()) / math.sqrt(len(top))
    half = float(stats.norm.ppf(0.5 + confidence / 2) * spread)
    return Interval(ratio - half, ratio + half)
