"""A circuit as a graph file of EAP-IG and MIB, and back.

The format has nodes, edges, flags and scores. It has no positions, roles, model, task or policy, so
these travel under a key of their own, ``circuitlang``, which EAP-IG ignores. A `.circuit` in turn
has no scores: `export_graph` takes them from the graph that was read.

Only the JSON is written. The ``.pt`` twin holds the same facts as tensors and a pickle, which loads
by running what the file says; nobody should have to do that to look at a circuit. On the way in it
is read as data.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable
from dataclasses import replace
from typing import Any

from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.names import INPUT, LOGITS, Edge, Node, parse_edge, parse_node
from circuitlang.exchange.draft import (
    ANYWHERE,
    LEFT_OUT,
    MEMBERS,
    draft,
    ends,
    node_links,
)
from circuitlang.exchange.eap_file import read_graph
from circuitlang.exchange.eap_graph import (
    Graph,
    GraphEdge,
    GraphNode,
    graph_edges,
    graph_nodes,
    write_graph,
)
from circuitlang.exchange.format import Exported, Format, Imported, Options, Read
from circuitlang.exchange.report import Dropped, Report, dropped, unread
from circuitlang.syntax.diagnostic import Diagnostic, Severity, has_errors
from circuitlang.syntax.parse import parse
from circuitlang.syntax.read import LIMIT
from circuitlang.syntax.source import NOWHERE, Source
from circuitlang.syntax.strict_json import RefusedError, shown

SIDECAR = "circuitlang"

# Blocks whose attention and MLP read the same stream.
_PARALLEL = ("gpt_neox",)


def export_graph(circuit: Circuit, scores: Graph | None = None) -> str:
    """The JSON text of the whole graph, in EAP-IG's order, with the circuit's parts marked.

    A node is marked when it is a member or an end of a kept edge. Scores are those of ``scores``,
    else 0. Raises `RefusedError` while the circuit's shape is not known.
    """
    graph = whole_graph(circuit, circuit.edges, circuit.members, scores)
    return write_graph(replace(graph, extra={SIDECAR: _sidecar(circuit)}))


def whole_graph(
    circuit: Circuit, kept: Container[Edge], members: Iterable[Node], scores: Graph | None = None
) -> Graph:
    """Every node and edge of the circuit's model, with those in ``kept`` marked, and the nodes that
    are ``members`` or at the end of a kept edge. Raises `RefusedError` where the circuit's shape is
    not known, or ``scores`` are of a model of other sizes."""
    shape = circuit.shape
    if shape is None:
        raise RefusedError(
            "a graph has every node of the model, and the model's shape is not known",
            "name a model that `circuitlang models` lists, or one in a local folder",
            "cannot-export",
        )
    cfg: dict[str, Any] = {
        "n_layers": shape.n_layers,
        "n_heads": shape.n_heads,
        "parallel_attn_mlp": shape.family in _PARALLEL,
        "d_model": shape.d_model,
    }
    if scores is not None:
        _check_scores(scores, cfg)
    marked = {INPUT, LOGITS, *members}
    edges: dict[str, GraphEdge] = {}
    for edge in graph_edges(shape.n_layers, shape.n_heads, cfg["parallel_attn_mlp"]):
        if edge in kept:
            marked.update(edge[:2])
        edges[str(edge)] = _scored_edge(str(edge), edge in kept, scores)
    nodes = {
        str(node): _scored_node(str(node), node in marked, scores)
        for node in graph_nodes(shape.n_layers, shape.n_heads)
    }
    return Graph(cfg, nodes, edges)


def _check_scores(scores: Graph, cfg: dict[str, Any]) -> None:
    for key, wanted in cfg.items():
        found = scores.cfg.get(key, wanted)
        if found != wanted:
            raise RefusedError(
                f"the scores are of another model: their `$.cfg.{key}` is {shown(str(found))}, and "
                f"the circuit's is {str(wanted).lower()}",
                "score the graph of the model that the circuit names",
                "cannot-export",
            )


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


def import_graph(content: bytes | str) -> Read:
    """The `.circuit` tree of a graph file, JSON or ``.pt``, or None and what is wrong with it.

    A file that `export_graph` wrote gives back the circuit it was made from. Any other gives one
    role, ``members at any attending any``, and one edge statement for each marked pair of nodes;
    model, task and policy are left for the author to write, as the format does not name them.
    """
    graph, problems = read_graph(content)
    if graph is None:
        return None, problems
    sidecar = graph.extra.get(SIDECAR)
    carried = sidecar.get("source") if isinstance(sidecar, dict) else None
    if isinstance(sidecar, dict) and isinstance(carried, str) and carried:
        if not _unchanged(graph, sidecar.get("edges")):
            return _from_flags(graph), (_note_flags(),)
        source = Source(carried, shown(str(sidecar.get("circuit", "circuit"))) + ".circuit")
        if not _is_text(carried) or has_errors((parsed := parse(source))[1]):
            return _from_flags(graph, _UNREADABLE), ()
        file, found = parsed
        if file.circuit is not None:
            kept = {"the whole `.circuit` that the file carries": 1}
            return Imported(file, Report(kept, _scores(graph)), source, graph), found
    return _from_flags(graph), ()


def _is_text(carried: str) -> bool:
    """Whether a `.circuit` file could have that text: JSON can spell half characters."""
    try:
        return len(carried.encode()) <= LIMIT
    except UnicodeEncodeError:
        return False


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


_UNREADABLE = "the `.circuit` that the file carries cannot be read: the marks count"


def _from_flags(graph: Graph, *assumed: str) -> Imported:
    marked = (parse_edge(name) for name, value in graph.edges.items() if value.in_graph)
    edges = [edge for edge in marked if edge is not None]
    named = {parse_node(name) for name, value in graph.nodes.items() if value.in_graph}
    members = ends(edges) | {node for node in named if node not in (None, INPUT, LOGITS)}
    file = draft("imported", {MEMBERS: members}, node_links(edges))
    kept = {"nodes": len(members), "edges": len(edges)}
    report = Report(kept, _scores(graph), (ANYWHERE, LEFT_OUT, *assumed))
    return Imported(file, report, scores=graph)


def _scores(graph: Graph) -> tuple[Dropped, ...]:
    """What a graph says besides its marks."""
    scored = sum(bool(edge.score) and _is_scored(edge.score) for edge in graph.edges.values())
    scored += sum(_is_scored(node.score) for node in graph.nodes.values())
    neurons = sum(
        node.neurons is not None and node.in_graph and not all(node.neurons)
        for node in graph.nodes.values()
    )
    ranked = sum(node.neurons_scores is not None for node in graph.nodes.values())
    return dropped(
        Dropped(scored, "scores of nodes and edges", "a claim has no attributions, only parts"),
        Dropped(ranked, "nodes' scores of neurons", "a claim has no attributions, only parts"),
        Dropped(neurons, "nodes' marks of neurons", "edition 1 keeps a node whole"),
        Dropped(
            sum(graph.impossible.values()),
            "marks on edges that no model has",
            "EAP-IG marks whatever a chosen node could write to, in any order of layers",
        ),
        unread(key for key in graph.extra if key != SIDECAR),
    )


def _is_scored(score: float | None) -> bool:
    return score is not None and not math.isnan(score)


def _write(circuit: Circuit, options: Options) -> Exported:
    kept = {"edges": len(circuit.edges), "`.circuit` text beside them": 1}
    return Exported(export_graph(circuit, options.scores), Report(kept))


FORMAT = Format(
    name="eap-ig",
    title="graph of EAP-IG: its JSON; in, its .pt as well",
    layout="hannamw/EAP-IG @795f560, `Graph.to_json`, `from_json`, `from_pt`",
    carries="every node and edge, in or out; the whole `.circuit` under a key of its own",
    loses="nothing of ours; of theirs the scores, unless --scores gives them back",
    takes=frozenset({"scores"}),
    write=_write,
    read=import_graph,
)
# MIB's own reader is EAP-IG's, so that the files are the same.
MIB = FORMAT._replace(
    name="mib",
    title="graph of MIB's circuit track, the same as eap-ig",
    layout="hannamw/MIB-circuit-track @b759df3, `circuit_loading.py`",
)
