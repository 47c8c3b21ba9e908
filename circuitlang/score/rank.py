"""Rival circuits of one task, ranked by how far each is from the model, against its size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from types import MappingProxyType
from typing import NamedTuple

from circuitlang.circuit.circuit import Circuit, Policy
from circuitlang.plan.measures.base import Statistic
from circuitlang.plan.observations import Observation, Observations
from circuitlang.plan.request import Half
from circuitlang.plan.sample import Sample
from circuitlang.plan.versus import Runs
from circuitlang.score.estimate import Values, estimate, point
from circuitlang.score.family import holm
from circuitlang.score.paired import Numbers, less, permutation_p, relation
from circuitlang.score.verdict import Measured
from circuitlang.score.versus import Relation

# Fewer held-out prompts than this say nothing about their own spread.
MIN_EXAMPLES = 5

# What searches see, and what reports.
HALVES: tuple[Half, Half] = ("search", "report")


class Size(NamedTuple):
    """``edges`` are the claimed ones, between single nodes."""

    heads: int
    mlps: int
    edges: int


def size_of(circuit: Circuit) -> Size:
    kinds = [node.kind for node in circuit.members]
    return Size(kinds.count("head"), kinds.count("mlp"), len(circuit.claimed_edges))


class Rival(NamedTuple):
    """A circuit to be ranked: where its file is, what it is called, its size and its runs."""

    path: str
    name: str
    size: Size
    runs: Runs


@dataclass(frozen=True)
class Standing:
    """One rival on the held-out prompts. ``distance`` is what it is ranked by: how far its
    faithfulness is from the model's own. ``seen`` is its faithfulness on the other half. It is on
    the front where no rival is at least as near and as small and better in one of the two;
    ``beaten_by`` names those that are."""

    rival: Rival
    faithfulness: Measured
    distance: Measured
    seen: float
    beaten_by: tuple[str, ...] = ()

    @property
    def on_front(self) -> bool:
        return not self.beaten_by


@dataclass(frozen=True)
class Duel:
    """Two rivals: the distance of ``b`` less that of ``a``, which ranks before it. ``adjusted`` is
    p with Holm's correction over all duels of the task."""

    a: str
    b: str
    difference: Measured
    p: float
    adjusted: float
    relation: Relation


@dataclass(frozen=True)
class Ranking:
    """``standings`` in order, the nearest to the model first. Where ``reasons`` say why there is no
    ranking, there are none."""

    standings: tuple[Standing, ...]
    duels: tuple[Duel, ...]
    held_out: int
    method: str
    reasons: tuple[str, ...] = ()


def rank(
    rivals: Sequence[Rival],
    statistic: Statistic,
    form: str,
    observations: Observations,
    policy: Policy,
    tolerance: float,
    *,
    edges_count: bool,
) -> Ranking:
    """Rivals of one task, by the half of its prompts that no search of a claim has seen.

    ``statistic`` is that of ``faithfulness(as=form)``. A share is ranked by its distance from 1:
    what does twice what the model does is as far from it as what does nothing. ``edges_count`` is
    whether the number of edges is part of the size, as where each is measured on its own.
    """
    seen, held = (half_of(observations, half) for half in HALVES)
    n = len(next(iter(held.values())))
    if n < MIN_EXAMPLES:
        reason = f"{n} held-out prompts have no interval to speak of: at least {MIN_EXAMPLES}"
        return Ranking((), (), n, "", (reason,))
    distance = distance_of(statistic, form)
    requests = tuple(dict.fromkeys(r for rival in rivals for r in rival.runs.values()))
    numbers = Numbers(requests, held, policy)
    standings: list[Standing] = []
    for rival in rivals:
        values = {label: held[r].values for label, r in rival.runs.items()}
        kept = estimate(statistic, values, numbers.clusters, policy)
        far = estimate(distance, values, numbers.clusters, policy)
        if kept.estimate is None or far.estimate is None:
            return Ranking((), (), n, numbers.draws.method, kept.reasons or far.reasons)
        before = _value(statistic, {label: seen[r].values for label, r in rival.runs.items()})
        standings.append(Standing(rival, kept.estimate, far.estimate, before))
    standings.sort(key=lambda one: (one.distance.value, one.rival.name, one.rival.path))
    placed = tuple(
        replace(one, beaten_by=_beaten_by(one, standings, edges_count)) for one in standings
    )
    duels = _duels(placed, distance, numbers, tolerance)
    return Ranking(placed, duels, n, numbers.draws.method)


def distance_of(statistic: Statistic, form: str) -> Statistic:
    """How far a form of faithfulness is from what the model itself would have: |f − 1| of a share;
    a gap and a divergence are distances already."""
    if form not in ("ratio", "normalized"):
        return statistic
    (share,) = statistic.parts.values()
    return replace(statistic, parts={"": lambda means: share(means) - 1}, absolute=True)


def half_of(observations: Observations, half: Half) -> Observations:
    """The answers on the half of the prompts that searches see, or on the one that reports."""
    clusters = next(iter(observations.values())).clusters
    chosen = Sample(half=half).indices(clusters)
    return MappingProxyType(
        {
            request: Observation(
                tuple(found.values[i] for i in chosen),
                tuple(clusters[i] for i in chosen),
                found.seconds,
            )
            for request, found in observations.items()
        }
    )


def _value(statistic: Statistic, values: Values) -> float:
    means: Mapping[str, float] = {label: sum(v) / len(v) for label, v in values.items()}
    return float(point(statistic, means))  # type: ignore[arg-type]


def _beaten_by(one: Standing, standings: Sequence[Standing], edges_count: bool) -> tuple[str, ...]:
    mine = _costs(one, edges_count)
    others = ((other, _costs(other, edges_count)) for other in standings)
    return tuple(
        other.rival.name
        for other, costs in others
        if costs != mine and all(c <= m for c, m in zip(costs, mine, strict=True))
    )


def _costs(one: Standing, edges_count: bool) -> tuple[float, ...]:
    heads, mlps, edges = one.rival.size
    return (one.distance.value, heads, mlps, *((edges,) if edges_count else ()))


def _duels(
    standings: Sequence[Standing], distance: Statistic, numbers: Numbers, tolerance: float
) -> tuple[Duel, ...]:
    pairs = list(combinations((one.rival for one in standings), 2))
    chances = [permutation_p(numbers, distance, a.runs, b.runs) for a, b in pairs]
    alpha = round(1 - numbers.policy.confidence, 12)
    duels = []
    for (a, b), p, adjusted in zip(pairs, chances, holm(chances), strict=True):
        found = numbers.measured(less(numbers.of(distance, b.runs), numbers.of(distance, a.runs)))
        said = relation(found.interval, adjusted, alpha, tolerance)
        duels.append(Duel(a.name, b.name, found, p, adjusted, said))
    return tuple(duels)
