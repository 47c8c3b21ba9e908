"""What a ranking of edges is worth at every size: CPR and CMD with intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from circuitlang.circuit.circuit import Policy
from circuitlang.plan.measures.base import Combine, Mean, Means, Statistic
from circuitlang.plan.observations import Observations
from circuitlang.plan.ranked import Nested
from circuitlang.plan.request import Evaluation
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

    def curve(circuits: Sequence[Evaluation]) -> tuple[Combine, ...]:
        return tuple(numbers.of(statistic, _labelled(runs, one)) for one in circuits)

    def area(of: Callable[[Sequence[float]], float], heights: Sequence[Combine]) -> Measured:
        def combine(means: Means) -> Mean:
            rows = np.array([height(means) for height in heights])  # (grid,) or (grid, resamples)
            return np.apply_along_axis(lambda column: of(column.tolist()), 0, rows)

        return numbers.measured(combine)

    signed, absolute = curve(runs.signed), curve(runs.absolute)
    points = tuple(
        Point(size, count, numbers.measured(one).value, numbers.measured(other).value)
        for size, count, one, other in zip(GRID, runs.counts, signed, absolute, strict=True)
    )
    return Areas(path, area(cpr, signed), area(cmd, absolute), points)


def _labelled(runs: Nested, circuit: Evaluation) -> dict[str, Evaluation]:
    return {"M": runs.model, "∅": runs.empty, "C": circuit}
