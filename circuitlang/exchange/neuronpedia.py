"""Attribution graphs of circuit-tracer and Neuronpedia (Ameisen et al. 2025).

Their nodes are features of transcoders at token positions. Edition 1 has neither features nor
positions by number: a feature stands as the MLP of its layer, which is what its transcoder
imitates, and a supernode, a labelled group of features, becomes a role.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from circuitlang.circuit.names import INPUT, LOGITS, Edge, Node, feeds, mlp
from circuitlang.exchange.draft import ANYWHERE, LEFT_OUT, cut, draft, node_links
from circuitlang.exchange.format import Format, Imported
from circuitlang.exchange.report import Dropped, Report, dropped, unread
from circuitlang.exchange.supernodes import Kind, Part, roles
from circuitlang.exchange.values import Value, read_json, reader

_KINDS: Mapping[str, Kind] = {
    "cross layer transcoder": "feature",
    "transcoder": "feature",
    "mlp reconstruction error": "error",
    "lorsa error": "error",
    "embedding": "embedding",
    "logit": "logit",
}
_MOST_LAYER = 1023
# What is read, or counted under a name of its own, by the part of the file where it stands.
_GRAPH = ("metadata", "qParams", "nodes", "links")
_METADATA = ("slug", "scan", "prompt")
_QUERY = ("supernodes", "pinnedIds")
_NODE = ("node_id", "feature_type", "layer", "feature", "ctx_idx", "jsNodeId")


@reader("an attribution graph of Neuronpedia")
def read(content: bytes) -> Imported:
    """One role a supernode, and one of what is pinned beside them; without any, one of all."""
    graph = read_json(content)
    meta, query = graph["metadata"], graph.get("qParams")
    parts, twice = _parts(graph["nodes"])
    found = roles(query, parts)
    chosen = found.chosen | {key for key, part in parts.items() if part.node in (INPUT, LOGITS)}
    links = _links(graph["links"], parts, chosen)
    doc = f"Attribution graph of {meta['scan'].text()}: {meta['prompt'].text()}"
    kinds = Counter(part.kind for part in parts.values())
    outside = kinds["feature"] - len(found.chosen)
    placed = sum(len(nodes) for nodes in found.members.values())
    edges = len(links.edges)
    report = Report(
        {"roles": len(found.members), "MLPs": placed, "edges": edges},
        dropped(
            Dropped(len(found.chosen), "features' identities", "each stands as its layer's MLP"),
            Dropped(outside, "features outside the roles", "none claims them"),
            Dropped(
                kinds["embedding"] + kinds["logit"],
                "tokens",
                "those read are all `input`, those predicted all `logits`",
            ),
            Dropped(kinds["error"], "error nodes", "what a transcoder leaves over is no component"),
            Dropped(kinds["other"], "nodes of other kinds", "edition 1 has no such component"),
            Dropped(twice, "nodes whose id stood before", "links cannot tell them apart"),
            Dropped(len(parts), "token positions", "edition 1 has no positions by number"),
            Dropped(links.outside, "links", "they end outside the roles, or join parts of one MLP"),
            Dropped(links.inside - edges, "links beside another", "they join the same two parts"),
            Dropped(links.inside, "links' weights", "a claim has no attributions, only parts"),
            *found.dropped,
            cut(doc),
            unread(_others(graph)),
        ),
        (ANYWHERE, LEFT_OUT, *found.renamed),
    )
    slug = meta.get("slug")
    name = slug.text() if slug else "imported"
    return Imported(draft(name, found.members, node_links(links.edges), doc), report)


def _parts(nodes: Value) -> tuple[dict[str, Part], int]:
    """Each node by its id, and how many have an id that stood before: circuit-tracer gives the
    error node of layer 5 the id of feature 5 in layer 0."""
    parts: dict[str, Part] = {}
    twice = 0
    for node in nodes.each():
        key = node["node_id"].text()
        kind = _KINDS.get(node["feature_type"].text(), "other")
        twice += key in parts
        parts.setdefault(key, Part(kind, _node(kind, node)))
    return parts, twice


def _node(kind: Kind, node: Value) -> Node | None:
    match kind:
        case "embedding":
            return INPUT
        case "logit":
            return LOGITS
        case "feature":
            return mlp(_layer(node["layer"]))
        case _:
            return None


def _layer(value: Value) -> int:
    text = value.data
    if isinstance(text, str) and text.isascii() and text.isdecimal() and len(text) < 6:
        return Value(int(text), value.path).whole(_MOST_LAYER)
    return value.whole(_MOST_LAYER)


class _Links(NamedTuple):
    """The edges that the ``inside`` links make, and how many links are none."""

    edges: frozenset[Edge]
    inside: int
    outside: int


def _links(links: Value, parts: Mapping[str, Part], chosen: Iterable[str]) -> _Links:
    taken = frozenset(chosen)
    edges: list[Edge] = []
    outside = 0
    for link in links.each():
        ends = [_known(link[key], parts) for key in ("source", "target")]
        if (weight := link.get("weight")) is not None:
            weight.number()
        source, target = (parts[key].node if key in taken else None for key in ends)
        if source is None or target is None or not feeds(source, target):
            outside += 1
        else:
            edges.append(Edge(source, target))
    return _Links(frozenset(edges), len(edges), outside)


def _known(key: Value, parts: Mapping[str, Part]) -> str:
    if key.text() not in parts:
        raise key.wrong("the id of a node in `$.nodes` was needed")
    return key.text()


def _others(graph: Value) -> Iterator[str]:
    yield from graph.others(_GRAPH)
    yield from graph["metadata"].others(_METADATA)
    if query := graph.get("qParams"):
        yield from query.others(_QUERY)
    for node in graph["nodes"].each():
        yield from node.others(_NODE)


FORMAT = Format(
    name="neuronpedia",
    title="attribution graph of Neuronpedia and circuit-tracer",
    layout="safety-research/circuit-tracer @d797c82, `graph_models.py`; Neuronpedia's graph-schema"
    " 1.0.0",
    carries="supernodes as roles, features as the MLPs of their layers, links between those",
    loses="features, error nodes, token positions, weights; the prompt stays as `doc`",
    read=read,
)
