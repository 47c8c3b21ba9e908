"""A circuit as GraphML, for networkx, Gephi, yEd and igraph."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from circuitlang.circuit.circuit import Circuit
from circuitlang.exchange.attributes import Attributes, arcs, graph_attributes, nodes
from circuitlang.exchange.draft import plain
from circuitlang.exchange.format import Exported, Format, Options
from circuitlang.exchange.picture import report

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_TYPES = {bool: "boolean", int: "long", str: "string"}


def write(circuit: Circuit, _: Options) -> Exported:
    """One edge for each port, with EAP-IG's name as its id."""
    from xml.etree import ElementTree as ET

    root = ET.Element("graphml", xmlns="http://graphml.graphdrawing.org/xmlns")
    listed, edges = list(nodes(circuit)), list(arcs(circuit))
    keys = {
        **_declare(root, "graph", [graph_attributes(circuit)]),
        **_declare(root, "node", [attributes for _, attributes in listed]),
        **_declare(root, "edge", [arc.attributes for arc in edges]),
    }
    graph = ET.SubElement(root, "graph", id=circuit.name, edgedefault="directed")
    _describe(graph, "graph", graph_attributes(circuit), keys)
    for name, attributes in listed:
        _describe(ET.SubElement(graph, "node", id=name), "node", attributes, keys)
    for arc in edges:
        element = ET.SubElement(graph, "edge", id=arc.key, source=arc.source, target=arc.target)
        _describe(element, "edge", arc.attributes, keys)
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode", xml_declaration=False)
    return Exported(f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n', report(circuit))


def _declare(root: Element, what: str, each: Iterable[Attributes]) -> dict[tuple[str, str], str]:
    """A ``key`` element for each attribute, and its id by where and what it is."""
    from xml.etree import ElementTree as ET

    types = {name: _TYPES[type(value)] for found in each for name, value in found.items()}
    ids = {(what, name): f"{what}_{name}" for name in types}
    for (_, name), key in ids.items():
        ET.SubElement(
            root, "key", {"id": key, "for": what, "attr.name": name, "attr.type": types[name]}
        )
    return ids


def _describe(
    element: Element, what: str, attributes: Attributes, keys: dict[tuple[str, str], str]
) -> None:
    from xml.etree import ElementTree as ET

    for name, value in attributes.items():
        data = ET.SubElement(element, "data", key=keys[what, name])
        # XML 1.0 has no spelling for control characters; `plain` leaves none.
        data.text = str(value).lower() if isinstance(value, bool) else plain(str(value))


FORMAT = Format(
    name="graphml",
    title="GraphML, for networkx, Gephi, yEd",
    layout="the GraphML 1.0 schema, as networkx 3.4 reads it",
    carries="nodes with kind, layer, roles, positions, doubt; edges by port with positions",
    loses="task, policy but for its ablation, claims; written only",
    takes=frozenset({"claimed"}),
    write=write,
)
