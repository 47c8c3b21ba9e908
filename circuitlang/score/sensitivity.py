"""The sensitivity matrix: a claim re-measured under the choices that its policy made.

Plain records; numpy is not needed to read one. See Miller, Chughtai &
Saunders 2024 (arXiv:2407.08734): how faithful a circuit looks depends on these choices.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from circuitlang.circuit.circuit import Claim, Granularity
from circuitlang.plan.sensitivity import AblationKind, Estimator, PositionsKept
from circuitlang.score.verdict import Measured, Outcome


@dataclass(frozen=True)
class Cell:
    """A claim under one combination of choices.

    A cell that is not possible has a ``reason`` and neither ``outcome`` nor ``estimate``; of one
    that was measured, ``reason`` says why it is inconclusive or in error, if it is. ``estimate`` is
    None where there is no number to stand behind. ``outcome`` compares the interval with what is
    claimed: ``pass``, ``fail``, ``inconclusive`` or ``error``, neither corrected for the number of
    cells or claims nor held against covers. ``own`` is the spec's own cell; ``flips`` is whether
    the outcome differs from that one's. ``near_zero`` counts the examples of a mean of ratios whose
    denominator is close to zero; none is left out.
    """

    granularity: Granularity
    ablation: AblationKind
    positions: PositionsKept
    estimator: Estimator
    estimate: Measured | None = None
    n: int = 0
    outcome: Outcome | None = None
    own: bool = False
    flips: bool = False
    near_zero: int = 0
    reason: str | None = None

    @property
    def possible(self) -> bool:
        return self.outcome is not None


@dataclass(frozen=True)
class Sensitivity:
    """The matrix of one claim: 32 cells, the estimators varying fastest, then positions, ablation
    and granularity. ``corrupt`` names the corruption that the ablations take their values from;
    None where the task has none."""

    claim: Claim
    formula: str
    confidence: float
    corrupt: str | None
    cells: tuple[Cell, ...]

    @property
    def own(self) -> Cell:
        """The cell of the spec's policy and of the registered estimator."""
        return next(cell for cell in self.cells if cell.own)

    @property
    def measured(self) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.cells if cell.possible)

    @property
    def flips(self) -> tuple[Cell, ...]:
        """The cells whose verdict is another than the own cell's."""
        return tuple(cell for cell in self.cells if cell.flips)

    @property
    def flips_to(self) -> Mapping[Outcome, int]:
        """How many cells flip to each verdict."""
        return Counter(cell.outcome for cell in self.flips if cell.outcome is not None)
