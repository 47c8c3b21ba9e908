"""The JSON of a graph of EAP-IG, as a stranger may have written it.

Until February 2025 a node was a bare flag, and neurons stood beside the nodes; that is read too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeGuard

from circuitlang.circuit.names import INPUT, LOGITS, Node, feeds, parse_edge, parse_node
from circuitlang.exchange.eap_graph import (
    MOST_BYTES,
    Graph,
    GraphEdge,
    GraphNode,
    check_sizes,
    parallel,
)
from circuitlang.syntax.strict_json import RefusedError, decode, parse_json, shown


def read_json(content: bytes | str) -> Graph:
    """The graph of a JSON text. Raises `RefusedError` with the path of what is wrong."""
    text = content if isinstance(content, str) else decode(content, MOST_BYTES)
    data = parse_json(text, numbers=False)
    sections = {key: _section(data, key) for key in ("cfg", "nodes", "edges")}
    cfg = sections["cfg"]
    check_sizes(cfg)
    listed, bare = sections["nodes"], any(isinstance(v, bool) for v in sections["nodes"].values())
    taken = (*sections, *_BARE) if bare else tuple(sections)
    if bare:
        beside = {ours: _section(data, key) for key, ours in _BARE.items() if key in data}
        listed = {name: _whole(name, value, beside) for name, value in listed.items()}
    nodes = {name: _node(name, value, cfg) for name, value in listed.items()}
    edges = {name: _edge(name, value, cfg) for name, value in sections["edges"].items()}
    extra = {key: value for key, value in data.items() if key not in taken}
    return Graph(cfg, nodes, edges, extra, bare)


# Where the neurons of bare nodes stand, and what they are called in a node.
_BARE = {"neurons": "neurons", "neuron_scores": "neurons_scores"}


def _whole(name: str, flag: object, beside: Mapping[str, Mapping[str, Any]]) -> object:
    """A bare node as EAP-IG writes it now."""
    if not isinstance(flag, bool):
        raise RefusedError(
            f'`$.nodes["{shown(name)}"]` is no flag, and other nodes are',
            "save the graph with `Graph.to_json(path)` of EAP-IG",
        )
    return {
        "in_graph": flag,
        **{key: found[name] for key, found in beside.items() if name in found},
    }


def _section(data: object, key: str) -> Mapping[str, Any]:
    section = data.get(key) if isinstance(data, dict) else None
    if not isinstance(section, dict):
        raise RefusedError(
            f"it has no object `{key}`", "save the graph with `Graph.to_json(path)` of EAP-IG"
        )
    return section


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
        None if neurons is None else tuple(_each(where, neurons, _is_flag)),
        None if scores is None else tuple(_each(where, scores, _is_number)),
    )


def _edge(name: str, value: object, cfg: Mapping[str, Any]) -> GraphEdge:
    edge = parse_edge(name)
    if (
        edge is None
        or edge.port not in edge.target.ports
        or not (_has(cfg, edge.source) and _has(cfg, edge.target))
        or not feeds(edge.source, edge.target)
        or (parallel(cfg) and edge.source.layer == edge.target.layer)
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
    if value is None:
        return None
    if not _is_number(value):
        raise RefusedError(f"`{where}.score` is no number")
    return value


def _is_number(value: object) -> TypeGuard[float]:
    """Whether it is a number, `NaN` included, that a float can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, float) or abs(value) < 1 << 1000


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _each(where: str, values: object, right: Callable[[object], bool]) -> list[Any]:
    if not isinstance(values, list) or not all(map(right, values)):
        raise RefusedError(f"the neurons of `{where}` are no list of that kind")
    return values
