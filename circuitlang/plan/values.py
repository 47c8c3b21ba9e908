"""The sparse plan: every value that the variants of a plan need, named by what determines it.

A *stream* is the residual stream of one position class between two components; a *value* is what a
component sends there. Both are numbered by their inputs (hash-consing, as a build system names its
outputs), so what several variants share is in the plan once. What an ablated component sends is a
constant and no value at all; what no metric position depends on is not in the plan.

Levels count the sums along the residual stream:

    level 0             the embedding
    level 2l            what attention of layer l reads
    level 2l + 1        what the MLP of layer l reads
    level 2 * n_layers  what the logits read
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from circuitlang.circuit.names import INPUT, Node
from circuitlang.circuit.shape import ModelShape
from circuitlang.plan.classes import Classes
from circuitlang.plan.variant import Variant

StreamId = int  # place in its level
ValueId = int  # place in the plan


class Stream(NamedTuple):
    """The residual stream at the tokens of class ``at``.

    A running stream is stream ``parent`` of the level below and what the components in between
    send: the values ``sent``, and the constants of all others. A port's own stream, where edges
    carry something else than their source's node says, is stream ``parent`` of the *same* level and
    ``corrections``: (value, ±1), by which (value - constant) is added or taken away.
    """

    at: int
    parent: StreamId
    sent: tuple[ValueId, ...] = ()
    corrections: tuple[tuple[ValueId, int], ...] = ()


class Value(NamedTuple):
    """What ``node`` sends at class ``at``, in its ``version``-th form, counted from 0."""

    node: Node
    at: int
    version: int


class Query(NamedTuple):
    """One value of a head: what it reads as q at the tokens of class ``at``."""

    at: int
    stream: StreamId
    value: ValueId


class Unit(NamedTuple):
    """Work of one attention head in one variant: its new values, and what it reads as k and v at
    every class that can stand before them."""

    head: Node
    queries: tuple[Query, ...]
    keys: Mapping[int, StreamId]
    values: Mapping[int, StreamId]


class MlpValue(NamedTuple):
    stream: StreamId
    value: ValueId


@dataclass(frozen=True)
class SparsePlan:
    """``levels[i]`` are the streams of level i, ``units[l]`` and ``mlps[l]`` the work of layer l.
    ``logits`` maps, for each variant, the classes that the metric reads to streams of the last
    level. ``values`` holds every value, inputs before what reads them.
    """

    shape: ModelShape
    classes: Classes
    variants: tuple[Variant, ...]
    values: tuple[Value, ...]
    levels: tuple[tuple[Stream, ...], ...]
    units: tuple[tuple[Unit, ...], ...]
    mlps: tuple[tuple[MlpValue, ...], ...]
    logits: tuple[Mapping[int, StreamId], ...]

    def name(self, value: Value) -> str:
        """``a9.h6@END#0``: component, position class, version."""
        return f"{value.node}@{self.classes.labels[value.at]}#{value.version}"

    @property
    def names(self) -> tuple[str, ...]:
        """Every component value that has to be computed."""
        return tuple(self.name(value) for value in self.values if value.node != INPUT)

    def corrected(self) -> frozenset[ValueId]:
        """The values that an edge carries on its own."""
        return frozenset(
            value for level in self.levels for stream in level for value, _ in stream.corrections
        )
