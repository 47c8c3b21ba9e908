"""A circuit as a DOT graph, for Graphviz. Roles are clusters; edges bear ports and positions."""

from __future__ import annotations

from collections.abc import Iterator

from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.names import Node
from circuitlang.exchange import picture
from circuitlang.exchange.draft import plain
from circuitlang.exchange.format import Exported, Format, Options


def write(circuit: Circuit, _: Options) -> Exported:
    """Edges that no statement claims (`keep mlps`) are grey, disputed members dashed."""
    return Exported("\n".join(_lines(circuit)) + "\n", picture.report(circuit))


def _lines(circuit: Circuit) -> Iterator[str]:
    inside, outside = picture.boxes(circuit)
    yield f"digraph {quoted(circuit.name)} {{"
    yield f"  graph [label={quoted(picture.title(circuit))}, rankdir=BT, fontname=Helvetica];"
    yield "  node [shape=box, style=rounded, fontname=Helvetica];"
    yield "  edge [fontname=Helvetica, fontsize=10];"
    for name, nodes in inside.items():
        yield f"  subgraph {quoted('cluster_' + name)} {{"
        yield f"    label={quoted(picture.role_label(circuit.roles[name]))};"
        yield from (f"    {_node(circuit, node)}" for node in nodes)
        yield "  }"
    yield from (f"  {_node(circuit, node)}" for node in outside)
    for arrow in picture.arrows(circuit):
        tail = "" if arrow.claimed else ", color=gray, fontcolor=gray"
        label = quoted("\n".join(arrow.label))
        yield f"  {quoted(str(arrow.source))} -> {quoted(str(arrow.target))} [label={label}{tail}];"
    yield "}"


def _node(circuit: Circuit, node: Node) -> str:
    style = ', style="rounded,dashed"' if picture.disputed(circuit, node) else ""
    return f"{quoted(str(node))} [label={quoted(picture.node_label(circuit, node))}{style}];"


def quoted(text: str) -> str:
    r"""The text as a DOT string. Backslashes are doubled, as in labels ``\N`` or ``\l`` are escapes
    of their own; a newline is written ``\n``."""
    lines = (plain(line) for line in text.split("\n"))
    return '"' + "\\n".join(s.replace("\\", "\\\\").replace('"', '\\"') for s in lines) + '"'


FORMAT = Format(
    name="dot",
    title="Graphviz",
    layout="the DOT language of Graphviz",
    carries="roles as clusters, members, disputed members, edges with ports and positions",
    loses="model, task, policy, claims; written only",
    takes=frozenset({"claimed"}),
    write=write,
)
