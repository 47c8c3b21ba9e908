"""Paired comparison of two circuits: a bootstrap interval and a permutation test.

Both circuits were run on the same prompts, so that what makes a prompt easy or hard cancels. The
unit is that of `circuitlang.score.bootstrap`: the template where there are eight or more, else the
prompt.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from circuitlang.circuit.circuit import Policy
from circuitlang.plan.measures.base import Combine, Mean, Statistic
from circuitlang.plan.observations import Observations
from circuitlang.plan.request import Evaluation
from circuitlang.plan.versus import Match, Runs
from circuitlang.score.bootstrap import (
    MIN_CLUSTERS,
    Array,
    Resampled,
    resample,
)
from circuitlang.score.estimand import Sampled
from circuitlang.score.estimate import estimate
from circuitlang.score.family import benjamini_hochberg
from circuitlang.score.verdict import Interval, Measured
from circuitlang.score.versus import Carried, Relation, Role, Versus, Witness

_STREAM = 0x7065726D
# Signs held at a time.
_CHUNK = 2_000_000
WITNESSES = 5

# The number of the unit that each example belongs to; shape (n,).
Units = npt.NDArray[np.intp]


class Numbers:
    """The means of requests, plain and resampled, the same resamples for all."""

    def __init__(
        self, requests: Sequence[Evaluation], observations: Observations, policy: Policy
    ) -> None:
        self._names = {request: f"{i:06}" for i, request in enumerate(dict.fromkeys(requests))}
        first = observations[requests[0]]
        self.clusters, self.policy = first.clusters, policy
        self.values = {r: observations[r].values for r in self._names}
        named = {name: self.values[request] for request, name in self._names.items()}
        self.draws: Resampled = resample(named, self.clusters, policy.resamples, policy.seed)
        means = {name: np.float64(math.fsum(v) / len(v)) for name, v in named.items()}
        self._sampled = Sampled(means, self.draws, proportion=False)

    def of(self, statistic: Statistic, runs: Runs) -> Combine:
        """The statistic of some runs, as a function of the means of all."""
        (combine,) = statistic.parts.values()
        names = {label: self._names[request] for label, request in runs.items()}
        return lambda means: _sized(
            statistic, combine({label: means[name] for label, name in names.items()})
        )

    def measured(self, combine: Combine) -> Measured:
        """With the interval that any estimate has; see `circuitlang.score.estimand`."""
        found = self._sampled[combine]
        return Measured(found.value, found.interval(self.policy.confidence))

    def chance(self, combine: Combine) -> float:
        """The two-sided p-value of "it is zero", which turns that interval round."""
        return self._sampled[combine].apart_from_zero()


def less(one: Combine, other: Combine) -> Combine:
    """The first less the second."""
    return lambda means: one(means) - other(means)


def _sized(statistic: Statistic, value: Mean) -> Mean:
    return abs(value) if statistic.absolute else value


def permutation_p(numbers: Numbers, statistic: Statistic, a: Runs, b: Runs) -> float:
    """The p-value of "A and B are exchangeable", two-sided: (b + 1) / (B + 1), where b of B random
    exchanges of the two within units give a difference at least as large (Phipson & Smyth 2010).

    A unit's runs of A and B are exchanged or not by a fair coin; what both read is the same.
    """
    policy = numbers.policy
    units = _units(numbers.clusters)
    means_a = {label: _sums(numbers.values[r], units) for label, r in a.items()}
    means_b = {label: _sums(numbers.values[r], units) for label, r in b.items()}
    n = len(numbers.clusters)
    (combine,) = statistic.parts.values()
    count = int(units.max()) + 1
    observed = abs(_apart(combine, statistic, means_a, means_b, n, np.ones((1, count)))[0])
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((policy.seed, _STREAM))))
    step = max(1, _CHUNK // count)
    beyond = 0
    for start in range(0, policy.resamples, step):
        size = min(step, policy.resamples - start)
        signs = (rng.integers(2, size=(size, count)) * 2 - 1).astype(np.float64)
        apart = np.abs(_apart(combine, statistic, means_a, means_b, n, signs))
        # A difference that is the same but for rounding counts as large.
        beyond += int(np.sum(apart >= observed * (1 - 1e-9)))
    return (beyond + 1) / (policy.resamples + 1)


def _units(clusters: Sequence[str]) -> Units:
    """The unit of each example: its template where there are enough of them."""
    names, codes = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    codes = codes.astype(np.intp)
    return codes if len(names) >= MIN_CLUSTERS else np.arange(len(clusters))


def _sums(values: Sequence[float], units: Units) -> Array:
    return np.bincount(units, weights=np.asarray(values, dtype=np.float64)).astype(np.float64)


def _apart(
    combine: Combine,
    statistic: Statistic,
    a: Mapping[str, Array],
    b: Mapping[str, Array],
    n: int,
    signs: Array,
) -> Array:
    """The difference where each unit's A and B keep their places (sign 1) or exchange them (−1);
    ``signs`` (draws, units) gives (draws,)."""
    first, second = {}, {}
    for label in a:
        half, whole = (b[label] - a[label]) / 2, (a[label].sum() + b[label].sum()) / 2
        moved = signs @ half
        first[label], second[label] = (whole - moved) / n, (whole + moved) / n
    with np.errstate(all="ignore"):
        found = _sized(statistic, combine(second)) - _sized(statistic, combine(first))
    return np.asarray(found)


# --- the whole comparison --------------------------------------------------------------------


class Texts(NamedTuple):
    """What is told of the prompts and of the measure."""

    texts: Sequence[str]
    formula: str
    percent: bool
    form: str


def versus(
    planned: Match,
    statistic: Statistic,
    observations: Observations,
    policy: Policy,
    tolerance: float,
    told: Texts,
) -> Versus:
    """B against A; ``observations`` answer all that was ``planned``.

    ``statistic`` is that of the form of faithfulness, with one part. The numbers of A and B come
    from the same resamples as everywhere else in the tool.
    """
    numbers = Numbers(planned.requests, observations, policy)
    a, b = numbers.of(statistic, planned.a), numbers.of(statistic, planned.b)
    difference = numbers.measured(less(b, a))
    p = permutation_p(numbers, statistic, planned.a, planned.b)
    sides = {
        side: estimate(
            statistic,
            {label: observations[r].values for label, r in runs.items()},
            numbers.clusters,
            policy,
        )
        for side, runs in (("A", planned.a), ("B", planned.b))
    }
    void = tuple(dict.fromkeys(r for one in sides.values() for r in one.reasons))
    # Without what subtracting decimals leaves.
    alpha = round(1 - policy.confidence, 12)
    carried, rest = _carried(numbers, statistic, planned, difference.value, alpha)
    return Versus(
        form=told.form,
        formula=told.formula,
        percent=told.percent,
        a=sides["A"].estimate or numbers.measured(a),
        b=sides["B"].estimate or numbers.measured(b),
        difference=difference,
        p=p,
        alpha=alpha,
        tolerance=tolerance,
        relation="UNDECIDED" if void else relation(difference.interval, p, alpha, tolerance),
        n=len(numbers.clusters),
        confidence=policy.confidence,
        method=numbers.draws.method,
        permutations=policy.resamples,
        carried=carried,
        rest=rest,
        witnesses=_witnesses(numbers, planned, told.texts, difference.value),
        inputs={
            **{k: v for k, v in sides["A"].inputs.items() if k == "F(M)"},
            **{
                k.replace("(C)", f"({side})").replace("(∅)", f"(∅ of {side})"): v
                for side, one in sides.items()
                for k, v in one.inputs.items()
                if k != "F(M)"
            },
        },
        reasons=void,
    )


def relation(interval: Interval, p: float, alpha: float, tolerance: float) -> Relation:
    """EQUAL within the tolerance (Schuirmann 1987), else DIFFER, else UNDECIDED."""
    low, high = interval
    if -tolerance <= low and high <= tolerance:
        return "EQUAL"
    return "DIFFER" if (low > 0 or high < 0) and p <= alpha else "UNDECIDED"


def _carried(
    numbers: Numbers, statistic: Statistic, planned: Match, whole: float, alpha: float
) -> tuple[tuple[Carried, ...], Measured | None]:
    """What each difference is worth in both surroundings, the largest first, and the rest."""
    a, b = numbers.of(statistic, planned.a), numbers.of(statistic, planned.b)
    sides = [
        (less(numbers.of(statistic, one.in_a), a), less(b, numbers.of(statistic, one.in_b)))
        for one in planned.exchanges
    ]
    means = [_halfway(*both) for both in sides]
    chances = [numbers.chance(mean) for mean in means]
    found = [
        Carried(
            one.name,
            one.held,
            numbers.measured(in_a),
            numbers.measured(in_b),
            shown := numbers.measured(mean),
            p,
            adjusted,
            _role(shown, whole) if adjusted <= alpha else "unclear",
        )
        for one, (in_a, in_b), mean, p, adjusted in zip(
            planned.exchanges, sides, means, chances, benjamini_hochberg(chances), strict=True
        )
    ]
    found.sort(key=lambda one: -abs(one.mean.value))
    rest = less(less(b, a), lambda m: sum(mean(m) for mean in means))
    return tuple(found), numbers.measured(rest) if found else None


def _halfway(one: Combine, other: Combine) -> Combine:
    return lambda means: (one(means) + other(means)) / 2


def _role(mean: Measured, whole: float) -> Role:
    return "carries" if (mean.value > 0) == (whole > 0) else "counters"


def _witnesses(
    numbers: Numbers, planned: Match, texts: Sequence[str], whole: float
) -> tuple[Witness, ...]:
    """The prompts on which B parts from A most, in the direction of the whole difference."""
    label = "kl" if "kl" in planned.a else "C"
    a, b = numbers.values[planned.a[label]], numbers.values[planned.b[label]]
    model = numbers.values[planned.a["M"]] if "M" in planned.a else None
    apart = np.asarray(b) - np.asarray(a)
    mean = apart.mean()
    pull = np.abs(apart) if mean == 0 or whole == 0 else apart * np.sign(mean)
    order = [int(i) for i in np.argsort(-pull, kind="stable")[:WITNESSES] if pull[i] > 0]
    return tuple(
        Witness(
            i,
            numbers.clusters[i],
            texts[i],
            None if model is None else float(model[i]),
            float(a[i]),
            float(b[i]),
        )
        for i in order
    )
