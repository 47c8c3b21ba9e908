"""From per-example numbers to an estimate with an interval, as a measure's statistic says."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from circuitlang.circuit.circuit import Policy
from circuitlang.plan.measures.base import Combine, Statistic
from circuitlang.score.bootstrap import Array, proportion_interval, resample, simulated
from circuitlang.score.chance import p_value
from circuitlang.score.estimand import Sampled
from circuitlang.score.family import benjamini_hochberg
from circuitlang.score.verdict import Interval, Measured, Part

Values = Mapping[str, Sequence[float]]


@dataclass(frozen=True)
class Estimation:
    """``estimate`` is None where ``reasons`` say why there is none; ``void`` is why a share of the
    ``denominator`` means nothing. ``units`` of kind ``unit`` were resampled. ``p`` is the p-value
    of what was ``wanted``."""

    estimate: Measured | None
    parts: tuple[Part, ...] = ()
    inputs: Mapping[str, Measured] = field(default_factory=dict)
    method: str = ""
    unit: str = "example"
    units: int = 0
    reasons: tuple[str, ...] = ()
    denominator: Measured | None = None
    void: str | None = None
    p: float | None = None


def estimate(
    statistic: Statistic,
    values: Values,
    clusters: Sequence[str],
    policy: Policy,
    bound: float = 0.0,
    wanted: Interval | None = None,
) -> Estimation:
    """The statistic of the means of ``values``, with bootstrap intervals corrected for skewness.

    ``values`` holds n finite numbers a label, n at least 5. ``bound`` is what parts are classified
    against, ``wanted`` the values that a claim permits.

    A minimum or maximum over parts has the interval [fold of the lows, fold of the highs]. A claim
    that every part lies beyond a bound then passes exactly if every part's own interval does: an
    intersection-union test, which keeps its level without a correction for the number of parts
    (Berger 1982).
    """
    draws = (
        simulated(values)
        if statistic.simulated
        else resample(values, clusters, policy.resamples, policy.seed)
    )
    means = {label: np.float64(math.fsum(v) / len(v)) for label, v in values.items()}

    sampled = Sampled(means, draws, statistic.proportion)

    def measured(combine: Combine) -> Measured:
        found = sampled[combine]
        return Measured(found.value, found.interval(policy.confidence))

    inputs = {name: measured(combine) for name, combine in statistic.inputs.items()}
    common = Estimation(None, (), inputs, draws.method, draws.unit, draws.units)
    if statistic.denominator is not None:
        below = measured(statistic.denominator)
        common = replace(common, denominator=below)
        if reason := _unusable(below, statistic.positive):
            return replace(common, reasons=(reason,), void=reason)

    def part(combine: Combine) -> Measured:
        found = measured(combine)
        if not statistic.proportion or not math.isfinite(found.value):
            return found
        n, (low, high) = len(clusters), found.interval
        exact = proportion_interval(round(found.value * n, 9), n, policy.confidence)
        return Measured(found.value, Interval(min(low, exact.low), max(high, exact.high)))

    parts = tuple(
        Part(
            name,
            signed := part(combine),
            _category(statistic, signed, bound),
            {key: measured(one) for key, one in statistic.part_inputs.get(name, {}).items()},
            statistic.members.get(name, ()),
            statistic.searched.get(name),
        )
        for name, combine in statistic.parts.items()
    )
    if any(not math.isfinite(x) for p in parts for x in (p.estimate.value, *p.estimate.interval)):
        return replace(common, reasons=("some resamples divide by zero: too few examples",))
    if statistic.explores:
        chances = [sampled[combine].apart_from_zero() for combine in statistic.parts.values()]
        adjusted = benjamini_hochberg(chances)
        parts = tuple(
            replace(part, p=chance, adjusted=share)
            for part, chance, share in zip(parts, chances, adjusted, strict=True)
        )
    if statistic.fold == "mean":
        whole = part(statistic.average)
    else:
        whole = _folded(statistic, tuple(part.estimate for part in parts))
    p = None if wanted is None else p_value(statistic, sampled, wanted, len(clusters))
    parts = parts if statistic.fold != "only" else ()
    return replace(common, estimate=whole, parts=parts, p=p)


def influence(statistic: Statistic, values: Values) -> Array:
    """How much each example raises the estimate: the estimate on all n examples less the one
    without that example (the jackknife's influence values); shape (n,)."""
    arrays = {label: np.asarray(v, dtype=np.float64) for label, v in values.items()}
    n = len(next(iter(arrays.values())))
    with np.errstate(all="ignore"):
        full = {label: v.mean() for label, v in arrays.items()}
        without = {label: (v.sum() - v) / (n - 1) for label, v in arrays.items()}
        return np.asarray(point(statistic, full) - point(statistic, without))


def point(statistic: Statistic, means: Mapping[str, Array]) -> Array:
    """The statistic of the means, or of each of an array of them; no interval."""
    stack = np.array([combine(means) for combine in statistic.parts.values()])
    stack = np.abs(stack) if statistic.absolute else stack
    match statistic.fold:
        case "min":
            return np.asarray(stack.min(axis=0))
        case "max":
            return np.asarray(stack.max(axis=0))
        case _:
            return np.asarray(stack.mean(axis=0))


def _unusable(denominator: Measured, positive: bool) -> str | None:
    value, (low, high) = denominator
    shown = f"{value:.3g} [{low:.3g}, {high:.3g}]"
    if low <= 0 <= high:
        return f"the denominator is {shown}, which may be zero: a share of it has no meaning"
    if positive and high < 0:
        return f"the denominator is {shown}: a share of a negative F(M) has no meaning"
    return None


def _category(statistic: Statistic, signed: Measured, bound: float) -> str | None:
    return statistic.classify(*signed.interval, bound) if statistic.classify else None


def _folded(statistic: Statistic, parts: Sequence[Measured]) -> Measured:
    if statistic.absolute:
        parts = [absolute(part) for part in parts]
    fold = max if statistic.fold == "max" else min
    return Measured(
        fold(part.value for part in parts),
        Interval(
            fold(part.interval.low for part in parts), fold(part.interval.high for part in parts)
        ),
    )


def absolute(signed: Measured) -> Measured:
    """The size of a signed number; the interval reaches down to zero where it holds zero."""
    value, (low, high) = signed
    sizes = sorted((abs(low), abs(high)))
    return Measured(abs(value), Interval(0.0 if low <= 0 <= high else sizes[0], sizes[1]))
