"""Edge statements: what their ends are, and whether such an edge can exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from circuitlang.check.checked import Checked
from circuitlang.check.suggest import suggest
from circuitlang.circuit.circuit import Connection, Role
from circuitlang.circuit.expand import Site, end_sites, expand_connection, member_sites
from circuitlang.circuit.names import INPUT, LOGITS, PORTS, Edge, Node, Port, feeds, parse_node
from circuitlang.circuit.positions import EVERYWHERE, Positions
from circuitlang.syntax import tree
from circuitlang.syntax.diagnostic import Diagnostic, Label

# Members of two roles, times ports. GPT-2 small has 32,491 edges, Llama 3.1 8B 1.6 million.
MOST_EDGES = 500_000


class Resolved(NamedTuple):
    """A connection with its ends; ``sources`` or ``targets`` empty where an end is not known."""

    statement: tree.Edge
    connection: Connection
    sources: tuple[Site, ...]
    targets: tuple[Site, ...]


def check_edges(
    edges: Sequence[tree.Edge], keep: tree.Keep | None, roles: Mapping[str, Role]
) -> Checked[tuple[Connection, ...]]:
    members = member_sites(roles.values())
    resolved: list[Resolved] = []
    pairs = 0
    for edge in edges:
        one = yield from _resolve(edge, keep, roles, members)
        if one is None:
            continue
        pairs += len(one.sources) * len(one.targets) * len(PORTS)
        if pairs > MOST_EDGES:
            yield Diagnostic(
                "too-many-edges",
                f"the edges up to here stand for more than {MOST_EDGES:,} single ones",
                edge.source.span.to(edge.target.span),
            )
            return ()
        sound = yield from _check_possible(one, roles)
        if sound:
            resolved.append(one)
    yield from _check_repeats(resolved)
    return tuple(one.connection for one in resolved)


def _resolve(
    edge: tree.Edge,
    keep: tree.Keep | None,
    roles: Mapping[str, Role],
    members: Mapping[Node, Site],
) -> Checked[Resolved | None]:
    source = yield from _end(edge.source, keep, roles, members)
    target = yield from _end(edge.target, keep, roles, members)
    ports = yield from _ports(edge)
    if source is None or target is None or ports is None:
        return None
    for end, node, does in ((edge.source, LOGITS, "sends"), (edge.target, INPUT, "reads")):
        if parse_node(end.text) == node:
            yield Diagnostic("edge-to-nowhere", f"`{end}` {does} nothing", end.span)
            return None
    if keep is not None and source == INPUT and target == LOGITS:
        yield _kept(edge.source, "the edge from `input` to `logits`", keep)
        return None
    connection = Connection(
        source, target, ports, edge.status.text if edge.status else None, edge.span
    )
    return Resolved(
        edge,
        connection,
        end_sites(source, roles, members),
        end_sites(target, roles, members),
    )


def _end(
    name: tree.Name,
    keep: tree.Keep | None,
    roles: Mapping[str, Role],
    members: Mapping[Node, Site],
) -> Checked[str | Node | None]:
    node = parse_node(name.text)
    if node is None:
        if name.text in roles:
            return name.text
        yield Diagnostic(
            "unknown-role",
            f"there is no role `{name}`",
            name.span,
            help=suggest(name.text, (*roles, "input", "logits"), "roles"),
        )
        return None
    if node in (INPUT, LOGITS) or node in members:
        return node
    if keep is not None and node.kind == "mlp":
        yield _kept(name, f"every edge of `{node}`", keep)
        return None
    yield Diagnostic(
        "not-a-member",
        f"`{name}` is in no role, so where it writes and reads is not known",
        name.span,
        help=f"add `{node.kind} {node}` to a role",
    )
    return None


def _kept(name: tree.Name, what: str, keep: tree.Keep) -> Diagnostic:
    return Diagnostic(
        "kept-already",
        f"`keep mlps` keeps {what}",
        name.span,
        secondary=(Label(keep.span, "kept here"),),
        help="remove this edge",
    )


def _ports(edge: tree.Edge) -> Checked[tuple[Port, ...] | None]:
    ports: list[Port] = []
    for name in edge.ports:
        port = next((port for port in PORTS if port == name.text), None)
        if port is None:
            return None
        if port in ports:
            yield Diagnostic("duplicate-name", f"`{name}` is listed twice", name.span)
        else:
            ports.append(port)
    return tuple(ports)


def _check_possible(one: Resolved, roles: Mapping[str, Role]) -> Checked[bool]:
    edge, ports = one.statement, one.connection.ports
    portless = next((s.node for s in one.targets if s.node.kind != "head"), None)
    if ports and portless is not None:
        held = "" if isinstance(one.connection.target, Node) else f", held by `{edge.target}`,"
        yield Diagnostic(
            "no-port",
            f"`{portless}`{held} has no ports, only heads have",
            edge.ports[0].span.to(edge.ports[-1].span),
            help=f"write `edge {edge.source} -> {edge.target}` without `via`",
        )
        return False
    pairs = [(s, t) for s in one.sources for t in one.targets if feeds(s.node, t.node)]
    if one.sources and one.targets and not pairs:
        yield _backward(one, roles)
        return False
    sound = True
    for name, port in zip(edge.ports, ports, strict=False):
        if pairs and not any(s.at & t.reads(port) for s, t in pairs):
            yield _mismatch(one, roles, name, port)
            sound = False
    if not ports and pairs and not any(_meet(s, t) for s, t in pairs):
        yield _mismatch(one, roles, edge.target, None)
        sound = False
    return sound


def _meet(source: Site, target: Site) -> bool:
    return any(source.at & target.reads(port) for port in target.node.ports)


def _backward(one: Resolved, roles: Mapping[str, Role]) -> Diagnostic:
    edge = one.statement
    source, target = min(s.node for s in one.sources), max(t.node for t in one.targets)
    one_each = len(one.sources) == len(one.targets) == 1
    if source == target and one_each:
        message = f"`{source}` cannot feed itself"
    elif source.layer == target.layer and source.kind == target.kind == "head":
        message = f"heads of one layer do not feed each other: `{source}` and `{target}`"
    elif one_each:
        message = f"`{source}` is computed after `{target}`, so it cannot feed it"
    else:
        message = f"no member of `{edge.source}` is computed before one of `{edge.target}`"
    possible = all(feeds(t.node, s.node) for s in one.sources for t in one.targets)
    return Diagnostic(
        "backward-edge",
        message,
        edge.source.span.to(edge.target.span),
        secondary=_declared(one, roles),
        help=f"write `edge {edge.target} -> {edge.source}`" if possible else None,
    )


def _declared(one: Resolved, roles: Mapping[str, Role]) -> tuple[Label, ...]:
    ends = (one.connection.source, one.connection.target)
    names = dict.fromkeys(end for end in ends if isinstance(end, str))
    return tuple(
        Label(roles[name].span, "layers " + _layers(roles[name].nodes))
        for name in names
        if roles[name].members
    )


def _layers(nodes: Iterable[Node]) -> str:
    layers = sorted({node.layer for node in nodes})
    return f"{layers[0]}" if len(layers) == 1 else f"{layers[0]} to {layers[-1]}"


def _mismatch(
    one: Resolved, roles: Mapping[str, Role], at: tree.Name, port: Port | None
) -> Diagnostic:
    edge = one.statement
    writes = _union(site.at for site in one.sources)
    target = one.targets[0].node
    ports: tuple[Port | None, ...] = (port,) if port else target.ports
    reads = _union(site.reads(p) for site in one.targets for p in ports)
    through = f"`{port}` " if port else ""
    fitting = [
        p
        for p in target.ports
        if p is not None and any(s.at & t.reads(p) for s in one.sources for t in one.targets)
    ]
    secondary: tuple[Label, ...] = ()
    if isinstance(one.connection.target, str):
        secondary = (Label(roles[one.connection.target].span, _where(one.targets[0])),)
    return Diagnostic(
        "position-mismatch",
        f"`{edge.source}` writes at {writes}, but `{edge.target}` reads {through}at {reads}",
        at.span,
        label="this port is read at " + str(reads) if port else f"read at {reads}",
        secondary=secondary,
        help=_fitting_help(fitting, writes) if port else None,
    )


def _fitting_help(ports: Sequence[Port], writes: Positions) -> str | None:
    if not ports:
        return None
    names = {"q": "queries", "k": "keys", "v": "values"}
    read = " and ".join(names[port] for port in ports)
    return f"{read} are read at {writes}: write `via {', '.join(ports)}`"


def _where(site: Site) -> str:
    if site.node.kind != "head":
        return f"reads at {site.at}"
    return f"reads q at {site.at}; reads k and v at {site.attending}"


def _union(sets: Iterable[Positions]) -> Positions:
    union = ~EVERYWHERE
    for positions in sets:
        union = union | positions
    return union


def _check_repeats(resolved: Iterable[Resolved]) -> Iterator[Diagnostic]:
    """No edge is claimed twice at one position."""
    claimed: dict[Edge, list[tuple[Positions, Resolved]]] = {}
    for one in resolved:
        repeated: tuple[Edge, Resolved] | None = None
        for edge, at in expand_connection(one.connection, one.sources, one.targets):
            earlier = claimed.setdefault(edge, [])
            if repeated is None:
                repeated = next(((edge, r) for where, r in earlier if where & at), None)
            earlier.append((at, one))
        if repeated is not None:
            edge, first = repeated
            first_span = first.statement.source.span.to(first.statement.target.span)
            yield Diagnostic(
                "duplicate-edge",
                f"`{edge}` is claimed twice",
                one.statement.source.span.to(one.statement.target.span),
                secondary=(Label(first_span, "first claimed here"),),
            )
