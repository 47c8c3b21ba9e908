"""A variant looked up: where each node and each edge is live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from circuitlang.circuit.names import LOGITS, Edge, Node, feeds
from circuitlang.circuit.positions import EVERYWHERE, NOWHERE, Positions
from circuitlang.circuit.shape import ModelShape
from circuitlang.plan.variant import Variant, Version


@dataclass(frozen=True)
class Versions:
    """``nodes`` and ``edges`` hold the positions at which what a variant overrides is live; an edge
    that is not in ``edges`` is live where its source is. ``live_sources``: where an edge that may
    be live somewhere begins."""

    default: Positions
    nodes: Mapping[Node, Positions]
    edges: Mapping[Edge, Positions]
    live_sources: frozenset[Node]

    def of(self, node: Node) -> Positions:
        return self.nodes.get(node, self.default)

    def needed(self, node: Node) -> bool:
        """Whether any edge that leaves the node may be live somewhere."""
        return bool(self.of(node)) or node in self.live_sources


def versions(variant: Variant, shape: ModelShape) -> Versions:
    """Applies the overrides in order, nodes first, then edges.

    Raises ValueError for a node or edge that a model of that shape does not have.
    """
    default = EVERYWHERE if variant.default is Version.LIVE else NOWHERE
    nodes: dict[Node, Positions] = {}
    edges: dict[Edge, Positions] = {}
    for what, at, version in variant.overrides:
        if isinstance(what, Edge):
            continue
        if what == LOGITS or not shape.has(what):
            raise ValueError(f"{what} sends nothing in a model of this shape")
        nodes[what] = _applied(nodes.get(what, default), at, version)
    for what, at, version in variant.overrides:
        if isinstance(what, Edge):
            _check(what, shape)
            before = edges.get(what, nodes.get(what.source, default))
            edges[what] = _applied(before, at, version)
    sources = frozenset(edge.source for edge, at in edges.items() if at)
    return Versions(default, MappingProxyType(nodes), MappingProxyType(edges), sources)


# Variants of one plan repeat each other's overrides, most of them thousands of times.
@lru_cache(maxsize=1 << 12)
def _applied(before: Positions, at: Positions, version: Version) -> Positions:
    return before | at if version is Version.LIVE else before - at


@lru_cache(maxsize=1 << 17)
def _check(edge: Edge, shape: ModelShape) -> None:
    known = shape.has(edge.source) and shape.has(edge.target)
    if not known or edge.port not in edge.target.ports or not feeds(edge.source, edge.target):
        raise ValueError(f"{edge} is no edge of a model of this shape")
