"""The graphs of EAP-IG and MIB (hannamw/EAP-IG), and their JSON as ``Graph.to_json`` writes it.

``cfg`` has the sizes; ``nodes`` and ``edges`` stand by name, with flags and scores. EAP-IG writes
bare ``NaN`` for what was not scored, which strict JSON forbids and a graph keeps.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from circuitlang.circuit.names import INPUT, LOGITS, Edge, Node, head, mlp
from circuitlang.syntax.strict_json import RefusedError

MOST_BYTES = 256 << 20
_MOST_LAYERS = _MOST_HEADS = 1024


@dataclass(frozen=True, slots=True)
class GraphNode:
    """``neurons`` and ``neurons_scores`` have one entry for each of the d_model dimensions."""

    in_graph: bool
    score: float | None = None
    neurons: tuple[bool, ...] | None = None
    neurons_scores: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """``score`` is the attribution; None where the file has none."""

    in_graph: bool
    score: float | None = None


@dataclass(frozen=True)
class Graph:
    """One graph file.

    ``extra`` holds every other top-level key, which EAP-IG ignores; ``bare_nodes`` is whether nodes
    are bare flags, which EAP-IG reads no more; ``impossible`` counts, by source, the marks of a
    ``.pt`` on edges that run against the order of layers.
    """

    cfg: Mapping[str, Any]
    nodes: Mapping[str, GraphNode]
    edges: Mapping[str, GraphEdge]
    extra: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    bare_nodes: bool = False
    impossible: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


def graph_nodes(layers: int, heads: int) -> Iterator[Node]:
    """Every node in EAP-IG's order: input, layer by layer the heads and the MLP, logits."""
    yield INPUT
    for layer in range(layers):
        yield from (head(layer, index) for index in range(heads))
        yield mlp(layer)
    yield LOGITS


def graph_edges(layers: int, heads: int, parallel: bool) -> Iterator[Edge]:
    """Every edge in EAP-IG's order. In ``parallel`` blocks a layer's heads do not feed its MLP."""
    stream = [INPUT]
    for layer in range(layers):
        readers = [head(layer, index) for index in range(heads)]
        block = mlp(layer)
        for source in stream:
            for target in readers:
                yield from (Edge(source, target, port) for port in target.ports)
            if parallel:
                yield Edge(source, block)
        if not parallel:
            yield from (Edge(source, block) for source in (*stream, *readers))
        stream += [*readers, block]
    yield from (Edge(source, LOGITS) for source in stream)


def write_graph(graph: Graph) -> str:
    """The file's text, with keys in EAP-IG's order. Whatever `read_graph` took comes back equal,
    but for bare nodes, which are written as EAP-IG writes them now."""
    nodes = {name: _node_fields(node) for name, node in graph.nodes.items()}
    edges = {name: _edge_fields(edge) for name, edge in graph.edges.items()}
    return json.dumps({"cfg": dict(graph.cfg), "nodes": nodes, "edges": edges, **graph.extra})


def _node_fields(node: GraphNode) -> dict[str, Any]:
    fields: dict[str, Any] = {"in_graph": node.in_graph}
    if node.score is not None:
        fields["score"] = node.score
    if node.neurons is not None:
        fields["neurons"] = node.neurons
    if node.neurons_scores is not None:
        fields["neurons_scores"] = node.neurons_scores
    return fields


def _edge_fields(edge: GraphEdge) -> dict[str, Any]:
    scored = {} if edge.score is None else {"score": edge.score}
    return {**scored, "in_graph": edge.in_graph}


def check_sizes(cfg: Mapping[str, Any]) -> None:
    """Raises `RefusedError` where the sizes that fix a graph's nodes are not there."""
    for key, most in (("n_layers", _MOST_LAYERS), ("n_heads", _MOST_HEADS)):
        value = cfg.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= most:
            raise RefusedError(f"`$.cfg.{key}` is no whole number from 1 to {most:,}")


def parallel(cfg: Mapping[str, Any]) -> bool:
    return cfg.get("parallel_attn_mlp") is True
