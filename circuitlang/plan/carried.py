"""A variant over position classes: where each node is live, where single edges differ from it,
and so which values the metric depends on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from operator import methodcaller
from typing import NamedTuple

from circuitlang.circuit.names import INPUT, PORTS, Edge, Node, Reader, mlp
from circuitlang.circuit.positions import Positions
from circuitlang.circuit.shape import ModelShape
from circuitlang.plan.classes import Bits, Classes
from circuitlang.plan.variant import Variant, Version
from circuitlang.plan.versions import Steps, versions


class Carry(NamedTuple):
    """The classes at which something is live in this variant's run, and those at which it is what
    is live in the run of another; elsewhere it is a constant."""

    live: Bits
    taken: tuple[tuple[Carried, Bits], ...] = ()

    @property
    def bits(self) -> Bits:
        found = self.live
        for _, at in self.taken:
            found |= at
        return found

    def within(self, classes: Bits) -> Carry:
        taken = tuple((other, at & classes) for other, at in self.taken if at & classes)
        return Carry(self.live & classes, taken)


class Difference(NamedTuple):
    """Where an edge carries something and its source's node does not (``more``), and the other way
    round."""

    source: Node
    more: Carry
    less: Carry


class Asked:
    """What other variants read of a variant's run: ``values`` that nodes send and ``ports`` read,
    with the classes."""

    def __init__(self) -> None:
        self.values: defaultdict[Node, Bits] = defaultdict(int)
        self.ports: defaultdict[Reader, Bits] = defaultdict(int)


class Needs(NamedTuple):
    """``streams[level]``: classes at which the running stream is read. ``values``: classes at which
    a node's value is."""

    streams: list[Bits]
    values: Mapping[Node, Bits]


class Carried:
    """A variant of a model of that shape, over those classes. ``others`` has what the variants
    carry whose runs it takes values from."""

    def __init__(
        self,
        variant: Variant,
        shape: ModelShape,
        classes: Classes,
        others: Callable[[Variant], Carried],
    ) -> None:
        self.shape, self.classes = shape, classes
        self._others = others
        self._masks: dict[Positions, Bits] = {}
        self._every: Bits = (1 << len(classes)) - 1
        said = versions(variant, shape)
        self.default = Carry(self._every if said.default is Version.LIVE else 0)
        self.nodes: dict[Node, Carry] = {}
        for node, steps in said.nodes.items():
            self.nodes[node] = self._applied(self.default, steps, methodcaller("node", node))
        self.edges: dict[Edge, Carry] = {}
        self._into: dict[Reader, list[Difference]] = {}
        for edge, steps in said.edges.items():
            shared = self.node(edge.source)
            own = self._applied(shared, steps, methodcaller("edge", edge))
            self.edges[edge] = own
            if own != shared:
                same = _same(own, shared)
                difference = Difference(edge.source, own.within(~same), shared.within(~same))
                self._into.setdefault(edge.reader, []).append(difference)
        every = Carry(self._every)
        self.readers = {
            reader: self._applied(every, steps, lambda _: every)
            for reader, steps in said.readers.items()
        }

        # The heads of each layer that may send something that is no constant.
        sending = {edge.source for edge in self.edges}
        sending |= {node for node, carry in self.nodes.items() if carry.bits}
        if self.default.live:
            sending = set(shape.heads)
        self.heads: list[list[Node]] = [[] for _ in range(shape.n_layers)]
        for node in sorted(sending):
            if node.kind == "head":
                self.heads[node.layer].append(node)

    def node(self, node: Node) -> Carry:
        """What the node's edges carry, unless they say otherwise."""
        return self.nodes.get(node, self.default)

    def edge(self, edge: Edge) -> Carry:
        found = self.edges.get(edge)
        return self.node(edge.source) if found is None else found

    def into(self, reader: Reader) -> list[Difference]:
        """The edges into a port that differ from their sources somewhere."""
        return self._into.get(reader, [])

    def differs(self, reader: Reader) -> bool:
        """Whether the port may read anything else than the running stream."""
        return reader in self._into or reader in self.readers

    def elsewhere(self, reader: Reader) -> tuple[tuple[Carried, Bits], ...]:
        """The variants in whose runs the port reads instead, and at which classes."""
        found = self.readers.get(reader)
        return found.taken if found else ()

    def needs(self, asked: defaultdict[Carried, Asked]) -> Needs:
        """Backwards from what is asked of this variant: what is read, at which classes. What it
        takes from other variants is asked of those in turn."""
        roots = asked.pop(self, Asked())
        top = 2 * self.shape.n_layers
        streams = [0] * (top + 1)
        values = roots.values

        def ask(node: Node, carry: Carry, classes: Bits) -> None:
            values[node] |= carry.live & classes
            for other, at in carry.taken:
                asked[other].values[node] |= at & classes

        def read(reader: Reader, classes: Bits) -> None:
            for other, at in self.elsewhere(reader):
                asked[other].ports[reader] |= at & classes
                classes &= ~at
            streams[read_level(reader.node, self.shape)] |= classes
            for source, more, less in self.into(reader):
                ask(source, more, classes)
                ask(source, less, classes)

        for reader, classes in tuple(roots.ports.items()):
            read(reader, classes)
        for layer in reversed(range(self.shape.n_layers)):
            level = 2 * layer
            streams[level + 1] |= streams[level + 2]
            if self.shape.d_mlp:
                ask(mlp(layer), self.node(mlp(layer)), streams[level + 2])
                read(Reader(mlp(layer)), values[mlp(layer)])
            streams[level] |= streams[level + 1]
            for node in self.heads[layer]:
                ask(node, self.node(node), streams[level + 1])
                if where := values[node]:
                    seen = self.classes.seen_by(where)
                    for port in PORTS:
                        read(Reader(node, port), where if port == "q" else seen)
        ask(INPUT, self.node(INPUT), streams[0])
        return Needs(streams, values)

    def clean_below(self, other: Carried) -> list[int]:
        """For each class the last level at which this variant and the other cannot differ yet:
        running streams up to it, and values that read a level below it, are the same in both."""
        changes: dict[int, Bits] = {}

        def change(level: int, mine: Carry, theirs: Carry) -> None:
            if mine is theirs:
                return
            apart = (mine.bits | theirs.bits) & ~_same(mine, theirs, self, other)
            if apart:
                changes[level] = changes.get(level, 0) | apart

        for node in {**self.nodes, **other.nodes}:
            change(read_level(node, self.shape), self.node(node), other.node(node))
        for edge in {**self.edges, **other.edges}:
            change(read_level(edge.target, self.shape), self.edge(edge), other.edge(edge))
        all_live = Carry(self._every)
        for reader in {**self.readers, **other.readers}:
            mine, theirs = (one.readers.get(reader, all_live) for one in (self, other))
            change(read_level(reader.node, self.shape), mine, theirs)
        change(-1, self.default, other.default)
        top = 2 * self.shape.n_layers
        return [
            min((level for level, at in changes.items() if at & before), default=top)
            for before in self.classes.before
        ]

    def _mask(self, at: Positions) -> Bits:
        if at not in self._masks:
            self._masks[at] = self.classes.mask(at)
        return self._masks[at]

    def _applied(self, base: Carry, steps: Steps, there: Callable[[Carried], Carry]) -> Carry:
        """``there`` looks up what the same thing carries in another variant."""
        found = base
        for at, version in steps:
            mask = self._mask(at)
            rest = found.within(~mask) if found.taken else Carry(found.live & ~mask)
            if version is Version.LIVE:
                found = Carry(rest.live | mask, rest.taken)
            elif isinstance(version, Version):
                found = rest
            else:
                other = self._others(version)
                carry = there(other)
                taken = _merged(
                    (*rest.taken, (other, carry.live & mask), *carry.within(mask).taken)
                )
                found = Carry(rest.live, taken)
        return base if found == base else found


def _merged(taken: Iterable[tuple[Carried, Bits]]) -> tuple[tuple[Carried, Bits], ...]:
    found: dict[Carried, Bits] = {}
    for other, at in taken:
        if at:
            found[other] = found.get(other, 0) | at
    return tuple(found.items())


def _same(
    mine: Carry, theirs: Carry, me: Carried | None = None, you: Carried | None = None
) -> Bits:
    """The classes at which two carry the same value, and not a constant. ``me`` and ``you`` are the
    variants that they are of: what is live in a run is also what others take from it."""
    same = mine.live & theirs.live
    if mine.taken or theirs.taken:
        one, other = dict(mine.taken), dict(theirs.taken)
        for source, at in one.items():
            same |= at & (theirs.live if source is you else other.get(source, 0))
        for source, at in other.items():
            if source is me:
                same |= at & mine.live
    return same


def read_level(node: Node, shape: ModelShape) -> int:
    """The level that the node reads; what it sends arrives one above."""
    match node.kind:
        case "input":
            return -1
        case "head":
            return 2 * node.layer
        case "mlp":
            return 2 * node.layer + 1
        case _:
            return 2 * shape.n_layers
