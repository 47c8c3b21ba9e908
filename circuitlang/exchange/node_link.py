"""A circuit as node-link JSON: ``networkx.node_link_graph(json.load(f), edges="edges")``."""

from __future__ import annotations

import json

from circuitlang.circuit.circuit import Circuit
from circuitlang.exchange.attributes import arcs, graph_attributes, nodes
from circuitlang.exchange.format import Exported, Format, Options
from circuitlang.exchange.picture import report


def write(circuit: Circuit, _: Options) -> Exported:
    """A directed multigraph: one edge for each port, with EAP-IG's name as its key."""
    data = {
        "directed": True,
        "multigraph": True,
        "graph": dict(graph_attributes(circuit)),
        "nodes": [{"id": name, **attributes} for name, attributes in nodes(circuit)],
        "edges": [
            {"source": arc.source, "target": arc.target, "key": arc.key, **arc.attributes}
            for arc in arcs(circuit)
        ],
    }
    return Exported(json.dumps(data, indent=1) + "\n", report(circuit))


FORMAT = Format(
    name="node-link",
    title="node-link JSON, for networkx and d3",
    layout="networkx 3.4, `node_link_data(graph, edges='edges')`",
    carries="nodes with kind, layer, roles, positions, doubt; edges by port with positions",
    loses="task, policy but for its ablation, claims; written only",
    takes=frozenset({"claimed"}),
    write=write,
)
