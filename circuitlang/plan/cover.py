"""Covers: what has to be run to know that a claim says anything (see docs/design/007-covers.md).

``task``: the model does the task. ``ablation``: ablating moves the metric. ``size``: what the claim
is about is neither nothing nor every head. ``denominator``: a share is of something that is not
zero. ``random``: random circuits of the same size profile do not pass as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from circuitlang.circuit.circuit import Circuit, Claim, Role
from circuitlang.circuit.draw import Stream, shuffled
from circuitlang.circuit.names import Edge, Node, head
from circuitlang.circuit.positions import Positions
from circuitlang.plan.measures import MEASURES
from circuitlang.plan.measures.base import CoverName
from circuitlang.plan.request import Evaluation, Request
from circuitlang.plan.variant import MODEL, circuit_variant, empty_variant

# For each circuit that is wanted, so many draws at most: in a small model most may be the same.
_DRAWS = 20


def covers_of(circuit: Circuit, claim: Claim) -> tuple[CoverName, ...]:
    """The covers that a claim needs, less those that the policy or its comparator rules out."""
    measure = MEASURES[claim.measure.name]
    wanted = measure.covers(claim.measure.arguments)
    held = circuit.policy.cover is not None and asks_to_keep_enough(claim)
    return tuple(name for name in wanted if name != "random" or held)


def asks_to_keep_enough(claim: Claim) -> bool:
    """Whether the claim passes where a circuit keeps enough: ``>=`` or ``~=`` of a share that is
    kept, ``<=`` or ``~=`` of a distance from the model."""
    measure = MEASURES[claim.measure.name]
    if measure.kept is None:
        return False
    share = measure.relative(claim.measure.arguments)
    return claim.comparator in ("~=", ">=" if share else "<=")


def cover_requests(
    circuit: Circuit, claim: Claim, drawn: Sequence[Circuit]
) -> Mapping[str, Request]:
    """What the covers of a claim read: ``M`` and ``∅`` on all examples, and, on as many as the
    policy says, ``random 1`` and so on for the random circuits that were ``drawn``."""
    covers = covers_of(circuit, claim)
    found: dict[str, Request] = {}
    if "task" in covers or "ablation" in covers:
        found["M"] = Evaluation(MODEL)
    if "ablation" in covers:
        found["∅"] = Evaluation(empty_variant(circuit))
    measure, policy = MEASURES[claim.measure.name], circuit.policy
    if "random" in covers and measure.kept is not None and policy.cover is not None:
        label = measure.kept(claim.measure.arguments)
        for i, one in enumerate(drawn, start=1):
            request = measure.requests(one, claim.measure.arguments)[label]
            if isinstance(request, Evaluation):
                found[f"random {i}"] = request._replace(examples=policy.cover.examples)
    return found


def random_circuits(circuit: Circuit) -> tuple[Circuit, ...]:
    """Circuits of the same size profile, as many as the policy's cover asks for, all different and
    none the circuit itself; fewer where there are no more.

    Each head is replaced by one of its layer, no two by the same, and keeps its positions, its
    roles and its edges; MLPs stay. Heads are drawn from those that are not in the circuit, or from
    all of the layer where too few are left. None where the model's shape is not known.
    """
    cover, shape = circuit.policy.cover, circuit.shape
    if cover is None or shape is None:
        return ()
    seen = {circuit_variant(circuit)}
    found: list[Circuit] = []
    for draw in range(1, _DRAWS * cover.circuits + 1):
        names = Stream(circuit.policy.seed, "cover", draw)
        one = _renamed(circuit, dict(_others(circuit.members, shape.n_heads, names)))
        variant = circuit_variant(one)
        if variant not in seen:
            seen.add(variant)
            found.append(one)
        if len(found) == cover.circuits:
            break
    return tuple(found)


def _others(members: Collection[Node], n_heads: int, stream: Stream) -> Iterator[tuple[Node, Node]]:
    """Each head of the circuit, and the one that takes its place."""
    layers: dict[int, list[Node]] = {}
    for node in sorted(members):
        if node.kind == "head":
            layers.setdefault(node.layer, []).append(node)
    for layer, taken in layers.items():
        every = [head(layer, index) for index in range(n_heads)]
        free = [node for node in every if node not in taken]
        pool = free if len(free) >= len(taken) else every
        drawn = islice(shuffled(stream, len(pool)), len(taken))
        yield from zip(taken, (pool[i] for i in drawn), strict=True)


def _renamed(circuit: Circuit, names: Mapping[Node, Node]) -> Circuit:
    def other(node: Node) -> Node:
        return names.get(node, node)

    def role(one: Role) -> Role:
        return replace(one, members=tuple(replace(m, node=other(m.node)) for m in one.members))

    def edges(kept: Mapping[Edge, Positions]) -> Mapping[Edge, Positions]:
        return {Edge(other(e.source), other(e.target), e.port): at for e, at in kept.items()}

    return replace(
        circuit,
        roles={name: role(one) for name, one in circuit.roles.items()},
        edges=edges(circuit.edges),
        claimed_edges=edges(circuit.claimed_edges),
        connections=(),
    )


def whole(circuit: Circuit, nodes: Iterable[Node]) -> bool:
    """Whether these are all heads of the model: then they are no finding about heads."""
    return circuit.shape is not None and set(circuit.shape.heads) <= set(nodes)
