"""The ``.pt`` of a graph of EAP-IG (``Graph.to_pt``): the same facts as tensors.

Rows are the nodes that write, in order; columns are the ports that read: layer by layer the heads'
``q``, their ``k``, their ``v`` and the MLP, at the end the logits. A graph with scores of nodes or
neurons exists in this form only: at the commit that docs/exchange.md names, ``Graph.to_json`` fails
on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from circuitlang.circuit.names import LOGITS, PORTS, Node, Reader, head, mlp
from circuitlang.exchange.eap_graph import (
    Graph,
    GraphEdge,
    GraphNode,
    check_sizes,
    graph_edges,
    graph_nodes,
    parallel,
)
from circuitlang.exchange.torch_archive import Tensor, read_tensors
from circuitlang.exchange.values import Value
from circuitlang.syntax.strict_json import RefusedError

_READ = (
    *("cfg", "src_nodes", "dst_nodes", "edges_in_graph", "edges_scores", "nodes_in_graph"),
    *("nodes_scores", "neurons_in_graph", "neurons_scores"),
)


def read_pt(content: bytes) -> Graph:
    """The graph of an archive. Raises `RefusedError` with what is wrong; no code in it is run."""
    data = Value(read_tensors(content))
    cfg = data["cfg"].fields()
    check_sizes(cfg)
    sources = [node for node in graph_nodes(cfg["n_layers"], cfg["n_heads"]) if node != LOGITS]
    readers = list(_readers(cfg["n_layers"], cfg["n_heads"]))
    _check_order(data, "src_nodes", list(map(str, sources)))
    _check_order(data, "dst_nodes", list(map(str, readers)))
    shape = (len(sources), len(readers))
    marks = _tensor(data, "edges_in_graph", shape)
    scores = _tensor(data, "edges_scores", shape) if data.get("edges_scores") else None
    rows = {node: i for i, node in enumerate(sources)}
    columns = {reader: i for i, reader in enumerate(readers)}
    edges: dict[str, GraphEdge] = {}
    marked: Counter[Node] = Counter()
    for edge in graph_edges(cfg["n_layers"], cfg["n_heads"], parallel(cfg)):
        at = rows[edge.source] * len(readers) + columns[edge.reader]
        edges[str(edge)] = GraphEdge(bool(marks.flat[at]), scores.flat[at] if scores else None)
        marked[edge.source] += bool(marks.flat[at])
    impossible = {
        str(node): beside
        for node, i in rows.items()
        if (beside := sum(map(bool, _row(marks, i))) - marked[node])
    }
    extra = dict.fromkeys(data.others(_READ))
    return Graph(dict(cfg), _nodes(data, sources), edges, extra, impossible=impossible)


def _readers(layers: int, heads: int) -> Iterator[Reader]:
    for layer in range(layers):
        for port in PORTS:
            yield from (Reader(head(layer, index), port) for index in range(heads))
        yield Reader(mlp(layer))
    yield Reader(LOGITS)


def _check_order(data: Value, key: str, wanted: list[str]) -> None:
    """Raises `RefusedError` where rows or columns are not those of a model of `$.cfg`'s sizes."""
    listed = data.get(key)
    if listed is not None and [one.data for one in listed.each()] != wanted:
        raise listed.wrong("the nodes of a model of `$.cfg`'s sizes were needed, in order")


def _tensor(data: Value, key: str, shape: tuple[int, ...]) -> Tensor:
    found = data[key]
    if not isinstance(found.data, Tensor) or found.data.shape != shape:
        sizes = " x ".join(map(str, shape))
        has = f"has {found.data.shape}" if isinstance(found.data, Tensor) else "is none"
        raise RefusedError(f"`{found.path}` {has}; a tensor of {sizes} was needed")
    return found.data


def _row(tensor: Tensor, index: int) -> Any:
    width = tensor.shape[1]
    return tensor.flat[index * width : (index + 1) * width]


def _nodes(data: Value, sources: list[Node]) -> Mapping[str, GraphNode]:
    count = len(sources)
    marks = _tensor(data, "nodes_in_graph", (count,))
    scores = _tensor(data, "nodes_scores", (count,)) if data.get("nodes_scores") else None
    neurons, ranked = _of_neurons(data, "neurons_in_graph", count), None
    if neurons:
        ranked = _of_neurons(data, "neurons_scores", count)
    nodes = {
        str(node): GraphNode(
            bool(marks.flat[i]),
            scores.flat[i] if scores else None,
            tuple(map(bool, _row(neurons, i))) if neurons else None,
            tuple(_row(ranked, i)) if ranked else None,
        )
        for i, node in enumerate(sources)
    }
    return {**nodes, str(LOGITS): GraphNode(True)}


def _of_neurons(data: Value, key: str, count: int) -> Tensor | None:
    found = data.get(key)
    if found is None:
        return None
    width = found.data.shape[1] if isinstance(found.data, Tensor) and found.data.shape[1:] else 0
    return _tensor(data, key, (count, width))
