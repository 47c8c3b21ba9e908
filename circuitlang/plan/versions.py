"""A variant looked up: what each node, edge and port carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from circuitlang.circuit.names import LOGITS, Edge, Node, Reader, feeds
from circuitlang.circuit.positions import Positions
from circuitlang.circuit.shape import ModelShape
from circuitlang.plan.variant import Variant, Version


class Step(NamedTuple):
    """From here on, the tokens in ``at`` carry ``version``."""

    at: Positions
    version: Version | Variant


Steps = tuple[Step, ...]


@dataclass(frozen=True)
class Versions:
    """Steps are taken in turn, token by token, the last one winning. A node begins with
    ``default``, an edge with what its source has come to, a port with its edges. What is in none of
    the three takes no steps.
    """

    default: Version
    nodes: Mapping[Node, Steps]
    edges: Mapping[Edge, Steps]
    readers: Mapping[Reader, Steps]

    def of(self, node: Node) -> Steps:
        return self.nodes.get(node, ())

    @property
    def by_nodes(self) -> bool:
        """Whether all edges of a node carry the same."""
        return not self.edges and not self.readers


def versions(variant: Variant, shape: ModelShape) -> Versions:
    """The steps of every override, in order.

    Raises ValueError for a node, an edge or a port that a model of that shape does not have, and
    for a port that is told anything but another variant.
    """
    nodes: dict[Node, Steps] = {}
    edges: dict[Edge, Steps] = {}
    readers: dict[Reader, Steps] = {}
    for what, at, version in variant.overrides:
        step = Step(at, version)
        match what:
            case Edge():
                _check_edge(what, shape)
                edges[what] = (*edges.get(what, ()), step)
            case Reader():
                _check_reader(what, shape)
                if isinstance(version, Version):
                    raise ValueError(f"{what} can read what it reads in another variant only")
                readers[what] = (*readers.get(what, ()), step)
            case Node():
                if what == LOGITS or not shape.has(what):
                    raise ValueError(f"{what} sends nothing in a model of this shape")
                nodes[what] = (*nodes.get(what, ()), step)
    return Versions(variant.default, nodes, edges, readers)


@lru_cache(maxsize=1 << 17)
def _check_edge(edge: Edge, shape: ModelShape) -> None:
    known = shape.has(edge.source) and shape.has(edge.target)
    if not known or edge.port not in edge.target.ports or not feeds(edge.source, edge.target):
        raise ValueError(f"{edge} is no edge of a model of this shape")


@lru_cache(maxsize=1 << 12)
def _check_reader(reader: Reader, shape: ModelShape) -> None:
    if not shape.has(reader.node) or reader.port not in reader.node.ports:
        raise ValueError(f"{reader} is no port of a model of this shape")
