"""A circuit as boxes and arrows: what every drawing of it shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from circuitlang.circuit.circuit import Circuit, Role
from circuitlang.circuit.names import Edge, Node, Port
from circuitlang.circuit.positions import Positions
from circuitlang.exchange.draft import plain
from circuitlang.exchange.report import Dropped, Report, dropped


class Arrow(NamedTuple):
    """Every edge between two nodes. ``label`` names ports and positions, one line for each set of
    positions: ``q at END``. ``claimed`` is whether any of the edges is."""

    source: Node
    target: Node
    label: tuple[str, ...]
    claimed: bool
    edges: tuple[Edge, ...]


def arrows(circuit: Circuit) -> Iterator[Arrow]:
    pairs: dict[tuple[Node, Node], dict[Positions, list[Edge]]] = {}
    for edge, at in circuit.edges.items():
        kept = pairs.setdefault((edge.source, edge.target), {})
        kept.setdefault(at, []).append(edge)
    for (source, target), kept in pairs.items():
        edges = tuple(edge for listed in kept.values() for edge in listed)
        lines = (_line([edge.port for edge in listed], at) for at, listed in kept.items())
        claimed = any(edge in circuit.claimed_edges for edge in edges)
        yield Arrow(source, target, tuple(line for line in lines if line), claimed, edges)


def _line(ports: list[Port | None], at: Positions) -> str:
    named = ", ".join(port for port in ports if port)
    return f"{named} at {at}".strip() if not at.everywhere else named


def role_label(role: Role) -> str:
    """``name_mover at END attending IO``, as the file has it."""
    heads = any(node.kind == "head" for node in role.nodes)
    return f"{role.name} at {role.at}" + (f" attending {role.attending}" if heads else "")


def boxes(circuit: Circuit) -> tuple[Mapping[str, tuple[Node, ...]], tuple[Node, ...]]:
    """The nodes inside each role's box, and those outside of all. A node with several roles stands
    in the first one's."""
    placed: set[Node] = set()
    inside: dict[str, tuple[Node, ...]] = {}
    for name, role in circuit.roles.items():
        inside[name] = tuple(sorted(set(role.nodes) - placed))
        placed.update(inside[name])
    ends = {end for edge in circuit.edges for end in (edge.source, edge.target)}
    return inside, tuple(sorted(ends - placed))


def node_label(circuit: Circuit, node: Node) -> str:
    """The node's name; `?` behind it where the file calls it disputed, and its further roles."""
    roles = [name for name, role in circuit.roles.items() if node in role.nodes]
    more = f" (also {', '.join(roles[1:])})" if len(roles) > 1 else ""
    return f"{node}{'?' if disputed(circuit, node) else ''}{more}"


def disputed(circuit: Circuit, node: Node) -> bool:
    members = (member for role in circuit.roles.values() for member in role.members)
    return any(member.node == node and member.status for member in members)


def title(circuit: Circuit) -> str:
    doc = plain(circuit.doc or "")
    return f"{circuit.name}: {doc}" if doc else circuit.name


def report(circuit: Circuit) -> Report:
    """What a drawing shows, and what of the file it leaves out."""
    nodes = {*circuit.members, *(end for edge in circuit.edges for end in edge[:2])}
    why = "a drawing shows the structure only"
    return Report(
        {"roles": len(circuit.roles), "nodes": len(nodes), "edges": len(circuit.edges)},
        dropped(
            Dropped(len(circuit.claims), "claims", why),
            Dropped(1, "task with its policy", why),
        ),
    )
