"""A variant over position classes: where each node is live, where single edges differ from it,
and so which values the metric depends on."""

from __future__ import annotations

from typing import NamedTuple

from circuitlang.circuit.names import INPUT, LOGITS, PORTS, Edge, Node, Port, mlp
from circuitlang.circuit.positions import Positions
from circuitlang.circuit.shape import ModelShape
from circuitlang.plan.classes import Bits, Classes
from circuitlang.plan.variant import Variant
from circuitlang.plan.versions import versions

Ends = tuple[Node, Port | None]  # where an edge ends


class Difference(NamedTuple):
    """Where one edge into a port is live and its source's node is not, and the other way round."""

    source: Node
    more: Bits
    less: Bits


class Needs(NamedTuple):
    """``streams[level]``: classes at which the running stream is read. ``values``: classes at which
    a node's value is."""

    streams: list[Bits]
    values: dict[Node, Bits]


class Carried:
    """A variant of a model of that shape, over those classes."""

    def __init__(self, variant: Variant, shape: ModelShape, classes: Classes) -> None:
        self.shape, self.classes = shape, classes
        live = versions(variant, shape)
        masks: dict[Positions, Bits] = {}

        def mask(at: Positions) -> Bits:
            if at not in masks:
                masks[at] = classes.mask(at)
            return masks[at]

        self.default = mask(live.default)
        self.nodes = {node: mask(at) for node, at in live.nodes.items()}
        self.edges: dict[Edge, Bits] = {}
        self._into: dict[Ends, list[Difference]] = {}
        for edge, at in live.edges.items():
            own, shared = mask(at), self.node(edge.source)
            if own != shared:
                self.edges[edge] = own ^ shared
                difference = Difference(edge.source, own & ~shared, shared & ~own)
                self._into.setdefault((edge.target, edge.port), []).append(difference)

        # The heads of each layer that may send something live.
        sending = {edge.source for edge in self.edges} | {n for n, at in self.nodes.items() if at}
        if self.default:
            sending = set(shape.heads)
        self.heads: list[list[Node]] = [[] for _ in range(shape.n_layers)]
        for node in sorted(sending):
            if node.kind == "head":
                self.heads[node.layer].append(node)

    def node(self, node: Node) -> Bits:
        """Where the node's value is what its edges carry, unless they say otherwise."""
        return self.nodes.get(node, self.default)

    def into(self, ends: Ends) -> list[Difference]:
        """The edges into a port that differ from their sources somewhere."""
        return self._into.get(ends, [])

    def needs(self) -> Needs:
        """Backwards from the metric: what is read, at which classes."""
        top = 2 * self.shape.n_layers
        streams = [0] * (top + 1)
        values: dict[Node, Bits] = {}

        def read(level: int, ends: Ends, classes: Bits) -> None:
            streams[level] |= classes
            for source, more, less in self.into(ends):
                if where := (more | less) & classes:
                    values[source] = values.get(source, 0) | where

        def sent(node: Node, above: Bits) -> Bits:
            values[node] = values.get(node, 0) | (self.node(node) & above)
            return values[node]

        read(top, (LOGITS, None), self.classes.read)
        for layer in reversed(range(self.shape.n_layers)):
            level = 2 * layer
            streams[level + 1] |= streams[level + 2]
            if self.shape.d_mlp:
                read(level + 1, (mlp(layer), None), sent(mlp(layer), streams[level + 2]))
            streams[level] |= streams[level + 1]
            for node in self.heads[layer]:
                if where := sent(node, streams[level + 1]):
                    seen = self.classes.seen_by(where)
                    for port in PORTS:
                        read(level, (node, port), where if port == "q" else seen)
        sent(INPUT, streams[0])
        return Needs(streams, values)

    def clean_below(self, other: Carried) -> list[int]:
        """For each class the last level at which this variant and the other cannot differ yet:
        running streams up to it, and values that read a level below it, are the same in both."""
        changes: dict[int, Bits] = {}

        def change(level: int, classes: Bits) -> None:
            if classes:
                changes[level] = changes.get(level, 0) | classes

        both = {**self.nodes, **other.nodes}
        for node in both:
            change(_read_level(node, self.shape), self.node(node) ^ other.node(node))
        for edge in {**self.edges, **other.edges}:
            # Where the source's own version differs, the loop above has found an earlier change.
            differs = self.edges.get(edge, 0) ^ other.edges.get(edge, 0)
            change(_read_level(edge.target, self.shape), differs)
        if self.default != other.default:
            change(-1, (1 << len(self.classes)) - 1)
        top = 2 * self.shape.n_layers
        return [
            min((level for level, at in changes.items() if at & before), default=top)
            for before in self.classes.before
        ]


def _read_level(node: Node, shape: ModelShape) -> int:
    """The level that the node reads; what it sends arrives one above."""
    match node.kind:
        case "input":
            return -1
        case "head":
            return 2 * node.layer
        case "mlp":
            return 2 * node.layer + 1
        case _:
            return 2 * shape.n_layers
