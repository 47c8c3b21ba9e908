"""The graph JSON of the ACDC baseline in Edge-Pruning (``baselines_examples/acdc_ioi.py``).

``original`` has the edges of the residual stream, ``from`` and ``to``, under short names such as
``head.7.10`` and ``head.9.9.q``. ``extra`` has what the baseline never prunes under ACDC's own
hooks: the parts of a head or an MLP, and the edges from the embedding.
"""

from __future__ import annotations

import re

from circuitlang.circuit.names import INPUT, LOGITS, PORTS, Edge, Node, Port, feeds, head, mlp
from circuitlang.exchange.draft import ANYWHERE, LEFT_OUT, check_count, ends, of_edges
from circuitlang.exchange.format import Imported
from circuitlang.exchange.report import Dropped, Report, dropped
from circuitlang.exchange.values import Value
from circuitlang.syntax.strict_json import RefusedError

_N = "(0|[1-9][0-9]{0,4})"
_HEAD, _MLP = re.compile(rf"head\.{_N}\.{_N}(?:\.([qkv]))?\Z"), re.compile(rf"mlp\.{_N}\Z")
_HOOK = re.compile(rf"blocks\.{_N}\.(?:attn\.hook_(?:[qkv]|result)|hook_mlp_out)\Z")
_EMBEDDING = "blocks.0.hook_resid_pre"


def is_graph(data: object) -> bool:
    return isinstance(data, dict) and "original" in data


def read(graph: Value) -> Imported:
    """One role, ``members``, and an edge statement for each pair of nodes. Raises `RefusedError`
    with the path of what is no edge."""
    listed = list(graph["original"].each())
    extra = list(found.each()) if (found := graph.get("extra")) else []
    check_count(len(listed) + len(extra))
    outside = [edge for edge in extra if not _HOOK.match(edge["to"].text())]
    edges = {_edge(edge) for edge in (*listed, *outside)}
    inside, repeated = len(extra) - len(outside), len(listed) + len(outside) - len(edges)
    report = Report(
        {"nodes": len(ends(edges)), "edges": len(edges)},
        dropped(
            Dropped(inside, "edges inside a component", "a head is one node with three ports"),
            Dropped(repeated, "repeated edges", "an edge is in a circuit once"),
        ),
        (ANYWHERE, LEFT_OUT, *(() if any(e.source == INPUT for e in edges) else (_NO_INPUT,))),
    )
    return Imported(of_edges(edges), report)


_NO_INPUT = (
    "no edge from the embedding is in the file, which leaves those of `hook_embed` and "
    "`hook_pos_embed` out"
)


def _edge(value: Value) -> Edge:
    target, port = _receiver(value["to"])
    edge = Edge(_sender(value["from"]), target, port)
    if not feeds(edge.source, edge.target):
        raise RefusedError(
            f"`{value.path}` runs from {edge.source} to {edge.target}, against the order of layers"
        )
    return edge


def _sender(name: Value) -> Node:
    text = name.text()
    if text == _EMBEDDING:
        return INPUT
    if match := _MLP.match(text):
        return mlp(int(match[1]))
    match = _HEAD.match(text)
    if match is None or match[3]:
        raise name.wrong("a sender was needed", "such as head.7.10 or mlp.9")
    return head(int(match[1]), int(match[2]))


def _receiver(name: Value) -> tuple[Node, Port | None]:
    text = name.text()
    if text == "resid_post":
        return LOGITS, None
    if match := _MLP.match(text):
        return mlp(int(match[1])), None
    match = _HEAD.match(text)
    port: Port | None = next((port for port in PORTS if match and match[3] == port), None)
    if match is None or port is None:
        raise name.wrong("a receiver was needed", "such as head.9.9.q, mlp.9 or resid_post")
    return head(int(match[1]), int(match[2])), port
