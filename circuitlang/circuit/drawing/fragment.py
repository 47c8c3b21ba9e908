"""A drawing with its legend and what is told of its nodes: a fragment of a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files

from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.drawing.draw import LETTERS, MOST_EDGES, Drawing, draw
from circuitlang.circuit.drawing.markup import Markup, element, join, printable
from circuitlang.circuit.names import PORTS, Node

# What a node is told of: a heading for each group of lines.
Told = Mapping[Node, Sequence[str]]


@cache
def sheet() -> str:
    """The style of drawings. Everything in it is about what is inside ``.circuitlang``."""
    return files("circuitlang.circuit.drawing").joinpath("drawing.css").read_text("utf-8")


def fragment(
    circuit: Circuit,
    other: Circuit | None = None,
    *,
    name: str = "circuit",
    told: Told | None = None,
) -> tuple[Markup, str]:
    """The drawing of `draw` in a frame that scrolls, with a legend, and ``told`` of each node while
    it is pointed at, has the focus, or is what a link led to. Returns it and the style that it
    needs beside `sheet`. No script."""
    told = told or {}
    drawing = draw(circuit, other, name=name, told=told.keys())
    frame = element(
        "div",
        drawing.svg,
        class_="frame",
        tabindex=0,
        role="group",
        aria_label="Drawing of the circuit, scrolls sideways",
    )
    circuits = (circuit,) if other is None else (circuit, other)
    figure = element(
        "figure",
        frame,
        element("figcaption", _legend(drawing, circuits)),
        _panels(drawing, told) if told else "",
        _lists(drawing, circuits, told),
        id=name,
        class_="circuit",
    )
    return figure, drawing.rules


def notebook(circuit: Circuit) -> str:
    """The drawing with a title and a style of its own, to stand inside another page."""
    name = f"c{circuit.digest[:8]}"
    picture, rules = fragment(circuit, name=name)
    title = element("strong", circuit.name)
    about = f": {circuit.doc}" if circuit.doc else ""
    made = element(
        "div",
        element("style", Markup(f"{sheet()}\n{rules}")),
        element("p", title, about),
        picture,
        class_="circuitlang notebook",
    )
    return printable(made)


def _lists(drawing: Drawing, circuits: Sequence[Circuit], told: Told) -> Markup:
    """The same in words, for those who cannot point at a picture."""
    nodes = (
        element("li", f"{node}: {'; '.join(told[node])}" if told.get(node) else str(node))
        for node in drawing.nodes
    )
    edges = {edge: at for circuit in circuits for edge, at in circuit.claimed_edges.items()}
    shown = list(edges.items())[:MOST_EDGES]
    return element(
        "details",
        element("summary", "Nodes and edges as lists"),
        element("h3", "Nodes"),
        element("ul", nodes),
        element("h3", "Edges"),
        element("ul", (element("li", f"{edge} at {at}") for edge, at in shown), class_="names"),
        class_="lists",
    )


def _panels(drawing: Drawing, told: Told) -> Markup:
    return element(
        "div",
        element(
            "p",
            "Point at a node, or step through the nodes with the Tab key, for what was measured of "
            "it; a click keeps it here.",
            class_="hint",
        ),
        (
            element(
                "section",
                element("h3", str(node)),
                element("ul", (element("li", line) for line in told[node])),
                class_="told",
                id=f"{drawing.name}-{node}",
            )
            for node in drawing.nodes
            if node in told
        ),
        class_="panels",
    )


def _legend(drawing: Drawing, circuits: Sequence[Circuit]) -> Markup:
    return join(
        element("ul", _roles(drawing, circuits), class_="legend", aria_label="Roles"),
        element("ul", _ports(), class_="legend", aria_label="Edges"),
        _notes(drawing, circuits),
    )


def _roles(drawing: Drawing, circuits: Sequence[Circuit]) -> Iterator[Markup]:
    for role in drawing.roles:
        yield element(
            "li",
            _swatch(element("rect", x=1, y=1, width=18, height=12, rx=3, class_=f"r{role.colour}")),
            f"{role.name} ",
            element("span", role.told, class_="muted"),
        )
    if len(circuits) > 1:
        for mark, letter in zip("−+", LETTERS, strict=True):
            shade = f"only-{letter.lower()}"
            chip = element("rect", x=1, y=1, width=18, height=12, rx=3, class_=shade)
            yield element("li", _swatch(chip), f"{mark} only in {letter}")


def _ports() -> Iterator[Markup]:
    meant = {
        "q": "into a head's queries (lands left)",
        "k": "its keys (middle)",
        "v": "its values (right)",
    }
    for port in PORTS:
        yield element("li", _sample(port), f"{port}: {meant[port]}")
    yield element("li", _sample("whole"), "into an MLP or the logits")


def _sample(kind: str) -> Markup:
    return _swatch(element("g", element("path", d="M1 7h32"), class_=f"edge {kind}"), wide=34)


def _swatch(*shapes: Markup, wide: int = 20) -> Markup:
    return element(
        "svg",
        *shapes,
        viewBox=f"0 0 {wide} 14",
        width=wide,
        height=14,
        class_="swatch",
        aria_hidden="true",
    )


def _notes(drawing: Drawing, circuits: Sequence[Circuit]) -> Iterator[Markup]:
    edges = "An edge has the colour of the role that writes to it."
    if len(circuits) > 1:
        edges = "Edges that both have are grey."
    yield _note(f"{edges} Layers go up, positions from left to right.")
    letters = LETTERS if len(circuits) > 1 else (circuits[0].name,)
    for circuit, name in zip(circuits, letters, strict=True):
        if added := len(circuit.edges) - len(circuit.claimed_edges):
            yield _note(
                element("code", "keep mlps"),
                f" adds {added:,} edges into and out of MLPs to {name}, not drawn.",
            )
    if drawing.left_out:
        yield _note(f"{drawing.left_out:,} more edges and nodes are too many to draw.")


def _note(*content: str | Markup) -> Markup:
    return element("p", *content, class_="note")
