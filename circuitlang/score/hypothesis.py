"""Tests of a hypothesis on the prompts themselves: arithmetic from scores to a p-value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

from circuitlang.plan.hypothesis import QUANTILE
from circuitlang.score.bootstrap import Array

# Shi et al. (2024): how far from one half the share of prompts may be.
TOLERANCE = 0.1
# A difference of this share of what is compared is rounding, and the prompt a tie.
_ROUNDING = 1e-5
_STREAM = 0x68736963


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


def distance(one: Sequence[float], other: Sequence[float]) -> float:
    """mean (s − s′)² over n prompts (Shi et al. 2024, and their released code)."""
    apart = np.asarray(one, np.float64) - np.asarray(other, np.float64)
    return math.fsum(apart**2) / len(apart)


def more_often(wins: int, n: int) -> float:
    """The p-value of H0: P(win) ≤ 0.9, where ``wins`` of ``n`` were won: Σ_(j ≥ wins) C(n, j)
    0.9^j 0.1^(n−j) (Shi et al. 2024, sufficiency and partial necessity tests)."""
    return min(1.0, float(stats.binom.sf(wins - 1, n, QUANTILE)))


def less_often(wins: int, n: int) -> float:
    """The p-value of H0: P(win) ≥ 0.9: Σ_(j ≤ wins) C(n, j) 0.9^j 0.1^(n−j) (Shi et al. 2024,
    minimality test)."""
    return min(1.0, float(stats.binom.cdf(wins, n, QUANTILE)))


def independence(
    one: Sequence[float], other: Sequence[float], permutations: int, seed: int
) -> float | None:
    """The p-value of H0: the two scores of a prompt are independent, from n prompts.

    The statistic is HSIC = tr(K H L H) / (n − 1)², H = I − 1/n, with K and L the RBF kernels
    exp(−d² / 2σ²) of the n scores each, and σ the median of all |one_i − other_j| (Gretton et al.
    2007; Shi et al. 2024, independence test). With b of B random permutations of one side at
    least as large, p = (b + 1) / (B + 1) (Phipson & Smyth 2010): the permutation that nothing
    moved is one of them. The released code has b / B, which can be zero. ``seed`` determines the
    permutations. None where σ is zero: the kernels then have no width.

    Memory grows with n²: two arrays of 8 n² bytes.
    """
    x, y = np.asarray(one, np.float64), np.asarray(other, np.float64)
    sigma = float(np.median(np.abs(x[:, None] - y[None, :])))
    if sigma == 0:
        return None
    left, right = _factor(x, sigma), _factor(y, sigma)
    left -= left.mean(axis=0)
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, _STREAM))))

    def hsic(order: slice | np.ndarray[tuple[int], np.dtype[np.int64]]) -> float:
        return float(((left.T @ right[order]) ** 2).sum())

    # What differs from the observed value by rounding alone counts as equal; where one side is
    # constant, every value is rounding and nothing else.
    eps = float(np.finfo(np.float64).eps)
    rounding = (len(x) * eps) ** 2 * float((left**2).sum()) * float((right**2).sum())
    observed = hsic(slice(None)) * (1 - 1e-9) - rounding
    larger = sum(hsic(rng.permutation(len(x))) >= observed for _ in range(permutations))
    return (larger + 1) / (permutations + 1)


def _factor(scores: Array, sigma: float) -> Array:
    """F with F Fᵀ the RBF kernel of n numbers, of shape (n, rank): its eigenvalues fall so fast
    that the rank, to rounding, is a few dozen. tr(K H L H) is then ‖(H F_K)ᵀ F_L‖²."""
    kernel = np.exp(-((scores[:, None] - scores[None, :]) ** 2) / (2 * sigma**2))
    values, vectors = np.linalg.eigh(kernel)
    counts = values > values[-1] * len(scores) * np.finfo(np.float64).eps
    return np.asarray(vectors[:, counts] * np.sqrt(values[counts]))
