"""Nested circuits of a ranking: by signed score and by its size."""

from __future__ import annotations

from circuitlang.circuit.names import INPUT, LOGITS, Edge, mlp
from circuitlang.plan.ranked import nested

EDGES = [Edge(INPUT, mlp(0)), Edge(INPUT, LOGITS), Edge(mlp(0), LOGITS), Edge(INPUT, mlp(1))]
SCORES = dict(zip(EDGES, (3.0, -5.0, 1.0, 1.0), strict=True))


def kept(evaluation: object) -> set[Edge]:
    return {override.what for override in evaluation.variant.overrides}  # type: ignore[attr-defined]


def test_the_best_come_first_and_equal_scores_in_order_of_evaluation() -> None:
    runs = nested(SCORES, (0.25, 0.5, 0.75, 1.0))
    assert runs.counts == (1, 2, 3, 4)
    assert [kept(run) for run in runs.signed] == [
        {EDGES[0]},
        {EDGES[0], EDGES[3]},
        {EDGES[0], EDGES[3], EDGES[2]},
        set(EDGES),
    ]
    assert kept(runs.absolute[0]) == {EDGES[1]}


def test_sizes_are_rounded_down_and_each_run_asked_for_once() -> None:
    runs = nested(SCORES, (0.1, 0.3, 1.0))
    assert runs.counts == (0, 1, 4)
    assert runs.signed[0] == runs.empty
    assert len(runs.requests) == 5, "the model, nothing, two of one edge, and all edges"
