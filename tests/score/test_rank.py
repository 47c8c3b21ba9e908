"""Rivals are ranked by their distance from the model, on prompts that no search has seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pytest

from circuitlang.circuit.circuit import Ablation, Policy
from circuitlang.circuit.names import head
from circuitlang.circuit.positions import EVERYWHERE
from circuitlang.plan.measures import MEASURES
from circuitlang.plan.observations import Observation
from circuitlang.plan.request import Evaluation, Request
from circuitlang.plan.sample import halves
from circuitlang.plan.variant import MODEL, kept_variant
from circuitlang.score.family import holm
from circuitlang.score.rank import Ranking, Rival, Size, distance_of, rank

POLICY = Policy("nodes", Ablation("zero"), resamples=300)
RATIO = MEASURES["faithfulness"].statistic(None, {"as": "ratio"})  # type: ignore[arg-type]
N = 40
NOISE = np.random.default_rng(1).normal(0, 0.3, N)


def run(number: int) -> Evaluation:
    return Evaluation(kept_variant({head(number, 0): EVERYWHERE}))


def ranked(
    *shares: Sequence[float], sizes: Sequence[Size] | None = None, edges_count: bool = False
) -> Ranking:
    """Rivals named a, b, c that keep these shares of the model's 4, on each of `N` prompts."""
    clusters = ("t",) * N
    answers: dict[Request, Observation] = {Evaluation(MODEL): Observation((4.0,) * N, clusters)}
    rivals = []
    for number, share in enumerate(shares):
        answers[run(number)] = Observation(tuple(4.0 * x for x in share), clusters)
        runs = MappingProxyType({"M": Evaluation(MODEL), "C": run(number)})
        size = sizes[number] if sizes else Size(number + 1, 0, 0)
        rivals.append(Rival(f"{number}.circuit", "abcd"[number], size, runs))
    return rank(rivals, RATIO, "ratio", answers, POLICY, 0.05, edges_count=edges_count)


def flat(share: float) -> list[float]:
    return [share] * N


def noisy(share: float, turn: int) -> list[float]:
    return list(share + np.roll(NOISE, turn) - NOISE.mean())


def test_twice_the_model_is_as_far_from_it_as_nothing() -> None:
    found = ranked(flat(2.0), flat(0.0), flat(1.1), flat(0.8))
    assert [one.rival.name for one in found.standings] == ["c", "d", "a", "b"]
    assert [one.distance.value for one in found.standings] == pytest.approx([0.1, 0.2, 1, 1])


def test_only_the_held_out_half_is_ranked() -> None:
    seen, held = halves(("t",) * N)
    flattered = [1.0 if i in seen else 0.2 for i in range(N)]
    assert held
    found = ranked(flattered, flat(0.7))
    assert [one.rival.name for one in found.standings] == ["b", "a"]
    assert found.held_out == len(held)
    assert found.standings[1].faithfulness.value == pytest.approx(0.2)
    assert found.standings[1].seen == pytest.approx(1.0)


def test_the_front_is_what_nothing_smaller_is_as_near() -> None:
    sizes = (Size(5, 0, 9), Size(9, 0, 1), Size(9, 0, 5), Size(2, 0, 0))
    found = ranked(flat(0.9), flat(0.95), flat(0.8), flat(0.5), sizes=sizes)
    front = {one.rival.name: one.beaten_by for one in found.standings}
    assert front == {"a": (), "b": (), "c": ("b", "a"), "d": ()}


def test_edges_are_part_of_the_size_where_they_are_measured() -> None:
    sizes = (Size(5, 0, 90), Size(5, 0, 10))
    by_nodes = ranked(flat(0.9), flat(0.85), sizes=sizes)
    by_edges = ranked(flat(0.9), flat(0.85), sizes=sizes, edges_count=True)
    assert [one.on_front for one in by_nodes.standings] == [True, False]
    assert [one.on_front for one in by_edges.standings] == [True, True]


def test_every_pair_is_tested_once_and_corrected_together() -> None:
    found = ranked(noisy(0.9, 0), noisy(0.5, 3), noisy(0.86, 5))
    assert [(duel.a, duel.b) for duel in found.duels] == [("a", "c"), ("a", "b"), ("c", "b")]
    assert [duel.adjusted for duel in found.duels] == list(holm([d.p for d in found.duels]))
    said = {(duel.a, duel.b): duel.relation for duel in found.duels}
    assert (said["a", "b"], said["c", "b"]) == ("DIFFER", "DIFFER")
    assert said["a", "c"] == "UNDECIDED"
    assert all(duel.difference.value > 0 for duel in found.duels), "the second is further away"


def test_rivals_at_the_same_place_are_in_the_order_of_their_names() -> None:
    assert [one.rival.name for one in ranked(flat(0.9), flat(0.9)).standings] == ["a", "b"]


def test_too_few_prompts_are_not_ranked() -> None:
    clusters = ("t",) * 8
    answers: dict[Request, Observation] = {
        Evaluation(MODEL): Observation((4.0,) * 8, clusters),
        run(0): Observation((3.0,) * 8, clusters),
    }
    rival = Rival("a", "a", Size(1, 0, 0), {"M": Evaluation(MODEL), "C": run(0)})
    found = rank([rival], RATIO, "ratio", answers, POLICY, 0.05, edges_count=False)
    assert (found.standings, found.held_out) == ((), 4)
    assert "at least 5" in found.reasons[0]


@pytest.mark.parametrize("form", ["gap", "kl"])
def test_a_gap_and_a_divergence_are_distances_already(form: str) -> None:
    statistic = MEASURES["faithfulness"].statistic(None, {"as": form})  # type: ignore[arg-type]
    assert distance_of(statistic, form) is statistic
    assert replace(statistic) == statistic
