"""Attribution graphs of circuit-tracer and Neuronpedia (Ameisen et al. 2025).

Their nodes are features of transcoders at token positions. Edition 1 has neither features nor
positions by number: a feature stands as the MLP of its layer, which is what its transcoder
imitates, and a supernode, a labelled group of features, becomes a role.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from circuitlang.circuit.names import INPUT, LOGITS, Edge, Node, feeds, mlp
from circuitlang.exchange.draft import ANYWHERE, LEFT_OUT, MEMBERS, draft, node_links, spec_name
from circuitlang.exchange.format import Format, Imported
from circuitlang.exchange.report import Dropped, Report, dropped
from circuitlang.exchange.values import Value, read_json, reader
from circuitlang.syntax.strict_json import shown

Kind = Literal["feature", "error", "embedding", "logit", "other"]
_KINDS: Mapping[str, Kind] = {
    "cross layer transcoder": "feature",
    "transcoder": "feature",
    "mlp reconstruction error": "error",
    "embedding": "embedding",
    "logit": "logit",
}
_MOST_LAYER = 1023


class _Part(NamedTuple):
    kind: Kind
    node: Node | None


class _Roles(NamedTuple):
    """``members`` by role; ``of`` is each feature's role; ``shared`` counts nodes that a second
    supernode names as well, which stay in the first; ``absent`` ids that no node has."""

    members: Mapping[str, tuple[Node, ...]]
    chosen: frozenset[str]
    shared: int
    absent: int
    renamed: tuple[str, ...]


@reader("an attribution graph of Neuronpedia")
def read(content: bytes) -> Imported:
    """One role a supernode; without any, one role of the pinned features, or of all."""
    graph = read_json(content)
    meta = graph["metadata"]
    parts, twice = _parts(graph["nodes"])
    roles = _roles(graph.get("qParams"), parts)
    chosen = roles.chosen | {key for key, part in parts.items() if part.node in (INPUT, LOGITS)}
    edges, skipped = _edges(graph["links"], parts, chosen)
    kinds = Counter(part.kind for part in parts.values())
    features = sum(parts[key].kind == "feature" for key in roles.chosen)
    placed = sum(len(nodes) for nodes in roles.members.values())
    kept = {"roles": len(roles.members), "MLPs": placed, "edges": len(edges)}
    report = Report(
        kept,
        dropped(
            Dropped(features, "features' identities", "each stands as the MLP of its layer"),
            Dropped(kinds["feature"] - features, "features outside the roles", "none claims them"),
            Dropped(kinds["error"], "error nodes", "what a transcoder leaves over is no component"),
            Dropped(kinds["other"], "nodes of other kinds", "edition 1 has no such component"),
            Dropped(twice, "nodes whose id stood before", "links cannot tell them apart"),
            Dropped(roles.absent, "ids in supernodes or pins", "no node of the graph has them"),
            Dropped(len(parts), "token positions", "edition 1 has no positions by number"),
            Dropped(skipped, "links", "they end outside the roles, or join parts of one MLP"),
            Dropped(len(edges), "edges' weights", "a claim has no attributions, only parts"),
            Dropped(roles.shared, "second roles of an MLP", "at one position it plays one role"),
        ),
        (ANYWHERE, LEFT_OUT, *roles.renamed),
    )
    doc = f"Attribution graph of {meta['scan'].text()}: {meta['prompt'].text()}"
    slug = meta.get("slug")
    file = draft(slug.text() if slug else "imported", roles.members, node_links(edges), doc)
    return Imported(file, report)


def _parts(nodes: Value) -> tuple[dict[str, _Part], int]:
    """Each node by its id, and how many have an id that stood before: circuit-tracer gives the
    error node of layer 5 the id of feature 5 in layer 0."""
    parts: dict[str, _Part] = {}
    twice = 0
    for node in nodes.each():
        key = node["node_id"].text()
        kind = _KINDS.get(node["feature_type"].text(), "other")
        twice += key in parts
        parts.setdefault(key, _Part(kind, _node(kind, node)))
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


def _roles(query: Value | None, parts: Mapping[str, _Part]) -> _Roles:
    groups = list(_groups(query, parts))
    absent = sum(key not in parts for _, keys in groups for key in keys)
    members: dict[str, tuple[Node, ...]] = {}
    renamed: list[str] = []
    placed: set[Node] = set()
    chosen: set[str] = set()
    shared = 0
    for label, listed in groups:
        keys = [key for key in listed if key in parts]
        named = [parts[key].node for key in keys if parts[key].kind == "feature"]
        nodes = {node for node in named if node is not None}
        chosen.update(key for key in keys if parts[key].kind == "feature")
        shared += len(nodes & placed)
        if fresh := nodes - placed:
            name = spec_name(label, members)
            if name != label:
                renamed.append(f"the supernode `{shown(label)}` is written `{name}`")
            members[name] = tuple(sorted(fresh))
            placed |= fresh
    return _Roles(members, frozenset(chosen), shared, absent, tuple(renamed))


def _groups(query: Value | None, parts: Mapping[str, _Part]) -> Iterable[tuple[str, list[str]]]:
    """Each group's label and the ids of its nodes."""
    supernodes = query.get("supernodes") if query else None
    found = False
    for group in supernodes.each() if supernodes else ():
        label, *ids = _named(group)
        found = True
        yield label.text(), [one.text() for one in ids]
    pinned = query.get("pinnedIds") if query and not found else None
    if pins := [one.text() for one in pinned.each()] if pinned else []:
        yield "pinned", pins
    elif not found:
        yield MEMBERS, list(parts)


def _named(group: Value) -> tuple[Value, ...]:
    found = tuple(group.each())
    if not found:
        raise group.wrong("a label and the ids of nodes were needed")
    return found


def _known(key: Value, parts: Mapping[str, _Part]) -> str:
    if key.text() not in parts:
        raise key.wrong("the id of a node in `$.nodes` was needed")
    return key.text()


def _edges(
    links: Value, parts: Mapping[str, _Part], chosen: Iterable[str]
) -> tuple[set[Edge], int]:
    """The edges between chosen parts, and how many links are none."""
    inside = frozenset(chosen)
    edges: set[Edge] = set()
    skipped = 0
    for link in links.each():
        ends = [_known(link[key], parts) for key in ("source", "target")]
        if (weight := link.get("weight")) is not None:
            weight.number()
        source, target = (parts[key].node if key in inside else None for key in ends)
        if source is None or target is None or not feeds(source, target):
            skipped += 1
        else:
            edges.add(Edge(source, target))
    return edges, skipped


FORMAT = Format(
    name="neuronpedia",
    title="attribution graph of Neuronpedia and circuit-tracer",
    layout="safety-research/circuit-tracer @d797c82, `graph_models.py`; Neuronpedia's graph-schema"
    " 1.0.0",
    carries="supernodes as roles, features as the MLPs of their layers, links between those",
    loses="features, error nodes, token positions, weights; the prompt stays as `doc`",
    read=read,
)
