"""Naming values: one walk through the layers for each variant, one book for all of them.

A walk goes down the layers first, to see at which classes anything is still needed, and then up,
looking up in the book what each component reads there. Sets of classes are bits of an integer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from circuitlang.circuit.names import INPUT, LOGITS, PORTS, Node, Port, mlp
from circuitlang.circuit.shape import ModelShape
from circuitlang.plan.carried import Carried, Ends
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
        self._versions: Counter[tuple[Node, int]] = Counter()

    def plan(self, variants: tuple[Variant, ...]) -> SparsePlan:
        logits: list[Mapping[int, StreamId]] = []
        first: dict[Version, Walk] = {}
        for variant in variants:
            carried = Carried(variant, self.shape, self.classes)
            walk = Walk(self, carried, first.get(variant.default))
            first.setdefault(variant.default, walk)
            logits.append(MappingProxyType(walk.logits()))
        return SparsePlan(
            self.shape,
            self.classes,
            variants,
            tuple(self.records),
            tuple(tuple(level) for level in self.levels),
            tuple(map(tuple, self.units)),
            tuple(map(tuple, self.mlps)),
            tuple(logits),
        )

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
    """One variant. ``like`` is a walk of an earlier one: where no difference between the two can
    have arrived yet, its numbers are taken over."""

    def __init__(self, book: Book, carried: Carried, like: Walk | None) -> None:
        self.book, self.carried, self.like = book, carried, like
        self.layers = range(book.shape.n_layers)
        self.running: list[dict[int, StreamId]] = [{} for _ in book.levels]
        self.sent: dict[tuple[Node, int], ValueId] = {}
        self.clean = carried.clean_below(like.carried) if like else [-1] * len(book.classes)

    def logits(self) -> dict[int, StreamId]:
        """Takes the walk: the stream of the logits at each class that the metric reads."""
        needs = self.carried.needs()
        for at in bits(needs.values.get(INPUT, 0)):
            self.sent[INPUT, at] = self.book.value(INPUT, at)[0]
        live = self.carried.node(INPUT)
        for at in bits(needs.streams[0]):
            sent = (self.sent[INPUT, at],) if live >> at & 1 else ()
            self.running[0][at] = self.book.stream(0, Stream(at, -1, sent))
        for layer in self.layers:
            level = 2 * layer
            self._attention(layer, needs.values)
            self._add(level + 1, self.carried.heads[layer], needs.streams[level + 1])
            self._mlp(layer, needs.values)
            mlps = [mlp(layer)] if self.book.shape.d_mlp else []
            self._add(level + 2, mlps, needs.streams[level + 2])
        top = len(self.running) - 1
        return {at: self._port(top, (LOGITS, None), at) for at in bits(self.book.classes.read)}

    def _add(self, level: int, nodes: list[Node], classes: Bits) -> None:
        """The running streams of a level: those below and what ``nodes`` send."""
        live = [(node, at) for node in nodes if (at := self.carried.node(node) & classes)]
        for at in bits(classes):
            if self.like and level <= self.clean[at] and at in self.like.running[level]:
                self.running[level][at] = self.like.running[level][at]
                continue
            sent = tuple(self.sent[node, at] for node, where in live if where >> at & 1)
            stream = Stream(at, self.running[level - 1][at], sent)
            self.running[level][at] = self.book.stream(level, stream)

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
            own = [port for port in PORTS if self.carried.into((node, port))]
            streams = {
                port: self._port_streams(layer, node, port, classes) if port in own else running
                for port in PORTS
            }
            queries = []
            for at in classes:
                seen = self.book.classes.before[at]
                if seen not in shared:
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

    def _port_streams(
        self, layer: int, node: Node, port: Port, classes: list[int]
    ) -> dict[int, StreamId]:
        """What one port of a head reads, at the queries' classes or all that they see."""
        where = sum(1 << at for at in classes)
        if port != "q":
            where = self.book.classes.seen_by(where)
        return {c: self._port(2 * layer, (node, port), c) for c in bits(where)}

    def _mlp(self, layer: int, needed: Mapping[Node, Bits]) -> None:
        node, level = mlp(layer), 2 * layer + 1
        for at in bits(needed.get(node, 0)):
            if self._known(level, node, at):
                continue
            stream = self._port(level, (node, None), at)
            number, new = self.book.value(node, at, stream)
            self.sent[node, at] = number
            if new:
                self.book.mlps[layer].append(MlpValue(stream, number))

    def _port(self, level: int, ends: Ends, at: int) -> StreamId:
        """The running stream, corrected where edges into the port differ from their sources."""
        running = self.running[level][at]
        corrections = [
            (self.sent[source, at], 1 if more >> at & 1 else -1)
            for source, more, less in self.carried.into(ends)
            if (more | less) >> at & 1
        ]
        if not corrections:
            return running
        return self.book.stream(level, Stream(at, running, (), tuple(sorted(corrections))))
