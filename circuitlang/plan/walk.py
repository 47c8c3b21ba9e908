"""Naming values: one walk through the layers for each variant, one book for all of them.

A walk goes down the layers first, to see at which classes anything is still needed, and then up,
looking up in the book what each component reads there. Sets of classes are bits of an integer.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from circuitlang.circuit.names import INPUT, LOGITS, PORTS, Node, Reader, mlp
from circuitlang.circuit.shape import ModelShape
from circuitlang.plan.carried import Asked, Carried, Carry, Needs, read_level
from circuitlang.plan.classes import Bits, Classes, bits
from circuitlang.plan.values import (
    MlpValue,
    Query,
    SparsePlan,
    Stream,
    StreamId,
    Unit,
    Value,
    ValueId,
)
from circuitlang.plan.variant import Variant, Version

# What determines a value: its node, its class and the streams that it reads.
Inputs = tuple[object, ...]


def plan_values(variants: Sequence[Variant], shape: ModelShape, classes: Classes) -> SparsePlan:
    """The sparse plan of distinct variants. Deterministic: variants in turn, layer by layer.

    Raises ValueError for a node or edge that a model of that shape does not have.
    """
    return Book(shape, classes).plan(tuple(variants))


class Book:
    """Streams and values under the numbers they got when they were first asked for."""

    def __init__(self, shape: ModelShape, classes: Classes) -> None:
        self.shape, self.classes = shape, classes
        self.levels: list[dict[Stream, StreamId]] = [{} for _ in range(2 * shape.n_layers + 1)]
        self.values: dict[Inputs, ValueId] = {}
        self.records: list[Value] = []
        self.units: list[list[Unit]] = [[] for _ in range(shape.n_layers)]
        self.mlps: list[list[MlpValue]] = [[] for _ in range(shape.n_layers)]
        self.walks: dict[Carried, Walk] = {}
        self._carried: dict[Variant, Carried] = {}
        self._versions: Counter[tuple[Node, int]] = Counter()

    def plan(self, variants: tuple[Variant, ...]) -> SparsePlan:
        asked_for = frozenset(variants)
        asked: defaultdict[Carried, Asked] = defaultdict(Asked)

        def needs(variant: Variant, carried: Carried) -> Needs:
            if variant in asked_for:
                asked[carried].ports[Reader(LOGITS)] |= self.classes.read
            return carried.needs(asked)

        # Variants that take values from others are asked before those, and walked after them.
        heights = _heights(variants)
        tied = sorted(heights, key=heights.__getitem__)
        needed = {variant: needs(variant, self.carried(variant)) for variant in reversed(tied)}
        logits: dict[Variant, Mapping[int, StreamId]] = {}
        like: dict[Version, Walk] = {}
        for variant in dict.fromkeys((*tied, *variants)):
            if variant in needed:
                carried = self.carried(variant)
                walk = Walk(self, carried, needed[variant], like.get(variant.default))
                self.walks[carried] = walk
            else:
                carried = Carried(variant, self.shape, self.classes, self.carried)
                walk = Walk(self, carried, needs(variant, carried), like.get(variant.default))
            like.setdefault(variant.default, walk)
            if variant in asked_for:
                logits[variant] = MappingProxyType(walk.logits())
        return SparsePlan(
            self.shape,
            self.classes,
            variants,
            tuple(self.records),
            tuple(tuple(level) for level in self.levels),
            tuple(map(tuple, self.units)),
            tuple(map(tuple, self.mlps)),
            tuple(logits[variant] for variant in variants),
        )

    def carried(self, variant: Variant) -> Carried:
        """What a variant carries that takes values from others or lends them."""
        if variant not in self._carried:
            self._carried[variant] = Carried(variant, self.shape, self.classes, self.carried)
        return self._carried[variant]

    def stream(self, level: int, stream: Stream) -> StreamId:
        table = self.levels[level]
        return table.setdefault(stream, len(table))

    def value(self, node: Node, at: int, *reads: object) -> tuple[ValueId, bool]:
        """The value's number, and whether it is new."""
        key = (node, at, *reads)
        known = self.values.get(key)
        if known is not None:
            return known, False
        number = self.values[key] = len(self.records)
        self.records.append(Value(node, at, self._versions[node, at]))
        self._versions[node, at] += 1
        return number, True


class Walk:
    """One variant, from the embeddings up to what is needed of it. ``like`` is a walk of an earlier
    one: where no difference between the two can have arrived yet, its numbers are taken over."""

    def __init__(self, book: Book, carried: Carried, needs: Needs, like: Walk | None) -> None:
        self.book, self.carried, self.like = book, carried, like
        self.running: list[dict[int, StreamId]] = [{} for _ in book.levels]
        self.sent: dict[tuple[Node, int], ValueId] = {}
        self.clean = carried.clean_below(like.carried) if like else [-1] * len(book.classes)
        for at in bits(needs.values.get(INPUT, 0)):
            self.sent[INPUT, at] = book.value(INPUT, at)[0]
        self._add(0, [INPUT], needs.streams[0])
        for layer in range(book.shape.n_layers):
            level = 2 * layer
            self._attention(layer, needs.values)
            self._add(level + 1, carried.heads[layer], needs.streams[level + 1])
            self._mlp(layer, needs.values)
            mlps = [mlp(layer)] if book.shape.d_mlp else []
            self._add(level + 2, mlps, needs.streams[level + 2])

    def logits(self) -> dict[int, StreamId]:
        """The stream of the logits at each class that the metric reads."""
        return {at: self.port(Reader(LOGITS), at) for at in bits(self.book.classes.read)}

    def port(self, reader: Reader, at: int) -> StreamId:
        """The running stream, corrected where edges into the port differ from their sources; or
        what the port reads in another variant's run."""
        for other, classes in self.carried.elsewhere(reader):
            if classes >> at & 1:
                return self.book.walks[other].port(reader, at)
        level = read_level(reader.node, self.book.shape)
        running = self.running[level][at]
        corrections: Counter[ValueId] = Counter()
        for source, more, less in self.carried.into(reader):
            for carry, sign in ((more, 1), (less, -1)):
                value = self._value(source, carry, at)
                if value is not None:
                    corrections[value] += sign
        signed = tuple(sorted((value, sign) for value, sign in corrections.items() if sign))
        return self.book.stream(level, Stream(at, running, (), signed)) if signed else running

    def _value(self, node: Node, carry: Carry, at: int) -> ValueId | None:
        """What the node sends there, be it live in this run or in another; None for a constant."""
        if carry.live >> at & 1:
            return self.sent[node, at]
        for other, classes in carry.taken:
            if classes >> at & 1:
                return self.book.walks[other].sent[node, at]
        return None

    def _add(self, level: int, nodes: list[Node], classes: Bits) -> None:
        """The running streams of a level: those below and what ``nodes`` send."""
        sending = [(node, self.carried.node(node)) for node in nodes]
        sending = [(node, carry) for node, carry in sending if carry.bits & classes]
        for at in bits(classes):
            if self.like and level <= self.clean[at] and at in self.like.running[level]:
                self.running[level][at] = self.like.running[level][at]
                continue
            values = (self._value(node, carry, at) for node, carry in sending)
            sent = tuple(value for value in values if value is not None)
            below = self.running[level - 1][at] if level else -1
            self.running[level][at] = self.book.stream(level, Stream(at, below, sent))

    def _known(self, level: int, node: Node, at: int) -> bool:
        """Takes a value over from the earlier walk where it must be the same."""
        if self.like is None or level >= self.clean[at] or (node, at) not in self.like.sent:
            return False
        self.sent[node, at] = self.like.sent[node, at]
        return True

    def _attention(self, layer: int, needed: Mapping[Node, Bits]) -> None:
        running = self.running[2 * layer]
        shared: dict[Bits, tuple[StreamId, ...]] = {}
        for node in self.carried.heads[layer]:
            classes = [
                at for at in bits(needed.get(node, 0)) if not self._known(2 * layer, node, at)
            ]
            if not classes:
                continue
            own = {port for port in PORTS if self.carried.differs(Reader(node, port))}
            streams = {
                port: self._port_streams(Reader(node, port), classes) if port in own else running
                for port in PORTS
            }
            queries = []
            for at in classes:
                seen = self.book.classes.before[at]
                if seen not in shared and not {"k", "v"} <= own:
                    shared[seen] = tuple(running[c] for c in bits(seen))
                keys, values = (
                    tuple(streams[port][c] for c in bits(seen)) if port in own else shared[seen]
                    for port in ("k", "v")
                )
                number, new = self.book.value(node, at, streams["q"][at], keys, values)
                self.sent[node, at] = number
                if new:
                    queries.append(Query(at, streams["q"][at], number))
            if queries:
                seen = self.book.classes.seen_by(sum(1 << query.at for query in queries))
                keys_at, values_at = ({c: streams[p][c] for c in bits(seen)} for p in ("k", "v"))
                unit = Unit(node, tuple(queries), keys_at, values_at)
                self.book.units[layer].append(unit)

    def _port_streams(self, reader: Reader, classes: list[int]) -> dict[int, StreamId]:
        """What one port of a head reads, at the queries' classes or all that they see."""
        where = sum(1 << at for at in classes)
        if reader.port != "q":
            where = self.book.classes.seen_by(where)
        return {c: self.port(reader, c) for c in bits(where)}

    def _mlp(self, layer: int, needed: Mapping[Node, Bits]) -> None:
        node, level = mlp(layer), 2 * layer + 1
        for at in bits(needed.get(node, 0)):
            if self._known(level, node, at):
                continue
            stream = self.port(Reader(node), at)
            number, new = self.book.value(node, at, stream)
            self.sent[node, at] = number
            if new:
                self.book.mlps[layer].append(MlpValue(stream, number))


def _heights(variants: Sequence[Variant]) -> dict[Variant, int]:
    """Of every variant that takes values from others or lends them: how many runs, one on another,
    it stands on."""
    heights: dict[Variant, int] = {}

    def height(variant: Variant) -> int:
        if variant not in heights:
            heights[variant] = 1 + max(map(height, set(variant.nested)), default=-1)
        return heights[variant]

    for variant in variants:
        if next(variant.nested, None) is not None:
            height(variant)
    return heights
