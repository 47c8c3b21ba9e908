"""Random circuits of the same size profile as a claimed one: what it has to be better than."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from itertools import islice

from circuitlang.circuit.circuit import Circuit, Role
from circuitlang.circuit.draw import Stream, shuffled
from circuitlang.circuit.names import Edge, Node, head
from circuitlang.circuit.positions import Positions

# For each circuit that is wanted, so many draws at most: in a small model most may be the same.
_DRAWS = 20


def random_circuits(circuit: Circuit, count: int, stream: str = "cover") -> tuple[Circuit, ...]:
    """``count`` circuits of the same size profile, all different and none the circuit itself;
    fewer where there are no more.

    Each head is replaced by one of its layer, no two by the same, and keeps its positions, its
    roles and, where edges are what is kept, its edges; MLPs stay. Heads are drawn from those that
    are not in the circuit, or from all of the layer where too few are left. The policy's seed and
    the name of the ``stream`` determine the draws, and fewer circuits are the first of more: who
    asks for the same stream shares them. None where the model's shape is not known.
    """
    shape = circuit.shape
    if shape is None:
        return ()
    seen = {_kept(circuit)}
    found: list[Circuit] = []
    for draw in range(1, _DRAWS * count + 1):
        names = Stream(circuit.policy.seed, stream, draw)
        one = _renamed(circuit, dict(_others(circuit.members, shape.n_heads, names)))
        kept = _kept(one)
        if kept not in seen:
            seen.add(kept)
            found.append(one)
        if len(found) == count:
            break
    return tuple(found)


def _kept(circuit: Circuit) -> frozenset[tuple[Node | Edge, Positions]]:
    """What is kept live, by granularity: two circuits with the same run the same."""
    edges = circuit.policy.granularity == "edges"
    return frozenset([*circuit.edges.items()] if edges else [*circuit.members.items()])


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

    # A circuit of nodes can have tens of thousands of edges, and nothing reads them.
    read = circuit.policy.granularity == "edges"
    return replace(
        circuit,
        roles={name: role(one) for name, one in circuit.roles.items()},
        edges=edges(circuit.edges) if read else {},
        claimed_edges=edges(circuit.claimed_edges) if read else {},
        connections=(),
    )
