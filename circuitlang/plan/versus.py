"""Two circuits on the same prompts: their runs, and those in which one difference is exchanged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.names import Edge, Node
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import (
    MODEL,
    Kept,
    kept,
    kept_variant,
    without_nodes,
)

Runs = Mapping[str, Evaluation]


@dataclass(frozen=True)
class Exchange:
    """One thing in which two circuits differ: a node, an edge, or the edges between a head and the
    MLPs that are kept. ``in_a`` is A with it as B has it, ``in_b`` is B with it as A has it."""

    name: str
    held: str
    in_a: Runs
    in_b: Runs


@dataclass(frozen=True)
class Match:
    """What has to be run to compare A and B under one form of faithfulness: each has the labels
    that `circuitlang.plan.measures.faithfulness` reads. All of it is one batch of variants."""

    a: Runs
    b: Runs
    exchanges: tuple[Exchange, ...]

    @property
    def requests(self) -> tuple[Evaluation, ...]:
        """Every run, once."""
        swapped = (runs for one in self.exchanges for runs in (one.in_a, one.in_b))
        return tuple(dict.fromkeys(r for runs in (self.a, self.b, *swapped) for r in runs.values()))


def match(a: Circuit, b: Circuit, form: str) -> Match:
    """The runs of two circuits of one model, task and policy under ``faithfulness(as=form)``."""
    kept_a, kept_b = kept(a), kept(b)
    members = {*a.members, *b.members}

    def runs(live: Kept) -> Runs:
        return runs_of(live, members, form)

    exchanges = tuple(
        Exchange(
            name,
            _held(parts, kept_a, kept_b),
            runs(exchanged(kept_a, kept_b, parts)),
            runs(exchanged(kept_b, kept_a, parts)),
        )
        for name, parts in differing(a, b).items()
    )
    return Match(runs(kept_a), runs(kept_b), exchanges)


def runs_of(live: Kept, members: Iterable[Node], form: str) -> Runs:
    """The runs that a form of faithfulness reads, for whatever is kept live; without ``members``
    nothing is left that is claimed."""
    whole = kept_variant(live)
    if form == "kl":
        return MappingProxyType({"kl": Evaluation(whole, "kl")})
    runs = {"M": Evaluation(MODEL), "C": Evaluation(whole)}
    if form == "normalized":
        runs["∅"] = Evaluation(kept_variant(without_nodes(live, frozenset(members))))
    return MappingProxyType(runs)


def differing(a: Circuit, b: Circuit) -> Mapping[str, tuple[Node | Edge, ...]]:
    """What the two keep differently, by name: single nodes, or single claimed edges, and with
    ``keep mlps`` all edges between one head and the MLPs together."""
    kept_a, kept_b = kept(a), kept(b)
    claimed = {*a.claimed_edges, *b.claimed_edges}
    found: dict[str, list[Node | Edge]] = {}
    for what in sorted(kept_a.keys() | kept_b.keys(), key=_place):
        if kept_a.get(what) == kept_b.get(what):
            continue
        name = str(what)
        if isinstance(what, Edge) and what not in claimed:
            name = f"MLP edges of {_head(what)}"
        found.setdefault(name, []).append(what)
    return {name: tuple(parts) for name, parts in found.items()}


def _place(what: Node | Edge) -> tuple[object, ...]:
    if isinstance(what, Edge):
        return (what.source, what.target, what.port or "")
    return (what,)


def _head(edge: Edge) -> Node:
    return edge.source if edge.target.kind in ("mlp", "logits") else edge.target


def exchanged(live: Kept, other: Kept, parts: Iterable[Node | Edge]) -> Kept:
    """``live`` with some of its parts as ``other`` has them."""
    made = dict(live)
    for what in parts:
        if what in other:
            made[what] = other[what]
        else:
            made.pop(what, None)
    return made


def _held(parts: Iterable[Node | Edge], a: Kept, b: Kept) -> str:
    """Which of the circuits has it: ``A``, ``B``, or ``both`` at different positions."""
    sides = {(what in a, what in b) for what in parts}
    if sides == {(True, False)}:
        return "A"
    return "B" if sides == {(False, True)} else "both"
