"""A circuit as a graph file of EAP-IG and MIB, and back.

The format has nodes, edges, flags and scores. It has no positions, roles, model, task or policy, so
these travel under a key of their own, ``circuitlang``, which EAP-IG ignores. A `.circuit` in turn
has no scores: `export_graph` takes them from the graph that was read.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.eap_graph import (
    Graph,
    GraphEdge,
    GraphNode,
    graph_edges,
    graph_nodes,
    read_graph,
    write_graph,
)
from circuitlang.circuit.names import INPUT, LOGITS, PORTS, Node, Port, parse_edge, parse_node
from circuitlang.syntax import tree
from circuitlang.syntax.diagnostic import Diagnostic, Severity, has_errors
from circuitlang.syntax.parse import parse
from circuitlang.syntax.source import NOWHERE, Source

SIDECAR = "circuitlang"

# Blocks whose attention and MLP read the same stream.
_PARALLEL = ("gpt_neox",)


class Imported(NamedTuple):
    """``source`` is the text that the spans of ``file`` point into; empty where ``file`` was made
    from flags. ``graph`` is everything that the graph file said, scores included."""

    file: tree.File
    source: Source
    graph: Graph


def export_graph(circuit: Circuit, scores: Graph | None = None) -> str:
    """The JSON text of the whole graph, in EAP-IG's order, with the circuit's parts marked.

    A node is marked when it is a member or an end of a kept edge. Scores are those of ``scores``,
    else 0. Raises ValueError while the circuit's shape is not known.
    """
    shape = circuit.shape
    if shape is None:
        raise ValueError("a graph has every node of the model: its shape has to be known")
    cfg: dict[str, Any] = {
        "n_layers": shape.n_layers,
        "n_heads": shape.n_heads,
        "parallel_attn_mlp": shape.family in _PARALLEL,
        "d_model": shape.d_model,
    }
    marked = {INPUT, LOGITS, *circuit.members, *(end for e in circuit.edges for end in e[:2])}
    nodes = {
        str(node): _scored_node(str(node), node in marked, scores)
        for node in graph_nodes(shape.n_layers, shape.n_heads)
    }
    edges = {
        str(edge): _scored_edge(str(edge), edge in circuit.edges, scores)
        for edge in graph_edges(shape.n_layers, shape.n_heads, cfg["parallel_attn_mlp"])
    }
    return write_graph(Graph(cfg, nodes, edges, {SIDECAR: _sidecar(circuit)}))


def _scored_node(name: str, in_graph: bool, scores: Graph | None) -> GraphNode:
    known = scores.nodes.get(name) if scores else None
    if known is None:
        return GraphNode(in_graph)
    return GraphNode(in_graph, known.score, known.neurons, known.neurons_scores)


def _scored_edge(name: str, in_graph: bool, scores: Graph | None) -> GraphEdge:
    known = scores.edges.get(name) if scores else None
    return GraphEdge(in_graph, 0.0 if known is None else known.score)


def _sidecar(circuit: Circuit) -> dict[str, Any]:
    """What the format has no place for. ``source`` alone is read back; the rest is for readers of
    the file, and ``edges`` tells whether flags were changed since."""
    roles = {
        role.name: {
            "at": str(role.at),
            "attending": str(role.attending),
            "members": [str(node) for node in role.nodes],
        }
        for role in circuit.roles.values()
    }
    return {
        "circuit": circuit.name,
        "digest": circuit.digest,
        "model": circuit.model.source,
        "granularity": circuit.policy.granularity,
        "ablation": str(circuit.policy.ablation),
        "positions": circuit.policy.positions,
        "roles": roles,
        "edges": {str(edge): str(at) for edge, at in circuit.edges.items()},
        "source": circuit.source.text,
    }


def import_graph(text: str) -> tuple[Imported | None, tuple[Diagnostic, ...]]:
    """The `.circuit` tree of a graph file, or None and what is wrong with it.

    A file that `export_graph` wrote gives back the circuit it was made from. Any other gives one
    role, ``members at any attending any``, and one edge statement for each marked pair of nodes;
    model, task and policy are left for the author to write, as the format does not name them.
    """
    graph, problems = read_graph(text)
    if graph is None:
        return None, problems
    sidecar = graph.extra.get(SIDECAR)
    carried = sidecar.get("source") if isinstance(sidecar, dict) else None
    if isinstance(sidecar, dict) and isinstance(carried, str) and carried:
        if _unchanged(graph, sidecar.get("edges")):
            source = Source(carried, str(sidecar.get("circuit", "circuit"))[:80] + ".circuit")
            file, found = parse(source)
            if not has_errors(found):
                return Imported(file, source, graph), found
        return Imported(_from_flags(graph), Source(""), graph), (_note_flags(),)
    return Imported(_from_flags(graph), Source(""), graph), ()


def _unchanged(graph: Graph, edges: object) -> bool:
    marked = {name for name, edge in graph.edges.items() if edge.in_graph}
    return isinstance(edges, dict) and marked == set(edges) & set(graph.edges)


def _note_flags() -> Diagnostic:
    return Diagnostic(
        "graph-differs",
        "the marked edges are not those of the `.circuit` that the file carries; the marks were "
        "read, so positions and roles are lost",
        NOWHERE,
        severity=Severity.WARNING,
    )


def _from_flags(graph: Graph) -> tree.File:
    marked = (parse_edge(name) for name, value in graph.edges.items() if value.in_graph)
    pairs: dict[tuple[Node, Node], set[Port]] = {}
    for edge in sorted(edge for edge in marked if edge is not None):
        ports = pairs.setdefault((edge.source, edge.target), set())
        if edge.port is not None:
            ports.add(edge.port)
    named = {parse_node(name) for name, value in graph.nodes.items() if value.in_graph}
    ends = {end for pair in pairs for end in pair}
    nodes = sorted(node for node in named | ends if node not in (None, INPUT, LOGITS))
    members = tuple(_member(node) for node in nodes)
    anywhere = (tree.Name("any"),)
    role = tree.Role(tree.Name("members"), anywhere, anywhere, members)
    edges = (_edge(source, target, ports) for (source, target), ports in pairs.items())
    statements: tuple[tree.Statement, ...] = ((role,) if members else ()) + tuple(edges)
    circuit = tree.Circuit(tree.Name("imported"), statements)
    return tree.File(tree.Number("1"), circuit)


def _member(node: Node) -> tree.Member:
    return tree.Member(tree.Name(node.kind), tree.Name(str(node)))


def _edge(source: Node, target: Node, ports: set[Port]) -> tree.Edge:
    named = () if len(ports) == len(PORTS) else tuple(sorted(ports, key=PORTS.index))
    return tree.Edge(
        tree.Name(str(source)), tree.Name(str(target)), tuple(tree.Name(port) for port in named)
    )
