"""Tests of a hypothesis on the prompts themselves, whose value is a p-value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

# Shi et al. (2024): how far from one half the share of prompts may be.
TOLERANCE = 0.1
# A difference of this share of what is compared is rounding, and the prompt a tie.
_ROUNDING = 1e-5


class Tested(NamedTuple):
    """``wins`` of the ``n`` prompts that are not ties; ``least`` is the smallest p that n prompts
    could have given."""

    p: float
    least: float
    wins: int
    n: int


def equivalence(circuit: Sequence[float], model: Sequence[float]) -> Tested:
    """The p-value of H0: |P(D > 0) − 1/2| < 0.1, D = s(C) − s(M), from n scores each.

    With k of n prompts won, p = Σ_j C(n, j) 0.6^j 0.4^(n−j) over the j with
    |j/n − 1/2| ≥ |k/n − 1/2| (Shi et al. 2024, arXiv:2410.13032, equivalence test). The statistic
    is the share of prompts, not the mean of D. Ties speak for neither and are left out, as in the
    sign test (Dixon & Mood 1946); where all are ties, p is 1. Prompts count as independent.
    """
    kept, whole = np.asarray(circuit, np.float64), np.asarray(model, np.float64)
    apart = kept - whole
    apart = apart[np.abs(apart) > _ROUNDING * (np.abs(kept) + np.abs(whole))]
    n, wins = len(apart), int((apart > 0).sum())
    return Tested(_at_least_as_far(wins, n), _at_least_as_far(0, n), wins, n)


def _at_least_as_far(wins: int, n: int) -> float:
    """Whole numbers are compared, so that a share on the edge is never lost to rounding."""
    counts = np.arange(n + 1)
    far = np.abs(2 * counts - n) >= abs(2 * wins - n)
    return min(1.0, float(stats.binom.pmf(counts[far], n, 0.5 + TOLERANCE).sum()))
