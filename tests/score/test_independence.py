from __future__ import annotations

from itertools import permutations
from math import exp
from statistics import median

import numpy as np
import pytest
from scipy import stats

from circuitlang.score.hypothesis import independence

SIX = [0.1, 1.4, 0.9, -0.7, 2.2, 0.3]


def hsic(x: list[float], y: list[float]) -> float:
    """tr(K H L H) / (n − 1)², written out, with σ the median of the cross distances."""
    n = len(x)
    sigma = median(abs(a - b) for a in x for b in y)

    def centred(z: list[float]) -> list[list[float]]:
        kernel = [[exp(-((a - b) ** 2) / (2 * sigma**2)) for b in z] for a in z]
        rows = [sum(row) / n for row in kernel]
        whole = sum(rows) / n
        return [[kernel[i][j] - rows[i] - rows[j] + whole for j in range(n)] for i in range(n)]

    k, m = centred(x), centred(y)
    return sum(k[i][j] * m[j][i] for i in range(n) for j in range(n)) / (n - 1) ** 2


@pytest.mark.parametrize(
    "other",
    [
        [2 * a + 1 for a in SIX],
        [a**2 for a in SIX],
        [0.4, -1.0, 0.2, 0.8, 0.1, -0.3],
        [1.0, 0.0, 0.0, 0.0, 0.0, 2.0],
    ],
    ids=["line", "square", "unrelated", "ties"],
)
def test_every_permutation_by_hand(other: list[float]) -> None:
    """All 720 of them give the p-value that draws tend to."""
    observed = hsic(SIX, other)
    every = [hsic(SIX, list(order)) >= observed * (1 - 1e-9) for order in permutations(other)]
    exact, draws = sum(every) / len(every), 10_000
    found = independence(SIX, other, draws, 3)
    assert found is not None
    assert found == pytest.approx(exact, abs=4 * (exact * (1 - exact) / draws) ** 0.5 + 1 / draws)


def test_a_dependence_that_no_correlation_sees_is_found() -> None:
    x = np.linspace(-1, 1, 60)
    y = x**2
    assert stats.pearsonr(x, y).pvalue > 0.9
    assert independence(list(x), list(y), 999, 0) == 1 / 1000


def test_independent_scores_are_rejected_as_often_as_the_level_says() -> None:
    runs, rng = 200, np.random.default_rng(11)
    pairs = rng.normal(size=(runs, 2, 30)).tolist()
    found = [independence(x, y, 99, i) or 0.0 for i, (x, y) in enumerate(pairs)]
    rejected = sum(p <= 0.1 for p in found)
    assert stats.binomtest(rejected, runs, 0.1).pvalue > 0.001


def test_p_is_never_zero_and_depends_on_the_seed_alone() -> None:
    x = [float(i) for i in range(40)]
    assert independence(x, x, 99, 5) == 1 / 100
    y = [float(i * 7 % 40) for i in range(40)]
    assert independence(x, y, 500, 5) == independence(x, y, 500, 5)
    assert independence(x, y, 500, 5) != independence(x, y, 500, 6)


def test_a_constant_depends_on_nothing() -> None:
    assert independence(SIX, [4.0] * 6, 99, 0) == 1.0


def test_equal_scores_have_no_kernel() -> None:
    assert independence([1.0] * 6, [1.0] * 6, 99, 0) is None
