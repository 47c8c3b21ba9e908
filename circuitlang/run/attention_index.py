"""Index tensors for the attention of one layer: which rows to project for which heads, where each
unit of work finds its queries, keys and values, where each value's z ends up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from circuitlang.circuit.names import Port
from circuitlang.plan.values import StreamId, Unit, ValueId
from circuitlang.run.grid import Blocks, Grid, Index


@dataclass(frozen=True, eq=False)
class Projection:
    """Rows that one port reads for the same heads: ``rows`` of the level's streams, at token
    ``positions``, through the slices ``heads`` of the weights (key-value heads for k and v).

    All heads and all rows, in order, are None.
    """

    rows: Tensor | None  # (row,)
    positions: Tensor  # (row,)
    heads: Tensor | None  # (head,)

    def size(self, every_row: int, every_head: int) -> int:
        """Rows times heads."""
        rows = every_row if self.rows is None else len(self.rows)
        return rows * (every_head if self.heads is None else len(self.heads))


@dataclass(frozen=True, eq=False)
class Batched:
    """Units that have queries at the same tokens, side by side.

    Addresses of projected rows: ``q`` (unit, example, query), ``k`` and ``v`` (unit, example, key);
    what is not there points at a row of zeros. ``visible``: (example, query, key).
    """

    q: Tensor
    k: Tensor
    v: Tensor
    visible: Tensor


@dataclass(frozen=True, eq=False)
class AttentionIndex:
    """``z_rows`` gives the addresses of a value's z, (row of its class,), in the units' outputs,
    which are laid out (unit, example, query), one `Batched` after the other."""

    projections: Mapping[Port, tuple[Projection, ...]]
    batches: tuple[Batched, ...]
    z_rows: Mapping[ValueId, Index]


def index_attention(
    units: Sequence[Unit],
    blocks: Blocks,
    at: Index,
    grid: Grid,
    heads: tuple[int, int],
    device: torch.device,
) -> AttentionIndex:
    """``blocks`` and ``at`` are the rows and classes of the level's streams; ``heads`` are how many
    query heads and key-value heads a layer has."""
    n_heads, n_shared = heads
    group = n_heads // n_shared
    ports: dict[Port, _Port] = {
        "q": _Port(((q.stream, u.head.head) for u in units for q in u.queries), n_heads),
        "k": _Port(((s, u.head.head // group) for u in units for s in u.keys.values()), n_shared),
        "v": _Port(((s, u.head.head // group) for u in units for s in u.values.values()), n_shared),
    }
    projections = {name: port.lay_out(blocks, at, grid, device) for name, port in ports.items()}
    same_tokens: dict[tuple[int, ...], list[Unit]] = {}
    for unit in units:
        same_tokens.setdefault(tuple(query.at for query in unit.queries), []).append(unit)
    batches: list[Batched] = []
    z_rows: dict[ValueId, Index] = {}
    base = 0
    for classes, members in same_tokens.items():
        queries = _Queries(classes, grid)
        shape = (len(members), len(grid.count) + 1)
        q, k, v = (_Addresses(shape, port.total) for port in ports.values())
        for i, unit in enumerate(members):
            index, shared = unit.head.head, unit.head.head // group
            q.put(i, classes, ports["q"], [query.stream for query in unit.queries], index)
            k.put(i, list(unit.keys), ports["k"], list(unit.keys.values()), shared)
            v.put(i, list(unit.values), ports["v"], list(unit.values.values()), shared)
            for query in unit.queries:
                z_rows[query.value] = base + queries.address[query.at]
            base += queries.at.size
        kind, rank = grid.kind[:, : queries.keys], grid.rank[:, : queries.keys]
        batches.append(
            Batched(
                send(q.of(queries.kind, queries.rank), device),
                send(k.of(kind, rank), device),
                send(v.of(kind, rank), device),
                torch.from_numpy(queries.visible).to(device),
            )
        )
    return AttentionIndex(projections, tuple(batches), z_rows)


class _Port:
    """The projected rows of a port. Row r of a stream's block, for one head, is at address
    ``start[stream, head] + r * stride[stream]``."""

    def __init__(self, wanted: Iterable[tuple[StreamId, int]], n_heads: int) -> None:
        self.n_heads = n_heads
        heads_of: dict[StreamId, int] = {}
        for stream, head in wanted:
            heads_of[stream] = heads_of.get(stream, 0) | 1 << head
        self.groups: dict[int, list[StreamId]] = {}
        for stream in sorted(heads_of):
            self.groups.setdefault(heads_of[stream], []).append(stream)
        self.total = 0

    def lay_out(
        self, blocks: Blocks, at: Index, grid: Grid, device: torch.device
    ) -> tuple[Projection, ...]:
        self.start = np.zeros((len(at), self.n_heads), dtype=np.int64)
        self.stride = np.zeros(len(at), dtype=np.int64)
        projections = []
        for members, streams in self.groups.items():
            heads = [head for head in range(self.n_heads) if members >> head & 1]
            order = sorted(streams, key=lambda stream: int(blocks.start[stream]))
            rows = blocks.rows(order)
            length = blocks.length[order]
            first = self.total + (np.cumsum(length) - length) * len(heads)
            for j, head in enumerate(heads):
                self.start[order, head] = first + j
            self.stride[order] = len(heads)
            self.total += len(rows) * len(heads)
            positions = grid.tokens_of(at[order]) % grid.width
            every = len(rows) == blocks.total and bool((np.diff(rows) == 1).all())
            projections.append(
                Projection(
                    None if every else send(rows, device),
                    send(positions, device),
                    None if len(heads) == self.n_heads else send(np.array(heads), device),
                )
            )
        return tuple(projections)


class _Addresses:
    """For each unit, where the rows of each class begin and how far they are apart."""

    def __init__(self, shape: tuple[int, int], nothing: int) -> None:
        self.start = np.full(shape, nothing, dtype=np.int64)
        self.stride = np.zeros(shape, dtype=np.int64)

    def put(
        self, unit: int, classes: Sequence[int], port: _Port, streams: list[StreamId], head: int
    ) -> None:
        self.start[unit, classes] = port.start[streams, head]
        self.stride[unit, classes] = port.stride[streams]

    def of(self, kind: Index, rank: Index) -> Index:
        """(example, place) -> (unit, example, place)."""
        found: Index = self.start[:, kind] + self.stride[:, kind] * rank
        return found


class _Queries:
    """The tokens of some classes in each example, side by side.

    ``at``: (example, query), token positions, filled up with any position where an example has
    fewer; ``kind`` and ``rank`` of those tokens, padding where filled up. ``keys``: how many key
    positions the last query sees. ``visible``: (example, query, key). ``address``: for each class,
    where its tokens stand in (example, query).
    """

    def __init__(self, classes: Sequence[int], grid: Grid) -> None:
        chosen = np.isin(grid.kind, classes)
        size = max(1, int(chosen.sum(1).max()))
        self.at: Index = np.argsort(~chosen, axis=1, kind="stable")[:, :size]
        there = np.take_along_axis(chosen, self.at, 1)
        self.kind: Index = np.where(
            there, np.take_along_axis(grid.kind, self.at, 1), len(grid.count)
        )
        self.rank: Index = np.where(there, np.take_along_axis(grid.rank, self.at, 1), 0)
        self.keys = int(np.where(there, self.at, 0).max()) + 1
        # A query that is not there looks at position 0, so that its softmax is defined.
        last = np.where(there, self.at, 0)
        self.visible = np.arange(self.keys) <= last[..., None]
        place = np.zeros(grid.kind.size, dtype=np.int64)
        tokens = np.arange(grid.examples)[:, None] * grid.width + self.at
        place[tokens[there]] = np.arange(self.at.size).reshape(self.at.shape)[there]
        self.address = {c: place[grid.tokens[c]] for c in classes}


def send(index: Index, device: torch.device) -> Tensor:
    """An index tensor on the device; the copy need not wait for earlier work."""
    return torch.from_numpy(np.ascontiguousarray(index)).to(device, non_blocking=True)
