"""Paths drawn at random: what a circuit is inflated by, to see what an idle part changes.

Shi et al. (2024, arXiv:2410.13032, minimality test) walk from the input to the logits, each step to
one of the readers of the last node, all with equal chance. Here nodes have positions too: a head on
the way is used where one of the circuit's own heads is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.draw import Stream
from circuitlang.circuit.expand import Site, member_sites
from circuitlang.circuit.names import INPUT, LOGITS, Edge, Node, Reader, feeds
from circuitlang.circuit.positions import EVERYWHERE, Positions
from circuitlang.circuit.shape import ModelShape
from circuitlang.plan.variant import circuit_variant, shape_of

# For each addition that is wanted, so many walks at most: one along what is kept adds nothing.
_WALKS = 20
# A walk may come to where no step leads on; it is given up after so many tries.
_STEPS = 200

Part = Node | Edge


class Addition(NamedTuple):
    """What a path adds to what the circuit keeps, and one part of that, drawn at random."""

    added: Mapping[Part, Positions]
    removed: Part


def random_additions(circuit: Circuit, count: int) -> tuple[Addition, ...]:
    """``count`` independent draws, so that one may come twice; fewer where next to nothing can be
    added. Nodes are added under granularity ``nodes``, edges under ``edges``.

    Raises ShapeNeededError where the model's shape is not known.
    """
    shape = shape_of(circuit, "`minimality(test=inflated)`")
    kept = {override.what: override.at for override in circuit_variant(circuit).overrides}
    walk, edges = _Walk(circuit, shape), circuit.policy.granularity == "edges"
    found: list[Addition] = []
    for draw in range(1, _WALKS * count + 1):
        stream = Stream(circuit.policy.seed, "inflated", draw)
        used = walk.edges(stream) if edges else walk.nodes(stream)
        added = {
            part: new
            for part, at in sorted(used.items(), key=lambda item: str(item[0]))
            if (new := at - kept[part] if part in kept else at)
        }
        if added:
            found.append(Addition(added, list(added)[stream.below(len(added))]))
        if len(found) == count:
            break
    return tuple(found)


class _Step(NamedTuple):
    """An edge, the positions at which it is used, and where it leads."""

    edge: Edge
    at: Positions
    to: Site


class _Walk:
    """Random walks through the model's graph, step by step to what reads the node before."""

    def __init__(self, circuit: Circuit, shape: ModelShape) -> None:
        self._members = member_sites(circuit.roles.values())
        heads = [site for site in self._members.values() if site.node.kind == "head"]
        free = circuit.policy.positions == "all" or not heads
        # Where a node that the circuit does not have may stand.
        self._places = [(EVERYWHERE, EVERYWHERE)] if free else [(s.at, s.attending) for s in heads]
        self._everywhere = free
        # A path that ends elsewhere is one that nothing reads.
        self._read = Positions.of([circuit.task.metric.at])
        self._mlps_everywhere = free or circuit.keep_mlps
        nodes = (*shape.heads, *shape.mlps, LOGITS)
        self._readers = [Reader(node, port) for node in nodes for port in node.ports]
        self._readers_of: dict[Node, Sequence[Reader]] = {}

    def edges(self, stream: Stream) -> Mapping[Part, Positions]:
        """The edges of one path from input to logits, with the positions at which each is used."""
        return {step.edge: step.at for step in self._steps(stream)}

    def nodes(self, stream: Stream) -> Mapping[Part, Positions]:
        """The nodes between input and logits on one path, each where it writes."""
        return {to.node: to.at for _, _, to in self._steps(stream) if to.node != LOGITS}

    def _steps(self, stream: Stream) -> Sequence[_Step]:
        """One walk; none where it does not get to the logits."""
        here, taken = Site(INPUT, EVERYWHERE, EVERYWHERE), list[_Step]()
        for _ in range(_STEPS):
            onward = self._onward(here.node)
            node, port = onward[stream.below(len(onward))]
            there = self._site(node, stream)
            # Where the target reads nothing that the source writes there is no edge to take.
            if at := here.at & there.reads(port):
                edge = Edge(here.node, node, port)
                # An MLP writes where it read: the path stays at its position.
                here = Site(node, at, at) if node.kind == "mlp" else there
                taken.append(_Step(edge, at, here))
            if here.node == LOGITS:
                return taken
        return ()

    def _onward(self, node: Node) -> Sequence[Reader]:
        if node not in self._readers_of:
            self._readers_of[node] = [one for one in self._readers if feeds(node, one.node)]
        return self._readers_of[node]

    def _site(self, node: Node, stream: Stream) -> Site:
        if self._everywhere or (node.kind == "mlp" and self._mlps_everywhere):
            return Site(node, EVERYWHERE, EVERYWHERE)
        if node == LOGITS:
            return Site(LOGITS, self._read, self._read)
        if node in self._members:
            return self._members[node]
        at, attending = self._places[stream.below(len(self._places))]
        return Site(node, at, attending)
