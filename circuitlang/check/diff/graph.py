"""The graph that a file draws, from its text alone: no word list, no model is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from circuitlang.circuit.circuit import Connection, Member, Role
from circuitlang.circuit.expand import claimed_edges
from circuitlang.circuit.names import Edge, Node, parse_node
from circuitlang.circuit.positions import EVERYWHERE, Positions
from circuitlang.syntax import tree


class Graph(NamedTuple):
    """Members, and the edges that statements draw between them, with where each is kept."""

    nodes: Mapping[Node, Positions]
    edges: Mapping[Edge, Positions]


def graph(file: tree.File) -> Graph:
    """The graph of a file that has been checked."""
    statements = file.circuit.statements if file.circuit else ()
    roles = {s.name.text: _role(s) for s in statements if isinstance(s, tree.Role)}
    drawn = [_connection(s) for s in statements if isinstance(s, tree.Edge)]
    nodes: dict[Node, Positions] = {}
    for role in roles.values():
        for node in role.nodes:
            nodes[node] = nodes[node] | role.at if node in nodes else role.at
    edges = claimed_edges(roles, drawn)
    if _setting(statements, "positions") == "all":
        return Graph(dict.fromkeys(nodes, EVERYWHERE), dict.fromkeys(edges, EVERYWHERE))
    return Graph(nodes, edges)


def measures_edges(file: tree.File) -> bool:
    """Whether the file's policy measures each edge on its own."""
    return _setting(file.circuit.statements if file.circuit else (), "granularity") == "edges"


def _setting(statements: Iterable[tree.Statement], key: str) -> str | None:
    for policy in statements:
        for setting in policy.settings if isinstance(policy, tree.Policy) else ():
            if setting.key.text == key and isinstance(setting.value, tree.Name):
                return setting.value.text
    return None


def _role(role: tree.Role) -> Role:
    nodes = (parse_node(member.node.text) for member in role.members)
    members = tuple(Member(node) for node in nodes if node is not None)
    return Role(role.name.text, _positions(role.at), _positions(role.attending), members)


def _positions(names: Iterable[tree.Name]) -> Positions:
    texts = [name.text for name in names]
    return EVERYWHERE if "any" in texts else Positions.of(texts)


def _connection(edge: tree.Edge) -> Connection:
    ports: Any = tuple(port.text for port in edge.ports)
    return Connection(_end(edge.source), _end(edge.target), ports)


def _end(name: tree.Name) -> str | Node:
    return parse_node(name.text) or name.text
