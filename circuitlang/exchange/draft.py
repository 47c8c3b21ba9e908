"""The `.circuit` tree of what a foreign file holds.

Other formats have no task and no policy, and nothing is made up: the author writes them. Roles
write and read at `any` position where the file has no positions that edition 1 can name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from circuitlang.circuit.names import INPUT, LOGITS, PORTS, Edge, Node, Port, parse_node
from circuitlang.exchange.report import Dropped
from circuitlang.syntax import tree
from circuitlang.syntax.grammar import KEYWORDS, RESERVED
from circuitlang.syntax.strict_json import RefusedError

MEMBERS = "members"
ANYWHERE = "every role writes and reads at `any` position"
LEFT_OUT = "model, task, policy and claims are for you to write"

_ANY = (tree.Name("any"),)
_OUTSIDE = re.compile(r"[^a-z0-9]+")
_MOST_NAME, _MOST_DOC, _MOST_EDGES = 48, 400, 2_000_000
# Words with a meaning inside a statement, where a name would be read as them.
_WORDS = {"any", "at", "attending", "else", "from", "head", "mlp", "mlps", "status", "until"} | {
    *("because", "via", "q", "k", "v")
}


class Link(NamedTuple):
    """One edge statement between roles, by their names, or nodes."""

    source: str
    target: str
    ports: tuple[Port, ...] = ()


def spec_name(text: str) -> str:
    """A name that edition 1 can write, as near to ``text`` as can be."""
    name = _OUTSIDE.sub("_", text.lower()).strip("_")[:_MOST_NAME].strip("_")
    if not name or not name[0].isalpha():
        name = f"role_{name}".strip("_")
    if name in KEYWORDS | RESERVED | _WORDS or parse_node(name) is not None:
        name = f"{name}_role"
    return name


@dataclass
class Names:
    """Names that edition 1 can write, each given out once: ``h``, ``h_2``, ``h_3``."""

    _given: set[str] = field(default_factory=set)
    _counts: dict[str, int] = field(default_factory=dict)

    def new(self, text: str) -> str:
        name = stem = spec_name(text)
        while name in self._given:
            # Counting goes on where it stopped, so that many equal labels take no longer each.
            self._counts[stem] = self._counts.get(stem, 1) + 1
            name = f"{stem}_{self._counts[stem]}"
        self._given.add(name)
        return name


def plain(text: str) -> str:
    """A stranger's text as a `doc` may hold it: one line, bounded, no half characters."""
    line = _line(text)
    return line if len(line) <= _MOST_DOC else line[: _MOST_DOC - 1] + "…"


def cut(text: str) -> Dropped:
    """What `plain` leaves out at the end of a long text."""
    length = len(_line(text))
    more = length - _MOST_DOC + 1 if length > _MOST_DOC else 0
    return Dropped(more, "characters of prose", f"a `doc` of an import has {_MOST_DOC} at most")


def _line(text: str) -> str:
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return " ".join("".join(c if c.isprintable() else " " for c in clean).split())


def check_count(edges: int) -> None:
    """Raises RefusedError for more edges than any model has."""
    if edges > _MOST_EDGES:
        raise RefusedError(f"it lists more than {_MOST_EDGES:,} edges")


def of_edges(edges: Collection[Edge]) -> tree.File:
    """A file that says no more than which edges are kept: one role, and a statement for each pair
    of nodes."""
    return draft("imported", {MEMBERS: ends(edges)}, node_links(edges))


def draft(
    name: str,
    roles: Mapping[str, Iterable[Node]],
    links: Iterable[Link],
    doc: str = "",
    cites: Iterable[str] = (),
) -> tree.File:
    """The tree; ``input`` and ``logits`` are in every circuit and are no members."""
    prose: tuple[tree.Statement, ...] = (tree.Doc(tree.Text(plain(doc))),) if doc else ()
    prose += tuple(tree.Cite(tree.Text(plain(cite))) for cite in cites)
    listed = {key: sorted(set(nodes) - {INPUT, LOGITS}) for key, nodes in roles.items()}
    blocks = tuple(_role(key, nodes) for key, nodes in listed.items() if nodes)
    edges = (_edge(link) for link in links)
    circuit = tree.Circuit(tree.Name(spec_name(name)), (*prose, *blocks, *edges))
    return tree.File(tree.Number("1"), circuit)


def _role(name: str, nodes: Iterable[Node]) -> tree.Role:
    members = tuple(tree.Member(tree.Name(n.kind), tree.Name(str(n))) for n in nodes)
    return tree.Role(tree.Name(name), _ANY, _ANY, members)


def _edge(link: Link) -> tree.Edge:
    ports = tuple(tree.Name(port) for port in link.ports)
    return tree.Edge(tree.Name(link.source), tree.Name(link.target), ports)


def node_links(edges: Iterable[Edge]) -> Iterator[Link]:
    """One statement for each pair of nodes; all three ports of a head are written as none."""
    pairs: dict[tuple[Node, Node], set[Port]] = {}
    for edge in sorted(set(edges), key=_order):
        ports = pairs.setdefault((edge.source, edge.target), set())
        if edge.port is not None:
            ports.add(edge.port)
    for (source, target), ports in pairs.items():
        named = () if len(ports) == len(PORTS) else tuple(sorted(ports, key=PORTS.index))
        yield Link(str(source), str(target), named)


def _order(edge: Edge) -> tuple[Node, Node, str]:
    return edge.source, edge.target, edge.port or ""


def ends(edges: Iterable[Edge]) -> set[Node]:
    return {end for edge in edges for end in (edge.source, edge.target)} - {INPUT, LOGITS}
