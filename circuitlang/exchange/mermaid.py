"""A circuit as a Mermaid flowchart, which GitHub and GitLab draw inside Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.names import Node
from circuitlang.exchange import picture
from circuitlang.exchange.draft import plain
from circuitlang.exchange.format import Exported, Format, Options

# Mermaid reads these inside a quoted label: entities, tags, Markdown's mark and its own quotes.
_ENTITIES = {ord(char): f"#{ord(char)};" for char in '#"<>&`|'}
# Defaults of Mermaid, which a page may raise and a diagram may not.
MOST_ARROWS, MOST_CHARACTERS = 500, 50_000


def write(circuit: Circuit, _options: Options) -> Exported:
    """Roles are subgraphs. Edges that no statement claims (`keep mlps`) are dotted."""
    text = "\n".join(_lines(circuit)) + "\n"
    arrows = sum(1 for _ in picture.arrows(circuit))
    report = picture.report(circuit)
    if arrows > MOST_ARROWS or len(text) > MOST_CHARACTERS:
        report = replace(
            report,
            assumed=(
                f"{arrows:,} arrows in {len(text):,} characters are drawn where Mermaid's bounds, "
                f"{MOST_ARROWS:,} and {MOST_CHARACTERS:,}, were raised; GitHub keeps them",
            ),
        )
    return Exported(text, report)


def _lines(circuit: Circuit) -> Iterator[str]:
    inside, outside = picture.boxes(circuit)
    yield "flowchart BT"
    yield f"  accTitle: {plain(circuit.name)}"
    for name, nodes in inside.items():
        yield f"  subgraph role_{name}[{quoted(picture.role_label(circuit.roles[name]))}]"
        yield from (f"    {_node(circuit, node)}" for node in nodes)
        yield "  end"
    yield from (f"  {_node(circuit, node)}" for node in outside)
    for arrow in picture.arrows(circuit):
        line = "-->" if arrow.claimed else "-.->"
        label = f"|{quoted('; '.join(arrow.label))}|" if arrow.label else ""
        yield f"  {identifier(arrow.source)} {line}{label} {identifier(arrow.target)}"
    doubtful = [node for node in circuit.members if picture.disputed(circuit, node)]
    if doubtful:
        yield "  classDef disputed stroke-dasharray: 5 5"
        yield f"  class {','.join(map(identifier, doubtful))} disputed"


def _node(circuit: Circuit, node: Node) -> str:
    return f"{identifier(node)}[{quoted(picture.node_label(circuit, node))}]"


def identifier(node: Node) -> str:
    """``a9_h6``: a dot is no part of Mermaid's identifiers."""
    return str(node).replace(".", "_")


def quoted(text: str) -> str:
    """The text as a label. What Mermaid would read as its own is written as a character code."""
    return f'"{plain(text).translate(_ENTITIES)}"'


FORMAT = Format(
    name="mermaid",
    title="Mermaid flowchart, for Markdown",
    layout="Mermaid 11, `flowchart`",
    carries="roles as subgraphs, members, disputed members, edges with ports and positions",
    loses="model, task, policy, claims; written only",
    takes=frozenset({"claimed"}),
    write=write,
)
