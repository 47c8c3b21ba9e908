"""How much of an error rate each of several looks at growing data may spend.

A statistic that is looked at as examples come in is, after standardizing and for large samples, a
Brownian motion seen at the information fractions t_1 < ... < t_K = 1: with S_k = sqrt(t_k) Z_k, the
increments of S are independent and normal with variances t_k - t_(k-1) (Jennison & Turnbull 2000,
ch. 11). Everything here is about the upper side alone; the lower one is its mirror.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from circuitlang.plan.looks import spent

Array = npt.NDArray[np.float64]

# Levels above this are not told apart: the boundaries of two levels never cross as long as
# isf(level / 2) > 1, which is up to a level of 0.317.
RESOLVED = 0.3
# The range of Z on which densities are kept: what lies outside has a probability below 1e-15 from
# below, where it could hardly cross any more, and below 1e-43 from above.
_LOW, _HIGH = -8.0, 14.0
# Gauss-Legendre nodes on each stretch of this width, for densities as narrow as a tenth of it.
_WIDTH, _NODES = 0.5, 10


@lru_cache(maxsize=256)
def boundaries(level: float, fractions: tuple[float, ...]) -> tuple[float, ...]:
    """The bounds b_k on Z_k for which P(some Z_j >= b_j, j <= k) = spent(level, t_k) under a true
    value of zero, by the recursive integration of Armitage, McPherson & Rowe (1969).

    ``fractions`` ascend to 1. A bound is infinite where what may be spent is no number any more.
    """
    return _boundaries(level, fractions)


def _boundaries(level: float, fractions: tuple[float, ...]) -> tuple[float, ...]:
    found: list[float] = []
    state: _State | None = None
    now = used = 0.0
    for fraction in fractions:
        step, target = fraction - now, spent(level, fraction) - used
        bound = _bound(state, step, fraction, target)
        state = _next(state, step, fraction, bound)
        now, used = fraction, used + target
        found.append(bound)
    return tuple(found)


def crossing(bounds: Sequence[float], fractions: Sequence[float]) -> tuple[float, ...]:
    """The probability, under a true value of zero, that the first bound to be reached is that of
    look k: one number a look."""
    found: list[float] = []
    state: _State | None = None
    now = 0.0
    for bound, fraction in zip(bounds, fractions, strict=True):
        step = fraction - now
        found.append(_beyond(state, step, bound * math.sqrt(fraction)))
        state, now = _next(state, step, fraction, bound), fraction
    return tuple(found)


def nominal_levels(level: float, fractions: tuple[float, ...]) -> tuple[float, ...]:
    """The one-sided level at which each look alone is to be judged."""
    if len(fractions) == 1:
        return (level,)
    return tuple(_sf(bound) for bound in boundaries(level, fractions))


def sequential_p(chances: Sequence[float], fractions: tuple[float, ...]) -> float:
    """The smallest overall level at which looks with these one-sided nominal p-values would have
    rejected at or before the last of them (Liu & Anderson 2008, JASA 103).

    ``chances`` are of the first looks of ``fractions``, all looks that were declared. It is a
    p-value whatever made the looks stop. Above 0.3 it is 1, so nothing is claimed that would need
    boundaries of different levels not to cross there.
    """
    if len(fractions) == 1:
        return float(chances[0])
    scores = [_isf(p) for p in chances]

    def margin(z: float) -> float:
        bounds = _boundaries(_sf(z), fractions[: len(scores)])
        return max(score - bound for score, bound in zip(scores, bounds, strict=True))

    least = min(chances)
    if least <= 0:
        return 0.0
    easy, hard = _isf(RESOLVED), max(scores)
    if hard <= easy or margin(easy) < 0:
        return 1.0
    # No look may be judged at more than the overall level, so that is at least the least p.
    if margin(hard) >= 0:
        return float(least)
    return _sf(float(optimize.brentq(margin, easy, hard, xtol=1e-12)))


def _sf(z: float) -> float:
    return float(special.ndtr(-z))


def _isf(chance: float) -> float:
    return float(-special.ndtri(chance))


class _State(NamedTuple):
    """The density of S, where no bound has been reached, times the weights of a quadrature on the
    ``nodes``."""

    nodes: Array
    mass: Array


def _beyond(state: _State | None, step: float, bound: float) -> float:
    """The probability that S, ``step`` later, is at or above ``bound`` for the first time."""
    if state is None:
        return _sf(bound / math.sqrt(step))
    return float(state.mass @ special.ndtr((state.nodes - bound) / math.sqrt(step)))


def _bound(state: _State | None, step: float, fraction: float, target: float) -> float:
    """The bound on Z that is reached for the first time with probability ``target``."""
    if target < 1e-300:
        return math.inf
    if state is None:
        return _isf(target)
    scale = math.sqrt(fraction)

    def excess(z: float) -> float:
        return math.log(max(_beyond(state, step, z * scale), 1e-307) / target)

    return float(optimize.brentq(excess, _LOW, 40.0, xtol=1e-12))


def _next(state: _State | None, step: float, fraction: float, bound: float) -> _State:
    scale = math.sqrt(fraction)
    nodes, weights = _quadrature(min(max(bound, _LOW + _WIDTH), _HIGH))
    nodes, weights = nodes * scale, weights * scale
    width = math.sqrt(step)
    if state is None:
        density = np.exp(-((nodes / width) ** 2) / 2) / (width * math.sqrt(2 * math.pi))
    else:
        apart = (nodes[:, None] - state.nodes) / width
        density = np.exp(-apart * apart / 2) @ state.mass / (width * math.sqrt(2 * math.pi))
    return _State(nodes, weights * density)


def _quadrature(high: float) -> tuple[Array, Array]:
    """Nodes and weights of a composite Gauss-Legendre rule from the least Z that counts to
    ``high``."""
    edges = np.linspace(_LOW, high, math.ceil((high - _LOW) / _WIDTH) + 1)
    points, weights = np.polynomial.legendre.leggauss(_NODES)
    half = np.diff(edges)[:, None] / 2
    middle = (edges[1:] + edges[:-1])[:, None] / 2
    return (middle + half * points).ravel(), (half * weights).ravel()
