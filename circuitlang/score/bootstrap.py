"""The paired bootstrap: means over examples, redone on resampled examples.

The unit is the prompt pair, and every label sees the same draw (Efron & Tibshirani 1993, ch. 8).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from circuitlang.score.skewness import Units
from circuitlang.score.verdict import Interval

Array = npt.NDArray[np.float64]

# From so many templates on, they are resampled themselves; with fewer, examples within each.
MIN_CLUSTERS = 8
# Counts held at a time; 16 MiB as float64, and twice that while they are drawn.
_CHUNK = 2_000_000
_STREAM = 0x626F6F74
# The unit of what is drawn by chance and not from examples.
DRAW = "draw"
# With fewer draws than this beyond a bound, their share is read off a normal tail.
_RESOLVED = 5


class Resampled(NamedTuple):
    """``means`` holds, by label, one mean a resample: shape (resamples,). ``units`` were drawn
    from ``strata`` groups; ``sample`` is what they were drawn from, None where nothing was."""

    means: Mapping[str, Array]
    units: int
    strata: int
    unit: str
    method: str
    sample: Units | None = None


def resample(
    values: Mapping[str, Sequence[float]],
    clusters: Sequence[str],
    resamples: int,
    seed: int,
) -> Resampled:
    """Means of every label over resampled examples, the same examples for all labels.

    With 8 or more clusters (templates), clusters are drawn with replacement, each with all its
    examples: the one-stage cluster bootstrap (Davison & Hinkley 1997, sec. 3.8). With 2 to 7, too
    few to resample, examples are drawn within each cluster, so that the result speaks of these
    templates only; if one of them has a single example, and hence no spread of its own, examples
    are drawn from all. With one cluster, plainly.

    ``values`` maps labels to n numbers each, all finite, n at least 2. The draws depend on
    ``seed``, n and ``clusters`` alone: a label has the same resampled means in every claim that
    reads it. Memory is bounded: counts of (resamples, n) are drawn in chunks.
    """
    labels = sorted(values)
    matrix = np.array([values[label] for label in labels], dtype=np.float64)  # (labels, n)
    names, codes = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    n, groups = matrix.shape[1], len(names)
    sizes = np.bincount(codes, minlength=groups)
    ones = np.ones(n)

    if groups >= MIN_CLUSTERS:
        sums = np.zeros((len(labels), groups))
        np.add.at(sums.T, codes, matrix.T)
        sample = _units(labels, sums, sizes.astype(np.float64), np.zeros(groups, np.intp))
        strata, unit = 1, "template"
        method = f"bootstrap over {groups} templates"
    elif groups > 1 and sizes.min() > 1:
        sample = _units(labels, matrix, ones, codes.astype(np.intp))
        strata, unit = groups, "example"
        method = f"bootstrap over examples within {groups} templates"
    else:
        sample = _units(labels, matrix, ones, np.zeros(n, np.intp))
        strata, unit, method = 1, "example", "bootstrap over examples"
    totals = _totals(np.vstack([*sample.sums.values(), sample.sizes]), sample, resamples, seed)
    means = totals[:, :-1] / totals[:, -1:]
    return Resampled(
        dict(zip(labels, means.T, strict=True)),
        len(sample.sizes),
        strata,
        unit,
        f"{method}, {resamples} draws",
        sample,
    )


def _units(labels: Sequence[str], sums: Array, sizes: Array, strata: npt.NDArray[np.intp]) -> Units:
    return Units(dict(zip(labels, sums, strict=True)), sizes, strata)


def simulated(values: Mapping[str, Sequence[float]]) -> Resampled:
    """Numbers that are draws of chance already: nothing is to be resampled."""
    means = {label: np.asarray(drawn, dtype=np.float64) for label, drawn in values.items()}
    n = len(next(iter(means.values())))
    return Resampled(means, n, 1, DRAW, f"where {n} random draws lie")


def spread_interval(draws: Array, value: float, confidence: float) -> Interval:
    """Where the next draw would lie: from the k-th smallest of n to the k-th largest, with
    k = ⌊(n + 1)(1 − confidence) / 2⌋. The chance that the next one is below the k-th of n is
    k / (n + 1), whatever the distribution; no bounds where n is too small for k = 1."""
    k = math.floor(round((len(draws) + 1) * (1 - confidence) / 2, 9))
    if k < 1:
        return Interval(-math.inf, math.inf)
    ordered = np.sort(draws)
    return Interval(min(float(ordered[k - 1]), value), max(float(ordered[-k]), value))


def percentile_interval(draws: Array, value: float, confidence: float, like: Resampled) -> Interval:
    """The expanded percentile interval (Hesterberg 2015, arXiv:1411.5279), with the estimate in it.

    A bootstrap of u units in s strata is too narrow by sqrt((u − s) / u) and knows no t
    distribution; the tail is set to Φ(−sqrt(u / (u − s)) t) to make up for both. The difference is
    invisible from a few hundred examples on and matters with eight templates. Where less than one
    draw lies beyond an end, it is that of the normal tail of `level`, if that reaches further.
    """
    freedom, stretch = _freedom(like)
    z = stretch * -float(special.stdtrit(freedom, (1 - confidence) / 2))
    return Interval(_lower(draws, value, z), -_lower(-draws, -value, z))


def level(draws: Array, value: float, bound: float, like: Resampled) -> float:
    """The p-value of "at least ``bound``": the smallest a for which the interval at confidence
    1 − 2a starts at or above the bound. "At most" is the same of the negatives.

    Beyond the outermost five draws a quantile says little; there the tail is continued as that of
    the normal distribution which has the same quantile at five draws. Where nothing was resampled,
    it is the chance that one more draw lies below the bound, (b + 1) / (n + 1) with b of n there.
    """
    if like.unit == DRAW:
        return float((np.sum(draws < bound) + 1) / (len(draws) + 1))
    if bound > value:
        return 1 - level(-draws, -value, -bound, like)
    freedom, stretch = _freedom(like)
    z = special.ndtri(_share_below(draws, value, bound))
    return float(special.stdtr(freedom, z / stretch))


def _lower(draws: Array, value: float, z: float) -> float:
    """What a draw lies below as rarely as a normal variable lies below -z; at most ``value``."""
    tail = float(special.ndtr(-z))
    low = min(float(np.quantile(draws, tail)), value)
    if tail * len(draws) >= 1:
        return low
    edge = _RESOLVED / len(draws)
    outer = min(float(np.quantile(draws, edge)), value)
    return min(low, value - (value - outer) * z / -float(special.ndtri(edge)))


def _freedom(like: Resampled) -> tuple[int, float]:
    """Degrees of freedom, and how much wider than its draws an interval has to be."""
    freedom = like.units - like.strata
    return freedom, float(np.sqrt(like.units / freedom))


def _share_below(draws: Array, value: float, bound: float) -> float:
    """The share of draws below ``bound``, which is at most ``value``; what `np.quantile` maps to
    the bound."""
    edge = _RESOLVED / len(draws)
    outer = float(np.quantile(draws, edge))
    if outer >= value:
        return 0.0
    if bound < outer:
        reach = (value - bound) / (value - outer)
        return float(special.ndtr(special.ndtri(edge) * reach))
    ordered = np.sort(draws)
    above = int(np.searchsorted(ordered, bound))
    if above in (0, len(ordered)):
        return edge if above == 0 else 1.0
    before, after = ordered[above - 1], ordered[above]
    place = above - 1 + (bound - before) / (after - before)
    return max(edge, float(place / (len(ordered) - 1)))


def proportion_level(hits: float, n: int, bound: float) -> float:
    """The exact p-value of "a share of at least ``bound``", in agreement with
    `proportion_interval`: that of so many hits or more, where the share is the bound."""
    if hits <= 0 or bound >= 1:
        return float(bound > 0)
    return float(special.betainc(hits, n - hits + 1, max(bound, 0.0)))


def proportion_interval(hits: float, n: int, confidence: float) -> Interval:
    """The exact binomial interval (Clopper & Pearson 1934): where all n examples agree, a
    bootstrap sees no spread at all, and would be certain after any number of them. Where examples
    have shares between 0 and 1, ``hits`` is their sum: no share of the same mean varies more than
    zeros and ones do."""
    alpha = 1 - confidence
    low = 0.0 if hits == 0 else float(special.betaincinv(hits, n - hits + 1, alpha / 2))
    high = 1.0 if hits == n else float(special.betaincinv(hits + 1, n - hits, 1 - alpha / 2))
    return Interval(low, high)


def _totals(weights: Array, sample: Units, resamples: int, seed: int) -> Array:
    """Sums of ``weights`` (rows, units) over units drawn with replacement within each stratum;
    shape (resamples, rows)."""
    drawn: Iterator[Array] | tuple[Array, ...]
    if resamples * len(sample.sizes) <= _CHUNK:
        drawn = _all_counts(sample.strata.tobytes(), resamples, seed)
    else:
        drawn = _counts(sample.strata, resamples, seed)
    return np.vstack([counts @ weights.T for counts in drawn])


@lru_cache(maxsize=4)
def _all_counts(strata: bytes, resamples: int, seed: int) -> tuple[Array, ...]:
    """The counts at once: claims of one file draw the same ones again and again."""
    return tuple(_counts(np.frombuffer(strata, dtype=np.intp), resamples, seed))


def _counts(strata: npt.NDArray[np.intp], resamples: int, seed: int) -> Iterator[Array]:
    """How often each unit was drawn in each resample, in chunks of shape (some, units)."""
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, _STREAM))))
    drawn_from = [np.flatnonzero(strata == stratum) for stratum in range(strata.max() + 1)]
    step = max(1, _CHUNK // len(strata))
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        counts = np.zeros((size, len(strata)))
        for members in drawn_from:
            picks = rng.integers(len(members), size=(size, len(members)))
            picks += np.arange(size)[:, None] * len(members)
            drawn = np.bincount(picks.ravel(), minlength=size * len(members))
            counts[:, members] = drawn.reshape(size, len(members))
        yield counts
