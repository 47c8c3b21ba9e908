"""Areas over circuit sizes: what a ranking of edges is worth at every size at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

# The shares of the model's edges at which MIB evaluates a ranking (Mueller et al. 2025,
# arXiv:2504.13151, circuit localization track). There is no point at 0.
GRID: tuple[float, ...] = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


def cpr(faithfulness: Sequence[float], grid: Sequence[float] = GRID) -> float:
    """The integrated circuit performance ratio: the area under f(k), large is good.

    ``faithfulness`` holds f = (F(C_k) − F(∅)) / (F(M) − F(∅)), a ratio of means, for the circuit
    C_k of the share k of edges that rank highest by signed score; one number for each k of
    ``grid``. The area is that of the trapezoid rule from the first k to the last. As the grid
    begins at 0.001, a ranking that is perfect at every size has 0.999 and not 1, and one that
    recovers nothing up to half of the edges and everything at the end 0.25. An f above 1 counts as
    more.

    Raises ValueError for numbers that do not match the grid or are not finite, and for a grid that
    does not ascend within (0, 1].
    """
    return _area(_checked(faithfulness, grid), grid)


def cmd(faithfulness: Sequence[float], grid: Sequence[float] = GRID) -> float:
    """The integrated circuit-model distance: the area of |1 − f(k)|, small is good.

    As `cpr`, but the edges of C_k are ranked by the size of their scores, and an f above 1 is as
    far from the model as one below it. A perfect ranking has 0, one that recovers nothing up to
    half of the edges 0.749. The trapezoid rule is applied to the distances on the grid, so that a
    curve which crosses 1 between two sizes is given no credit for that.
    """
    return _area([abs(1 - f) for f in _checked(faithfulness, grid)], grid)


def _checked(values: Sequence[float], grid: Sequence[float]) -> Sequence[float]:
    if len(values) != len(grid):
        raise ValueError(f"{len(values)} numbers for {len(grid)} sizes")
    if len(grid) < 2 or not grid[0] > 0 or grid[-1] > 1 or list(grid) != sorted(set(grid)):
        raise ValueError("sizes have to ascend within (0, 1], two of them at least")
    if not all(map(math.isfinite, values)):
        raise ValueError("a faithfulness is not a finite number")
    return values


def _area(values: Sequence[float], grid: Sequence[float]) -> float:
    points = list(zip(grid, values, strict=True))
    return math.fsum((k - j) * (f + e) / 2 for (j, e), (k, f) in pairwise(points))
