"""The cells of a sensitivity matrix, from what was observed: see `circuitlang.plan.sensitivity`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from circuitlang.circuit.circuit import Circuit, Claim
from circuitlang.plan.measures import MEASURES
from circuitlang.plan.measures.base import Combine, Statistic, mean
from circuitlang.plan.observations import Observation, Observations
from circuitlang.plan.plan import pose
from circuitlang.plan.sensitivity import ESTIMATORS, Estimator, Matrix, Setting, corruption_of
from circuitlang.score.bootstrap import Array
from circuitlang.score.judge import judge_alone
from circuitlang.score.sensitivity import Cell, Sensitivity

# A denominator is close to zero below this share of the mean size of all: the example then weighs
# twenty times as much as others.
NEAR_ZERO = 0.05


def sensitivity(matrix: Matrix, observations: Observations) -> tuple[Sensitivity, ...]:
    """The matrix of each claim. Every cell is judged by its own interval, from the same examples,
    the same draws of an ablation and the same resamples as the claim itself."""
    return tuple(_of_claim(matrix, claim, observations) for claim in matrix.claims)


def _of_claim(matrix: Matrix, claim: Claim, observations: Observations) -> Sensitivity:
    cells = [
        cell for setting in matrix.settings for cell in _cells(matrix, setting, claim, observations)
    ]
    own = next(cell for cell in cells if cell.own)
    return Sensitivity(
        claim,
        MEASURES[claim.measure.name].formula(claim.measure.arguments),
        matrix.circuit.policy.confidence,
        corruption_of(matrix.circuit),
        tuple(replace(c, flips=c.possible and c.outcome != own.outcome) for c in cells),
    )


def _cells(
    matrix: Matrix, setting: Setting, claim: Claim, observations: Observations
) -> Iterator[Cell]:
    seen = matrix.seen(setting, observations)
    for estimator in ESTIMATORS:
        registered = estimator == ESTIMATORS[0]
        cell = Cell(
            setting.granularity,
            setting.ablation,
            setting.positions,
            estimator,
            own=registered and matrix.own(setting),
        )
        if setting.circuit is None:
            yield replace(cell, reason=setting.reason)
        else:
            yield _measured(cell, setting.circuit, claim, seen, estimator)


def _measured(
    cell: Cell, circuit: Circuit, claim: Claim, seen: Observations, estimator: Estimator
) -> Cell:
    posed = pose(circuit, claim, seen)
    statistic = posed.statistic
    if statistic is None or any(request not in seen for request in posed.reads.values()):
        return replace(cell, outcome="error", reason="its search was not finished")
    read: Mapping[str, Observation] = {
        label: seen[request] for label, request in posed.reads.items()
    }
    near_zero = 0
    if estimator == "mean of ratios":
        if statistic.denominator is None or statistic.test is not None:
            return replace(cell, reason=f"`{claim.measure}` is no ratio and has one estimator")
        near_zero = _near_zero(statistic.denominator, read)
        statistic, read = by_example(statistic, read)
    found = judge_alone(circuit, claim, statistic, read)
    return replace(cell, near_zero=near_zero, **found._asdict())


def by_example(
    statistic: Statistic, read: Mapping[str, Observation]
) -> tuple[Statistic, Mapping[str, Observation]]:
    """The mean of ratios: what the statistic makes of means, made of each example's own numbers and
    then averaged. An example whose denominator is zero gives no finite number, and stays in."""
    arrays = _arrays(read)
    clusters = next(iter(read.values())).clusters
    with np.errstate(all="ignore"):
        ratios = {
            name: Observation(tuple(map(float, combine(arrays))), clusters)
            for name, combine in statistic.parts.items()
        }
    parts = {name: mean(name) for name in ratios}
    return replace(statistic, parts=parts, denominator=None, inputs={}, part_inputs={}), ratios


def _near_zero(denominator: Combine, read: Mapping[str, Observation]) -> int:
    """How many examples have a denominator that is close to zero."""
    sizes = np.abs(np.asarray(denominator(_arrays(read)), dtype=np.float64))
    return int((sizes < NEAR_ZERO * sizes.mean()).sum())


def _arrays(read: Mapping[str, Observation]) -> Mapping[str, Array]:
    return {label: np.asarray(one.values, dtype=np.float64) for label, one in read.items()}
