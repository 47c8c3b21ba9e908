"""The greedy search for the set K that parts circuit and model most (Wang et al. 2022, sec. 4.1).

A run begins with K = ∅. Each of ten steps draws up to ten members that are not in K, tries each,
and adds the one with the largest |F(C∖K) − F(M∖K)| if that is larger than before; a step that adds
nothing draws anew, unless it has tried all that is left. The search sees one half of the examples;
what it found is measured on the other, because a maximum is too large on what it was chosen on.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import islice
from typing import NamedTuple

from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.draw import Stream, shuffled
from circuitlang.circuit.names import Node
from circuitlang.plan.observations import Observations
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import MODEL, Variant, circuit_variant, knockout_variant

STEPS = 10
CANDIDATES = 10
_NOBODY: frozenset[Node] = frozenset()


class Found(NamedTuple):
    """``sets`` and their signed shares on the examples of the search, ``searched``, by name; None
    while answers are missing. ``asks`` is what has been tried and what is to be tried next."""

    asks: tuple[Evaluation, ...]
    sets: Mapping[str, frozenset[Node]] | None = None
    searched: Mapping[str, float] | None = None


def follow(circuit: Circuit, runs: int, known: Observations) -> Found:
    """Replays ``runs`` searches on what is known, each as far as it goes.

    The runs go side by side: what each of them tries next is in the same ``asks``.
    """
    tried = _Tried(circuit, known)
    chosen = [_run(circuit, run, tried) for run in range(1, runs + 1)]
    sets = {f"K{i}": removed for i, removed in enumerate(chosen, start=1) if removed is not None}
    if len(sets) < len(chosen):
        return Found(tried.asks)
    return Found(tried.asks, sets, {name: tried.share(removed) for name, removed in sets.items()})


def most_variants(circuit: Circuit, runs: int) -> int:
    """How many variants the searches may try at most, two for each set: no set is tried twice, and
    a set that ten steps can reach has ten members at most."""
    members = len(circuit.members)
    different = sum(math.comb(members, size) for size in range(1, min(STEPS, members) + 1))
    return 2 * (1 + min(runs * STEPS * min(CANDIDATES, members), different))


def _run(circuit: Circuit, run: int, tried: _Tried) -> frozenset[Node] | None:
    """The set that one search ends with, or None if it waits for answers."""
    chosen, gap = _NOBODY, tried.gap(_NOBODY)
    for step in range(1, STEPS + 1):
        left = [node for node in circuit.members if node not in chosen]
        stream = Stream(circuit.policy.seed, "completeness", "greedy", run, step)
        drawn = islice(shuffled(stream, len(left)), CANDIDATES)
        gaps = {removed: tried.gap(removed) for removed in (chosen | {left[i]} for i in drawn)}
        if gap is None or None in gaps.values():
            return None
        best = max(gaps, key=lambda removed: gaps[removed] or 0.0, default=chosen)
        if (most := gaps.get(best)) is not None and most > gap:
            chosen, gap = best, most
        elif len(left) <= CANDIDATES:
            break
    return chosen


class _Tried:
    """What the searches have looked at: each set once, however many of them do."""

    def __init__(self, circuit: Circuit, known: Observations) -> None:
        self._circuit, self._known = circuit, known
        self._whole = circuit_variant(circuit)
        self._pairs: dict[frozenset[Node], tuple[Evaluation, Evaluation]] = {}
        self._differences: dict[frozenset[Node], float | None] = {}

    @property
    def asks(self) -> tuple[Evaluation, ...]:
        return tuple(dict.fromkeys(one for pair in self._pairs.values() for one in pair))

    def gap(self, removed: frozenset[Node]) -> float | None:
        """|F(C∖K) − F(M∖K)| on the examples of the search, or None if that is not known yet."""
        difference = self._difference(removed)
        return None if difference is None else abs(difference)

    def share(self, removed: frozenset[Node]) -> float:
        """(F(C∖K) − F(M∖K)) / F(M), once known; NaN where F(M) is zero."""
        model = self._known[Evaluation(MODEL, half="search")].mean
        return (self._difference(removed) or 0.0) / model if model else math.nan

    def _difference(self, removed: frozenset[Node]) -> float | None:
        if removed not in self._differences:
            pair = self._pairs[removed] = (
                Evaluation(self._kept(removed), half="search"),
                Evaluation(knockout_variant(self._circuit, removed), half="search"),
            )
            kept, cut = self._known.get(pair[0]), self._known.get(pair[1])
            self._differences[removed] = (
                None if kept is None or cut is None else _finite(kept.mean - cut.mean)
            )
        return self._differences[removed]

    def _kept(self, removed: frozenset[Node]) -> Variant:
        """C∖K. Of edges there may be thousands, and of sets too: they share their overrides."""
        if self._circuit.policy.granularity == "nodes":
            return circuit_variant(self._circuit, without=removed)
        kept = (o for o in self._whole.overrides if getattr(o.what, "source", None) not in removed)
        return Variant(self._whole.default, tuple(kept))


def _finite(number: float) -> float:
    """An infinite number as none at all: evidence keeps neither, and a search that is replayed on
    it has to ask for what it asked for then."""
    return number if math.isfinite(number) else math.nan
