"""The graph files of EAP-IG and MIB (hannamw/EAP-IG, ``Graph.to_json``), read and written as such.

One JSON object: ``cfg`` with the sizes; ``nodes`` and ``edges`` by name, with flags and scores.
EAP-IG writes bare ``NaN`` for what was not scored, which strict JSON forbids and this module keeps.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from circuitlang.circuit.names import (
    INPUT,
    LOGITS,
    Edge,
    Node,
    feeds,
    head,
    mlp,
    parse_edge,
    parse_node,
)
from circuitlang.exchange.values import refusal
from circuitlang.syntax.diagnostic import Diagnostic
from circuitlang.syntax.strict_json import RefusedError, decode, parse_json, shown

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
    """One graph file. ``extra`` holds every other top-level key, which EAP-IG ignores."""

    cfg: Mapping[str, Any]
    nodes: Mapping[str, GraphNode]
    edges: Mapping[str, GraphEdge]
    extra: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


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
    """The file's text, with keys in EAP-IG's order. Whatever `read_graph` took comes back equal."""
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


def read_graph(content: bytes | str) -> tuple[Graph | None, tuple[Diagnostic, ...]]:
    """The graph of a file, or None and one diagnostic (``bad-graph-file``)."""
    try:
        return _read(content), ()
    except RefusedError as error:
        return None, (refusal("a graph of EAP-IG", error),)


def _read(content: bytes | str) -> Graph:
    text = content if isinstance(content, str) else decode(content, MOST_BYTES)
    data = parse_json(text, numbers=False)
    sections = {key: _section(data, key) for key in ("cfg", "nodes", "edges")}
    cfg = sections["cfg"]
    _size(cfg, "n_layers", _MOST_LAYERS)
    _size(cfg, "n_heads", _MOST_HEADS)
    nodes = {name: _node(name, value, cfg) for name, value in sections["nodes"].items()}
    edges = {name: _edge(name, value, cfg) for name, value in sections["edges"].items()}
    extra = {key: value for key, value in data.items() if key not in sections}
    return Graph(cfg, nodes, edges, extra)


def _section(data: object, key: str) -> Mapping[str, Any]:
    section = data.get(key) if isinstance(data, dict) else None
    if not isinstance(section, dict):
        raise RefusedError(
            f"it has no object `{key}`", "save the graph with `Graph.to_json(path)` of EAP-IG"
        )
    return section


def _size(cfg: Mapping[str, Any], key: str, most: int) -> None:
    value = cfg.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= most:
        raise RefusedError(f"`$.cfg.{key}` is no whole number from 1 to {most:,}")


def _parallel(cfg: Mapping[str, Any]) -> bool:
    return cfg.get("parallel_attn_mlp") is True


def _has(cfg: Mapping[str, Any], node: Node) -> bool:
    return node in (INPUT, LOGITS) or (node.layer < cfg["n_layers"] and node.head < cfg["n_heads"])


def _node(name: str, value: object, cfg: Mapping[str, Any]) -> GraphNode:
    node = parse_node(name)
    if node is None or not _has(cfg, node):
        raise RefusedError(
            f"`$.nodes` names `{shown(name)}`, which a model of `$.cfg`'s sizes does not have",
            "a node is named `input`, `a9.h6`, `m9` or `logits`",
        )
    where = f'$.nodes["{name}"]'
    fields = _fields(where, value)
    neurons, scores = fields.get("neurons"), fields.get("neurons_scores")
    return GraphNode(
        fields["in_graph"],
        _number(where, fields.get("score")),
        None if neurons is None else tuple(_each(where, neurons, bool)),
        None if scores is None else tuple(_each(where, scores, (int, float))),
    )


def _edge(name: str, value: object, cfg: Mapping[str, Any]) -> GraphEdge:
    edge = parse_edge(name)
    if (
        edge is None
        or edge.port not in edge.target.ports
        or not (_has(cfg, edge.source) and _has(cfg, edge.target))
        or not feeds(edge.source, edge.target)
        or (_parallel(cfg) and edge.source.layer == edge.target.layer)
    ):
        raise RefusedError(
            f"`$.edges` names `{shown(name)}`, which a model of `$.cfg`'s sizes does not have",
            "an edge is named `a9.h9->logits`, `m0->m1` or `m0->a1.h0<q>`, in layer order",
        )
    where = f'$.edges["{name}"]'
    fields = _fields(where, value)
    return GraphEdge(fields["in_graph"], _number(where, fields.get("score")))


def _fields(where: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict) or not isinstance(value.get("in_graph"), bool):
        raise RefusedError(
            f"`{where}` has no `in_graph` that is true or false", 'write "in_graph": true or false'
        )
    return value


def _number(where: str, value: object) -> float | None:
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    raise RefusedError(f"`{where}.score` is no number")


def _each(where: str, values: object, kind: Any) -> list[Any]:
    if not isinstance(values, list) or not all(isinstance(value, kind) for value in values):
        raise RefusedError(f"the neurons of `{where}` are no list of that kind")
    return values
