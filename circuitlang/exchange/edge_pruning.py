"""The ``edges.json`` of Edge-Pruning (Bhaskar et al. 2024): a list of ``[writer, reader]``.

Writers are heads, MLPs and the embeddings; readers are a head's ``.q``, ``.k``, ``.v``, MLPs and
``resid_post``. GPT-2 has two embedding writers where the component graph has one `input`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.names import INPUT, LOGITS, PORTS, Edge, Node, Port, feeds, parse_node
from circuitlang.exchange.draft import ANYWHERE, LEFT_OUT, check_count, ends, of_edges
from circuitlang.exchange.format import Exported, Format, Imported, Options
from circuitlang.exchange.report import Dropped, Report, dropped
from circuitlang.exchange.values import Value, read_json, reader
from circuitlang.syntax.strict_json import RefusedError

OUTPUT = "resid_post"
_EMBEDDINGS = {"gpt2": ("tok_embeds", "pos_embeds")}
_OTHERS = ("embeds",)
_READS_HEAD = re.compile(r"(a[0-9]+\.h[0-9]+)\.([qkv])\Z")


def write(circuit: Circuit, _: Options) -> Exported:
    """Every kept edge, in the order of Edge-Pruning's ``get_edges``: by layer, by writer, by port.

    Where queries share keys and values, Edge-Pruning has one ``k`` and one ``v`` reader for each
    shared head: the edges of the heads that share it are joined.
    """
    shape = circuit.shape
    embeddings = _EMBEDDINGS.get(shape.family if shape else "gpt2", _OTHERS)
    group = shape.n_heads // shape.n_kv_heads if shape else 1
    listed = [
        (_order(edge, i), (writer, _reader(edge, group)))
        for edge in circuit.edges
        for i, writer in enumerate(embeddings if edge.source == INPUT else (str(edge.source),))
    ]
    unique = dict.fromkeys(pair for _, pair in sorted(listed))
    placed = sum(not at.everywhere for at in circuit.edges.values())
    alone = set(circuit.members) - ends(circuit.edges)
    report = Report(
        {"edges": len(circuit.edges)},
        dropped(
            Dropped(placed, "edges' positions", "the format keeps an edge at every position"),
            Dropped(len(circuit.roles), "roles", "the format has edges only"),
            Dropped(len(alone), "members without edges", "the format has edges only"),
            Dropped(
                len(listed) - len(unique),
                "edges to heads that share keys and values",
                "they are joined in one reader",
            ),
        ),
        tuple(_widened(circuit, group)),
    )
    return Exported(json.dumps(list(unique), indent=4) + "\n", report)


def _widened(circuit: Circuit, group: int) -> Iterator[str]:
    """How many edges the file keeps beside the circuit's, as a shared reader feeds every head of
    its group that is in the circuit."""
    inside = ends(circuit.edges)
    beside = {
        edge._replace(target=twin)
        for edge in circuit.edges
        if edge.port in ("k", "v")
        for index in range(
            edge.target.head // group * group, (edge.target.head // group + 1) * group
        )
        if (twin := edge.target._replace(head=index)) in inside
    } - set(circuit.edges)
    if beside:
        yield f"{len(beside):,} edges are kept beside them, to heads that share a kept reader"


def _order(edge: Edge, embedding: int) -> tuple[int, str, Node, int, int, int]:
    target = edge.target
    port = PORTS.index(edge.port) if edge.port else 0
    return target.layer, target.kind, edge.source, embedding, port, target.head


def _reader(edge: Edge, group: int) -> str:
    target = edge.target
    if target == LOGITS:
        return OUTPUT
    if edge.port is None:
        return str(target)
    shared = target if edge.port == "q" else target._replace(head=target.head // group)
    return f"{shared}.{edge.port}"


@reader("an edges.json of Edge-Pruning")
def read(content: bytes) -> Imported:
    """One role, ``members``, and an edge statement for each pair of nodes."""
    value = read_json(content)
    listed = [_edge(pair) for pair in value.each()]
    check_count(len(listed))
    distinct = set(listed)
    edges = {edge for edge, _ in distinct}
    assumed = [ANYWHERE, LEFT_OUT, *_embedding_notes(distinct)]
    if not any(edge.source == INPUT for edge in edges):
        nodes = sorted(ends(edges))
        edges |= {Edge(INPUT, node, port) for node in nodes for port in node.ports}
        edges.add(Edge(INPUT, LOGITS))
    assumed.append("`k` and `v` readers are heads of their own, as where no two share them")
    kept = {"nodes": len(ends(edges)), "edges": len(edges)}
    repeated = len(listed) - len(distinct)
    report = Report(
        kept,
        dropped(Dropped(repeated, "repeated edges", "an edge is in a circuit once")),
        tuple(assumed),
    )
    return Imported(of_edges(edges), report)


def _embedding_notes(listed: set[tuple[Edge, str | None]]) -> Iterator[str]:
    """What `input` stands for. GPT-2's embeddings are two writers, and an edge may have one."""
    written: dict[Edge, set[str]] = {}
    for edge, embedding in listed:
        if embedding is not None:
            written.setdefault(edge, set()).add(embedding)
    if not written:
        yield (
            "the embeddings reach every part, as in Edge-Pruning without embedding writers: "
            "edges from `input` were added"
        )
    for name in _EMBEDDINGS["gpt2"]:
        if alone := sum(found == {name} for found in written.values()):
            yield f"in {alone:,} edges `{name}` alone stands for `input`, which is both embeddings"


def _edge(pair: Value) -> tuple[Edge, str | None]:
    """An edge, and the embedding it comes from, if any."""
    writer, target = pair.exactly(2)
    name = writer.text()
    embedding = name if name in ("embeds", "tok_embeds", "pos_embeds") else None
    source = INPUT if embedding else parse_node(name)
    if source is None or (not embedding and source in (INPUT, LOGITS)):
        raise writer.wrong("a writer was needed", "write `a9.h6`, `m9`, `tok_embeds` or `embeds`")
    edge = Edge(source, *_reads(target))
    if not feeds(edge.source, edge.target):
        raise RefusedError(
            f"`{pair.path}` runs from {edge.source} to {edge.target}, against the order of layers"
        )
    return edge, embedding


def _reads(target: Value) -> tuple[Node, Port | None]:
    name = target.text()
    if name == OUTPUT:
        return LOGITS, None
    match = _READS_HEAD.match(name)
    node = parse_node(match[1] if match else name)
    port = next((port for port in PORTS if match and match[2] == port), None)
    if node is None or node in (INPUT, LOGITS) or (node.kind == "head" and port is None):
        raise target.wrong("a reader was needed", "write `a9.h6.q`, `m9` or `resid_post`")
    return node, port


FORMAT = Format(
    name="edge-pruning",
    title="edges.json of Edge-Pruning",
    layout="princeton-nlp/Edge-Pruning @a918efd, `get_edges` and `load_all_log_alphas`",
    carries="edges by port",
    loses="positions, roles, model, task, policy, claims; members without edges",
    write=write,
    read=read,
)
