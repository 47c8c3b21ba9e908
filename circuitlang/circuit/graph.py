"""The kept edges as a graph for networkx, which is imported only when a graph is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.names import PORTS, Node, Port

if TYPE_CHECKING:
    import networkx as nx


def port_name(node: Node, port: Port | None) -> str:
    """Where an edge ends: ``a9.h6<q>`` for a head, the node itself for everything else."""
    return f"{node}<{port}>" if port else str(node)


def edge_names(circuit: Circuit) -> frozenset[str]:
    """Every kept edge as EAP-IG writes it, e.g. ``a9.h9->logits`` or ``m0->a1.h0<q>``."""
    return frozenset(str(edge) for edge in circuit.edges)


def build(circuit: Circuit) -> nx.DiGraph[str]:
    """Components and ports, named as EAP-IG names them.

    A component has ``kind``, ``layer``, ``roles`` and ``positions`` (where it is kept, as a
    `Positions`; None where the circuit uses it without claiming it). A head's port is a node of
    kind ``port`` with an edge to its head. Every other edge has ``positions`` and ``claimed``.
    """
    import networkx as nx

    graph: nx.DiGraph[str] = nx.DiGraph(name=circuit.name)
    nodes = {*circuit.members, *(end for edge in circuit.edges for end in edge[:2])}
    for node in sorted(nodes):
        graph.add_node(
            str(node),
            kind=node.kind,
            layer=node.layer,
            roles=tuple(name for name, role in circuit.roles.items() if node in role.nodes),
            positions=circuit.members.get(node),
        )
        if node.kind == "head":
            for port in PORTS:
                graph.add_node(port_name(node, port), kind="port", layer=node.layer)
                graph.add_edge(port_name(node, port), str(node))
    for edge, at in circuit.edges.items():
        graph.add_edge(
            str(edge.source),
            port_name(edge.target, edge.port),
            positions=at,
            claimed=edge in circuit.claimed_edges,
        )
    return graph
