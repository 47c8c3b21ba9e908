"""What a ranking of edges is worth at every size: CPR and CMD with intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from circuitlang.circuit.circuit import Policy
from circuitlang.plan.measures.base import Statistic
from circuitlang.plan.observations import Observations
from circuitlang.plan.ranked import Nested
from circuitlang.plan.request import Evaluation
from circuitlang.score.bootstrap import Array
from circuitlang.score.curves import GRID, cmd, cpr
from circuitlang.score.estimate import estimate
from circuitlang.score.paired import Numbers
from circuitlang.score.verdict import Measured


class Point(NamedTuple):
    """Faithfulness with a share of the edges kept: those of the highest signed score, and those of
    the largest."""

    share: float
    edges: int
    signed: float
    absolute: float


@dataclass(frozen=True)
class Areas:
    """``cpr`` and ``cmd`` are None where ``reasons`` say why there are none."""

    path: str
    cpr: Measured | None
    cmd: Measured | None
    points: tuple[Point, ...] = ()
    reasons: tuple[str, ...] = ()


def areas(
    path: str, runs: Nested, statistic: Statistic, observations: Observations, policy: Policy
) -> Areas:
    """The areas over the grid of `circuitlang.score.curves`, on the examples of ``observations``.

    ``statistic`` is that of ``faithfulness(as=normalized)``. The intervals are of resampled
    prompts; that the ranking itself would come out otherwise on others is not in them.
    """
    numbers = Numbers(runs.requests, observations, policy)
    labelled = [_labelled(runs, one) for one in runs.signed]
    checked = estimate(
        statistic,
        {label: observations[r].values for label, r in labelled[-1].items()},
        numbers.clusters,
        policy,
    )
    if checked.reasons:
        return Areas(path, None, None, reasons=checked.reasons)

    def curve(circuits: Sequence[Evaluation]) -> tuple[list[float], Array]:
        each = [_labelled(runs, one) for one in circuits]
        values = [numbers.value(statistic, one) for one in each]
        return values, np.array([numbers.drawn(statistic, one) for one in each]).T

    def area(of: Callable[[Sequence[float]], float], values: list[float], drawn: Array) -> Measured:
        return numbers.measured(of(values), np.array([of(list(map(float, row))) for row in drawn]))

    signed, absolute = curve(runs.signed), curve(runs.absolute)
    points = zip(GRID, runs.counts, signed[0], absolute[0], strict=True)
    return Areas(
        path, area(cpr, *signed), area(cmd, *absolute), tuple(Point(*one) for one in points)
    )


def _labelled(runs: Nested, circuit: Evaluation) -> dict[str, Evaluation]:
    return {"M": runs.model, "∅": runs.empty, "C": circuit}
