"""A circuit as a graph with attributes, which GraphML and node-link JSON write each in its way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.names import Node
from circuitlang.exchange import picture

Attributes = Mapping[str, str | int | bool]


class Arc(NamedTuple):
    """One kept edge. ``key`` is its name in EAP-IG, which tells parallel edges apart."""

    key: str
    source: str
    target: str
    attributes: Attributes


def graph_attributes(circuit: Circuit) -> Attributes:
    return {
        "name": circuit.name,
        "doc": circuit.doc or "",
        "model": circuit.model.source,
        "granularity": circuit.policy.granularity,
        "ablation": str(circuit.policy.ablation),
        "digest": circuit.digest,
    }


def nodes(circuit: Circuit) -> Iterator[tuple[str, Attributes]]:
    """Every member and every end of a kept edge, in order of evaluation.

    ``roles`` is empty for what the circuit uses without claiming it; ``layer`` and ``head`` are
    there where the node has them, ``at`` for members.
    """
    ends = {end for edge in circuit.edges for end in (edge.source, edge.target)}
    for node in sorted({*circuit.members, *ends}):
        yield str(node), _attributes(circuit, node)


def _attributes(circuit: Circuit, node: Node) -> Attributes:
    roles = [name for name, role in circuit.roles.items() if node in role.nodes]
    found: dict[str, str | int | bool] = {"kind": node.kind, "roles": ", ".join(roles)}
    if node.kind in ("head", "mlp"):
        found["layer"] = node.layer
    if node.kind == "head":
        found["head"] = node.head
    if node in circuit.members:
        found["at"] = str(circuit.members[node])
        found["disputed"] = picture.disputed(circuit, node)
    return found


def arcs(circuit: Circuit) -> Iterator[Arc]:
    for edge, at in circuit.edges.items():
        attributes: Attributes = {
            "port": edge.port or "",
            "at": str(at),
            "claimed": edge in circuit.claimed_edges,
        }
        yield Arc(str(edge), str(edge.source), str(edge.target), attributes)
