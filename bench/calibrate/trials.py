"""One simulated verification after another, through the code that judges real ones."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple

import numpy as np

from bench.calibrate import calls
from bench.calibrate.cases import FIRST_LOOK, LAST_LOOK, Case, populations
from bench.calibrate.populations import Population, Sample
from circuitlang.circuit.circuit import Circuit, Claim, Comparator, Policy
from circuitlang.plan.measures import MEASURES
from circuitlang.plan.measures.base import Statistic
from circuitlang.plan.observations import Observation
from circuitlang.plan.request import Request
from circuitlang.score.estimate import Estimation, estimate, point
from circuitlang.score.family import in_family
from circuitlang.score.judge import decide
from circuitlang.score.score import score
from circuitlang.score.sequential import decide_in_looks, declare_looks
from circuitlang.score.verdict import Verdict, allowed

# Simulations that share the draws of one bootstrap seed: drawing them is most of the work, and a
# verification has one seed for all of its claims too.
_BLOCK = 250
# Half of the default, which ends are read off a little less exactly with.
RESAMPLES = 1000
# How far the bounds of `~=` are from its centre, in margins.
_TOLERANCE = 1.5


@dataclass
class Tally:
    """How many of the ``simulations`` gave an estimate, how often its interval held the truth, and
    which claims passed."""

    truth: float | None
    simulations: int = 0
    estimated: int = 0
    covered: int = 0
    above: int = 0
    below: int = 0
    passed: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        self.simulations += other.simulations
        self.estimated += other.estimated
        self.covered += other.covered
        self.above += other.above
        self.below += other.below
        self.passed.update(other.passed)


class Claims(NamedTuple):
    """Claims whose truth is on their bound, by comparator, and one that holds by the margin."""

    nulls: Mapping[str, Sequence[Claim]]
    true: Claim


def blocks(simulations: int) -> Iterator[tuple[int, int]]:
    """The number of each block, and how many simulations it has."""
    for number, start in enumerate(range(0, simulations, _BLOCK)):
        yield number, min(_BLOCK, simulations - start)


def run(case: Case, simulations: int, seed: int) -> Tally:
    """All simulations of a row. The numbers depend on the seed, the row and nothing else."""
    population = populations()[case.population]
    whole = Tally(None)
    for number, count in blocks(simulations):
        rng = np.random.default_rng((seed, zlib.crc32(case.key.encode()), number))
        policy = replace(calls.hypothesis().policy, seed=number, resamples=RESAMPLES)
        match case.rule:
            case "interval":
                found = _intervals(case, population, policy, rng, count)
            case "looks":
                found = _looks(case, population, policy, rng, count)
            case "family":
                found = _families(case, population, policy, rng, count)
        whole.truth = found.truth
        whole.add(found)
    return whole


def truth_of(statistic: Statistic, population: Population) -> float:
    """The statistic of the true means."""
    means = {label: np.asarray(mean) for label, mean in population.truth.items()}
    return float(point(statistic, means))


def _unprinted(case: Case) -> Statistic:
    """The measure's statistic, without the means that a report prints beside it."""
    return replace(calls.statistic_of(case.measure), inputs={}, part_inputs={}, classify=None)


def _posed(case: Case, truth: float) -> Claims:
    tolerance = _TOLERANCE * case.margin
    either = (truth + tolerance, truth - tolerance)
    holds = truth - case.margin if case.comparator == ">=" else truth + case.margin
    return Claims(
        {
            ">=": [calls.claim(case.measure, ">=", truth)],
            "<=": [calls.claim(case.measure, "<=", truth)],
            "~=": [calls.claim(case.measure, "~=", centre, tolerance) for centre in either],
        },
        calls.claim(case.measure, case.comparator, holds),
    )


def _intervals(
    case: Case, population: Population, policy: Policy, rng: np.random.Generator, count: int
) -> Tally:
    """One interval a sample, which the claims are judged by, and their p where it passes."""
    statistic = _unprinted(case)
    truth = truth_of(statistic, population)
    claims, tally = _posed(case, truth), Tally(truth, count)
    labels = _labels(case)
    for _ in range(count):
        sample = population.draw(rng, case.n, case.templates)
        values = {label: sample.values[label].tolist() for label in labels}
        found = estimate(statistic, values, sample.clusters, policy)
        if found.estimate is None:
            continue
        _count(tally, truth, found)
        for comparator, posed in claims.nulls.items():
            for i, claim in enumerate(posed):
                passes = decide(claim, found.estimate.interval) == "pass"
                if passes:
                    wanted = allowed(claim)
                    again = estimate(
                        statistic, values, sample.clusters, policy, claim.threshold, wanted
                    )
                    passes = _alone(claim, again)
                tally.passed[f"{comparator} {i}"] += passes
        tally.passed["true"] += decide(claims.true, found.estimate.interval) == "pass"
    return tally


def _alone(claim: Claim, found: Estimation) -> bool:
    """Whether a claim whose interval passes does so as the only one of its file."""
    verdict = Verdict(claim, "pass", "pass", "", p=found.p, estimate=found.estimate)
    return in_family((verdict,), 1)[0].outcome == "pass"


def _count(tally: Tally, truth: float, found: Estimation) -> None:
    assert found.estimate is not None
    low, high = found.estimate.interval
    tally.estimated += 1
    tally.covered += low <= truth <= high
    tally.above += low > truth
    tally.below += high < truth


def _labels(case: Case) -> tuple[str, ...]:
    return tuple(MEASURES[case.measure.name].requests(calls.hypothesis(), case.measure.arguments))


def _looks(
    case: Case, population: Population, policy: Policy, rng: np.random.Generator, count: int
) -> Tally:
    """Every claim decided in looks; coverage is of the interval at the look that decided."""
    statistic = _unprinted(case)
    truth = truth_of(statistic, population)
    claims, tally = _posed(case, truth), Tally(truth, count)
    looks = declare_looks(FIRST_LOOK, LAST_LOOK, policy.confidence)
    labels = _labels(case)
    for _ in range(count):
        sample = population.draw(rng, case.n, case.templates)
        values = {label: sample.values[label].tolist() for label in labels}
        for comparator, posed in claims.nulls.items():
            for i, claim in enumerate(posed):
                end = decide_in_looks(statistic, values, sample.clusters, claim, policy, looks)
                tally.passed[f"{comparator} {i}"] += end.outcome == "pass"
                if claim is claims.nulls[case.comparator][0] and end.found.estimate is not None:
                    _count(tally, truth, end.found)
        end = decide_in_looks(statistic, values, sample.clusters, claims.true, policy, looks)
        tally.passed["true"] += end.outcome == "pass"
    return tally


def family_claims(population: Population) -> tuple[tuple[Claim, ...], frozenset[str]]:
    """Six claims whose truth is on their bound, half of each kind, and three that hold by far; and
    the names of the six."""
    nulls, true = [], []
    for i, measure in enumerate(
        (calls.RATIO, calls.NORMALIZED, calls.GAP, calls.KL, calls.EFFECT, calls.ATTENTION)
    ):
        truth = truth_of(calls.statistic_of(measure), population)
        comparator: Comparator = ">=" if i % 2 else "<="
        nulls.append(replace(calls.claim(measure, comparator, truth), name=f"null_{i}"))
        if measure in (calls.RATIO, calls.NORMALIZED, calls.ATTENTION):
            true.append(replace(calls.claim(measure, ">=", truth / 2), name=f"true_{i}"))
    return (*nulls, *true), frozenset(claim.name for claim in nulls)


def _families(
    case: Case, population: Population, policy: Policy, rng: np.random.Generator, count: int
) -> Tally:
    """Whole files: a family errs where one or more claims on their bound pass; its power is the
    share of the claims that hold."""
    claims, nulls = family_claims(population)
    circuit = replace(calls.hypothesis(), claims=claims, policy=replace(policy, cover=None))
    tally = Tally(None, count)
    for _ in range(count):
        sample = population.draw(rng, case.n, case.templates)
        verdicts = score(circuit, _observed(circuit, sample), date.min)
        passed = {v.claim.name for v in verdicts if v.outcome == "pass"}
        tally.estimated += all(v.estimate is not None for v in verdicts)
        tally.passed["any null"] += bool(passed & nulls)
        tally.passed["true"] += len(passed - nulls)
    return tally


def _observed(circuit: Circuit, sample: Sample) -> Mapping[Request, Observation]:
    found: dict[Request, Observation] = {}
    for claim in circuit.claims:
        requests = MEASURES[claim.measure.name].requests(circuit, claim.measure.arguments)
        for label, request in requests.items():
            values = tuple(sample.values[label].tolist())
            found[request] = Observation(values, sample.clusters)
    return found


def true_claims(population: Population) -> int:
    claims, nulls = family_claims(population)
    return len(claims) - len(nulls)
