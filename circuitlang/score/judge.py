"""A claim and its numbers to a verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from circuitlang.circuit.circuit import Circuit, Claim
from circuitlang.plan.hypothesis import Test
from circuitlang.plan.measures import MEASURES
from circuitlang.plan.measures.base import Posed, Statistic
from circuitlang.plan.observations import Observation, Observations
from circuitlang.plan.plan import pose
from circuitlang.plan.request import Evaluation
from circuitlang.plan.sample import Sample
from circuitlang.plan.variant import MODEL
from circuitlang.score.bootstrap import DRAW
from circuitlang.score.cover import check_covers
from circuitlang.score.estimate import Estimation, Values, estimate, influence
from circuitlang.score.tested import carry_out
from circuitlang.score.verdict import Interval, Measured, NullTest, Outcome, Verdict, allowed

# Fewer examples than this say nothing about their own spread.
MIN_EXAMPLES = 5
WORST_SHOWN = 3
# Beyond this, "more examples" is no advice.
_MANY = 1_000_000


def judge(circuit: Circuit, claim: Claim, observations: Observations) -> Verdict:
    """Whether the claim holds, by its whole confidence interval.

    ``>=`` and ``<=`` pass if the interval lies on the claimed side, the bound included, and fail if
    it lies beyond; ``~=`` passes if the interval is inside the tolerance and fails if it is
    outside (an equivalence test: Schuirmann 1987). Anything else is inconclusive. A claim that does
    not fail is vacuous where a cover is not met. Neither the other claims of the file nor waivers
    are looked at here; see `circuitlang.score.score.score`.
    """
    measure = MEASURES[claim.measure.name]
    posed = pose(circuit, claim, observations)
    blank = Verdict(
        claim,
        "error",
        "error",
        formula=measure.formula(claim.measure.arguments),
        confidence=circuit.policy.confidence,
    )
    requests = posed.requests
    if missing := [label for label, request in requests.items() if request not in observations]:
        return replace(blank, reasons=(f"not measured: {', '.join(missing)}",))
    statistic = posed.statistic
    if not posed.reads or statistic is None or not (statistic.parts or statistic.test):
        return replace(blank, reasons=("there is nothing to measure",))
    read = {label: observations[request] for label, request in posed.reads.items()}
    verdict = replace(
        blank,
        n=max(len(observation) for observation in read.values()),
        seconds=math.fsum(observations[request].seconds for request in set(requests.values())),
        searched=_searched(statistic),
    )
    tried = {label: observations[request] for label, request in requests.items()}
    if reason := _broken(read) or _infinite(tried):
        return replace(verdict, reasons=(reason,))
    if verdict.n < MIN_EXAMPLES:
        return _decided(verdict, "inconclusive", (too_few(verdict.n),))
    return _weighed(verdict, circuit, posed, statistic, observations)


def _weighed(
    verdict: Verdict,
    circuit: Circuit,
    posed: Posed,
    statistic: Statistic,
    observations: Observations,
) -> Verdict:
    """The verdict of a claim whose numbers are all there: its estimate, its covers, its outcome."""
    claim = verdict.claim
    read = {label: observations[request] for label, request in posed.reads.items()}
    values = {label: observation.values for label, observation in read.items()}
    clusters = next(iter(read.values())).clusters
    found, test, reason = _estimated(circuit, claim, statistic, values, clusters)
    covers, lacking = check_covers(circuit, claim, posed.reads, observations, found)
    if lacking:
        return replace(verdict, reasons=(lacking,))
    verdict = replace(
        verdict,
        estimate=found.estimate,
        inputs=found.inputs,
        parts=found.parts,
        p=found.p,
        method=found.method,
        test=test,
        covers=covers,
    )
    unmet = [f"the cover `{c.name}` is not met: {c.text}" for c in covers if c.met is False]
    if found.estimate is None:
        return _decided(verdict, "vacuous" if unmet else "inconclusive", unmet or found.reasons)
    if statistic.test is None and not statistic.simulated:
        worst = _worst(claim, found.estimate.value, statistic, values)
        verdict = replace(verdict, worst=_in_the_data(worst, statistic, observations))
    outcome = decide(claim, found.estimate.interval)
    if outcome != "fail" and unmet:
        return _decided(verdict, "vacuous", unmet)
    if reason:
        return _decided(verdict, "inconclusive", (reason,))
    reasons = (_how_many(claim, found.estimate, found),) if outcome == "inconclusive" else ()
    return _decided(verdict, outcome, reasons)


class Alone(NamedTuple):
    """What the numbers of a claim say by themselves; ``estimate`` is None where ``reason`` says
    why."""

    estimate: Measured | None
    outcome: Outcome
    n: int
    reason: str | None = None


def judge_alone(
    circuit: Circuit, claim: Claim, statistic: Statistic, read: Mapping[str, Observation]
) -> Alone:
    """As `judge`, of numbers that are all there and without covers: by the interval alone.
    ``read`` is what the statistic is of, by label."""
    n = max(len(observation) for observation in read.values())
    if reason := _broken(read) or _infinite(read):
        return Alone(None, "error", n, reason)
    if n < MIN_EXAMPLES:
        return Alone(None, "inconclusive", n, too_few(n))
    values = {label: observation.values for label, observation in read.items()}
    clusters = next(iter(read.values())).clusters
    found, _, reason = _estimated(circuit, claim, statistic, values, clusters)
    if found.estimate is None:
        return Alone(None, "inconclusive", n, found.reasons[0])
    outcome = "inconclusive" if reason else decide(claim, found.estimate.interval)
    if outcome == "inconclusive":
        reason = reason or _how_many(claim, found.estimate, found)
    return Alone(found.estimate, outcome, n, reason)


def _estimated(
    circuit: Circuit, claim: Claim, statistic: Statistic, values: Values, clusters: Sequence[str]
) -> tuple[Estimation, NullTest | None, str | None]:
    """The estimate, what was tested if it is a test's, and why that could not have told."""
    found = Estimation(None)
    if statistic.parts:
        level, wanted = claim.threshold, allowed(claim)
        found = estimate(statistic, values, clusters, circuit.policy, level, wanted)
    if statistic.test is None:
        return found, None, None
    return _tested(found, claim, statistic.test, values)


def _tested(
    found: Estimation, claim: Claim, test: Test, values: Values
) -> tuple[Estimation, NullTest | None, str | None]:
    """The p-value in place of the estimate, with what was tested, and why it could not have told.

    A claim that a hypothesis is rejected may be so by chance, and has the test's p-value; one that
    it is not rejected vouches for nothing, and has none.
    """
    result, level = carry_out(test, values), claim.threshold
    parts = tuple(
        replace(part, p=result.parts[part.name].p, adjusted=result.parts[part.name].adjusted)
        for part in found.parts
    )
    found = replace(found, estimate=None, parts=parts, p=None, method=result.method)
    if result.p is None:
        return replace(found, method="", reasons=(result.method,)), None, None
    detects = claim.comparator == "<="
    rejected = result.p <= level if detects else result.p < level
    hypothesis = MEASURES[claim.measure.name].null(claim.measure.arguments) or ""
    reason = None
    if result.least > level:
        reason = f"{result.units} cannot give a p below {result.least:.2g}: the test cannot tell"
    value = Measured(result.p, Interval(result.p, result.p))
    found = replace(found, estimate=value, p=result.p if detects else None)
    return found, NullTest(hypothesis, rejected, result.least), reason


def decide(claim: Claim, interval: Interval) -> Outcome:
    """Pass, fail or inconclusive, by where the interval lies."""
    low, high = allowed(claim)
    if low <= interval.low and interval.high <= high:
        return "pass"
    if interval.high < low or interval.low > high:
        return "fail"
    return "inconclusive"


def _decided(verdict: Verdict, outcome: Outcome, reasons: Sequence[str]) -> Verdict:
    return replace(verdict, outcome=outcome, judged=outcome, reasons=tuple(reasons))


def too_few(n: int) -> str:
    """Why so many examples give no estimate to stand behind."""
    return f"{n} examples have no interval to speak of: at least {MIN_EXAMPLES}"


def _broken(read: Mapping[str, Observation]) -> str | None:
    """Why the observations cannot be scored together."""
    if len({observation.clusters for observation in read.values()}) > 1:
        return "its requests were measured on different examples"
    return None


def _infinite(read: Mapping[str, Observation]) -> str | None:
    """Why some observations cannot be scored at all."""
    for label, observation in read.items():
        bad = [i for i, value in enumerate(observation.values) if not math.isfinite(value)]
        if bad:
            return (
                f"{label} is not a finite number on {len(bad)} of {len(observation)} examples, "
                f"first on example {bad[0]}"
            )
    return None


def _searched(statistic: Statistic) -> float | None:
    """The estimate on the examples of the search."""
    if not statistic.searched:
        return None
    values = [abs(x) if statistic.absolute else x for x in statistic.searched.values()]
    return max(values) if statistic.fold == "max" else min(values)


def _how_many(claim: Claim, found: Measured, how: Estimation) -> str:
    """About how many examples would decide: a half-width shrinks as 1/sqrt(n), so a half-width w at
    n has shrunk to the distance d from the estimate to the bound at n (w/d)²."""
    if how.unit == DRAW:
        return "random draws lie on both sides of the bound: more of them would not decide it"
    value, (low, high) = found
    ends = [end for end in allowed(claim) if low < end < high or end in (low, high)]
    needed = 0.0
    for end in ends:
        distance = abs(value - end)
        half = high - value if end > value else value - low
        needed = max(needed, math.inf if distance == 0 else how.units * (half / distance) ** 2)
    if needed > _MANY:
        return "the estimate sits on the bound: more examples would not decide it"
    return f"about {_rounded(needed)} {how.unit}s would decide it, at {how.units} now"


def _rounded(number: float) -> str:
    """Up to two significant digits, with thousands separated."""
    step = 10 ** max(0, math.floor(math.log10(number)) - 1)
    return f"{math.ceil(number / step) * step:,}"


def _worst(claim: Claim, value: float, statistic: Statistic, values: Values) -> tuple[int, ...]:
    """The examples that move the estimate most away from what is claimed; none where no example
    does."""
    pull = influence(statistic, values)
    if claim.comparator == "<=" or (claim.comparator == "~=" and value > claim.threshold):
        pull = -pull
    order = np.argsort(pull, kind="stable")[:WORST_SHOWN]
    return tuple(int(i) for i in order if pull[i] < -1e-12)


def _in_the_data(
    worst: tuple[int, ...], statistic: Statistic, observations: Observations
) -> tuple[int, ...]:
    """The same examples, numbered in the whole data; none where that cannot be told."""
    if statistic.half is None:
        return worst
    whole = observations.get(Evaluation(MODEL))
    if whole is None:
        return ()
    indices = Sample(half=statistic.half).indices(whole.clusters)
    return tuple(indices[i] for i in worst)
