"""A ranking of edges as nested circuits: the best so many of them, at every size of a grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from circuitlang.circuit.names import Edge
from circuitlang.circuit.positions import EVERYWHERE
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import MODEL, kept_variant

Scores = Mapping[Edge, float]


class Nested(NamedTuple):
    """The runs of a ranking: with no edge kept, whole, and with those that score highest at each
    size, by signed score and by the size of the score; ``counts`` is how many edges that is."""

    empty: Evaluation
    model: Evaluation
    counts: tuple[int, ...]
    signed: tuple[Evaluation, ...]
    absolute: tuple[Evaluation, ...]

    @property
    def requests(self) -> tuple[Evaluation, ...]:
        """Every run, once."""
        return tuple(dict.fromkeys((self.model, self.empty, *self.signed, *self.absolute)))


def nested(scores: Scores, grid: Sequence[float]) -> Nested:
    """The circuits C_k of the ⌊k·E⌋ of E edges that rank highest, for each k of the grid, every
    edge kept at all positions (MIB, Mueller et al. 2025, arXiv:2504.13151). Of equal scores the
    edge that is evaluated first goes first. Edges that lead nowhere are not pruned."""
    counts = tuple(int(round(share * len(scores), 9)) for share in grid)

    def runs(order: Sequence[Edge]) -> tuple[Evaluation, ...]:
        return tuple(
            Evaluation(kept_variant(dict.fromkeys(order[:count], EVERYWHERE))) for count in counts
        )

    return Nested(
        Evaluation(kept_variant({})),
        Evaluation(MODEL),
        counts,
        runs(sorted(scores, key=lambda edge: (-scores[edge], _place(edge)))),
        runs(sorted(scores, key=lambda edge: (-abs(scores[edge]), _place(edge)))),
    )


def _place(edge: Edge) -> tuple[object, ...]:
    return (edge.source, edge.target, edge.port or "")
