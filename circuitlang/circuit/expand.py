"""From roles and edge statements to single edges and the positions at which each is kept.

An edge is kept where its source writes and its target's port reads. `input` writes and `logits`
reads everywhere; a head reads ``q`` at its role's positions and ``k``, ``v`` at the attended ones;
an MLP reads and writes at its role's positions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from circuitlang.circuit.circuit import Circuit, Connection, Policy, Role
from circuitlang.circuit.names import INPUT, LOGITS, Edge, Node, Port, feeds
from circuitlang.circuit.positions import EVERYWHERE, Positions
from circuitlang.circuit.shape import ModelShape

Kept = Mapping[Edge, Positions]


class Site(NamedTuple):
    """A node where the circuit uses it."""

    node: Node
    at: Positions
    attending: Positions

    def reads(self, port: Port | None) -> Positions:
        return self.attending if port in ("k", "v") else self.at


def role_sites(role: Role) -> tuple[Site, ...]:
    return tuple(Site(node, role.at, role.attending) for node in role.nodes)


def member_sites(roles: Iterable[Role]) -> Mapping[Node, Site]:
    """Each member with the union of its roles' positions."""
    sites: dict[Node, Site] = {}
    for role in roles:
        for site in role_sites(role):
            known = sites.get(site.node, site)
            sites[site.node] = Site(site.node, known.at | site.at, known.attending | site.attending)
    return sites


def end_sites(
    end: str | Node, roles: Mapping[str, Role], members: Mapping[Node, Site]
) -> tuple[Site, ...]:
    """What one end of a connection stands for; empty where it names nothing in the circuit."""
    if isinstance(end, str):
        return role_sites(roles[end]) if end in roles else ()
    if end in (INPUT, LOGITS):
        return (Site(end, EVERYWHERE, EVERYWHERE),)
    return (members[end],) if end in members else ()


def expand_connection(
    connection: Connection, sources: Iterable[Site], targets: Iterable[Site]
) -> Iterator[tuple[Edge, Positions]]:
    """The edges of one statement: every pair that layer order and positions permit."""
    targets = tuple(targets)
    for source in sources:
        for target in targets:
            if not feeds(source.node, target.node):
                continue
            for port in connection.ports or target.node.ports:
                if kept := source.at & target.reads(port):
                    yield Edge(source.node, target.node, port), kept


def claimed_edges(roles: Mapping[str, Role], connections: Iterable[Connection]) -> Kept:
    members = member_sites(roles.values())
    kept: dict[Edge, Positions] = {}
    for connection in connections:
        sources = end_sites(connection.source, roles, members)
        targets = end_sites(connection.target, roles, members)
        for edge, at in expand_connection(connection, sources, targets):
            kept[edge] = kept[edge] | at if edge in kept else at
    return kept


def mlp_edges(members: Iterable[Site], shape: ModelShape) -> Iterator[tuple[Edge, Positions]]:
    """What ``keep mlps`` adds: every edge that enters or leaves an MLP, from or to the input, a
    member's output or port, another MLP and the logits; and input -> logits (ACDC's reading of
    Wang et al. 2022)."""
    mlps = {node: Site(node, EVERYWHERE, EVERYWHERE) for node in shape.mlps}
    ends = {
        INPUT: Site(INPUT, EVERYWHERE, EVERYWHERE),
        LOGITS: Site(LOGITS, EVERYWHERE, EVERYWHERE),
    }
    heads = {site.node: site for site in members if site.node not in mlps}
    sites = (*ends.values(), *heads.values(), *mlps.values())
    yield Edge(INPUT, LOGITS), EVERYWHERE
    for mlp in mlps.values():
        for site in sites:
            if feeds(site.node, mlp.node):
                yield Edge(site.node, mlp.node), site.at
            if feeds(mlp.node, site.node) and site.node not in mlps:
                for port in site.node.ports:
                    yield Edge(mlp.node, site.node, port), site.reads(port)


def expand(
    roles: Mapping[str, Role],
    connections: Iterable[Connection],
    policy: Policy,
    shape: ModelShape | None,
    keep_mlps: bool,
) -> tuple[Kept, Kept]:
    """All kept edges, and the claimed ones among them, in order of their names.

    Without a shape the MLPs of the model are not known, and ``keep mlps`` adds nothing yet.
    """
    return keep(claimed_edges(roles, connections), roles, policy, shape, keep_mlps)


def keep(
    claimed: Kept,
    roles: Mapping[str, Role],
    policy: Policy,
    shape: ModelShape | None,
    keep_mlps: bool,
) -> tuple[Kept, Kept]:
    """As `expand`, from claimed edges that are known already."""
    kept = dict(claimed)
    if keep_mlps and shape is not None:
        for edge, at in mlp_edges(member_sites(roles.values()).values(), shape):
            kept[edge] = kept[edge] | at if edge in kept else at
    if policy.positions == "all":
        claimed = dict.fromkeys(claimed, EVERYWHERE)
        kept = dict.fromkeys(kept, EVERYWHERE)
    return MappingProxyType(dict(sorted(kept.items()))), MappingProxyType(
        dict(sorted(claimed.items()))
    )


def with_policy(circuit: Circuit, policy: Policy) -> Circuit:
    """The same hypothesis under another policy: its edges follow ``policy.positions``."""
    edges, claimed = expand(
        circuit.roles, circuit.connections, policy, circuit.shape, circuit.keep_mlps
    )
    return replace(circuit, policy=policy, edges=edges, claimed_edges=claimed)


def with_shape(circuit: Circuit, shape: ModelShape) -> Circuit:
    """The same circuit once the shape of its model is known: ``keep mlps`` takes effect."""
    edges, claimed = expand(
        circuit.roles, circuit.connections, circuit.policy, shape, circuit.keep_mlps
    )
    return replace(circuit, shape=shape, edges=edges, claimed_edges=claimed)
