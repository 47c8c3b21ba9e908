"""From a sparse plan to the program of one batch: index arithmetic on the host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from circuitlang.plan.values import SparsePlan, Stream, ValueId
from circuitlang.run.attention_index import index_attention, send
from circuitlang.run.grid import Blocks, Grid, Index, joined
from circuitlang.run.program import Apart, Corrected, LayerIndex, LevelIndex, Program, Sum


def make_program(
    plan: SparsePlan,
    indices: Sequence[int],
    read: tuple[Sequence[int], Sequence[int]],
    constants: Sequence[Sequence[int]],
    device: torch.device,
) -> Program:
    """``indices`` are the batch's examples; ``read`` are the (example in the batch, position) that
    the metric reads. ``constants``: (example, position), equal where tokens share constants."""
    return _Maker(plan, Grid(plan.classes, indices), device).program(read, np.array(constants))


class _Maker:
    def __init__(self, plan: SparsePlan, grid: Grid, device: torch.device) -> None:
        self.plan, self.grid, self.device = plan, grid, device
        self.at: list[Index] = [
            np.array([stream.at for stream in level], dtype=np.int64) for level in plan.levels
        ]
        self.running = [
            [i for i, stream in enumerate(level) if not stream.corrections] for level in plan.levels
        ]
        self.blocks: list[Blocks] = []
        for level, streams in enumerate(plan.levels):
            own = [i for i, stream in enumerate(streams) if stream.corrections]
            order = [*self._order(level), *sorted(own, key=lambda i: streams[i].at)]
            self.blocks.append(Blocks(self.at[level], order, grid))
        self._lay_out_store()

    def program(self, read: tuple[Sequence[int], Sequence[int]], constants: Index) -> Program:
        examples, positions = (np.array(part, dtype=np.int64) for part in read)
        kind, rank = self.grid.kind[examples, positions], self.grid.rank[examples, positions]
        top = self.blocks[-1].start
        logits = np.stack([top[[ports[int(c)] for c in kind]] + rank for ports in self.plan.logits])
        _, distinct, same = np.unique(constants, return_index=True, return_inverse=True)
        layers = range(self.plan.shape.n_layers)
        inputs = [i for i in self.place if self.plan.values[i].node.kind == "input"]
        rows = {i: self.grid.tokens[self.plan.values[i].at] for i in inputs}
        return Program(
            self.grid,
            tuple(self._level(level) for level in range(len(self.blocks))),
            tuple(self._layer(layer) for layer in layers),
            self._send(logits),
            self.store,
            self._apart(rows),
            self._send(distinct),
            self._send(same.reshape(-1)),
        )

    # --- levels --------------------------------------------------------------------------------

    def _order(self, level: int) -> list[int]:
        """Running streams with all heads live, with some, with none; within each by what heads
        those are. Above an MLP: as they lie below it, the live ones first."""
        streams = self.plan.levels[level]

        def above_attention(i: int) -> tuple[int, tuple[int, ...], int]:
            heads = self._heads(streams[i])
            dead = self.plan.shape.n_heads - len(heads)
            return (0 if not dead else 1 if heads else 2), heads, i

        def above_mlp(i: int) -> tuple[bool, int]:
            below = int(self.blocks[level - 1].start[streams[i].parent]) if level else i
            return not streams[i].sent, below

        return sorted(self.running[level], key=above_attention if level % 2 else above_mlp)

    def _heads(self, stream: Stream) -> tuple[int, ...]:
        return tuple(self.plan.values[value].node.head for value in stream.sent)

    def _level(self, level: int) -> LevelIndex:
        streams, blocks = self.plan.levels[level], self.blocks[level]
        running = blocks.order[: len(self.running[level])]
        parent = None
        if level:
            below = self.blocks[level - 1]
            rows = below.rows([streams[i].parent for i in running])
            parent = None if _in_order(rows, below.total) else self._send(rows)
        live = [i for i in running if streams[i].sent]
        return LevelIndex(
            parent,
            self._send(self.grid.tokens_of(self.at[level][running])),
            int(blocks.length[live].sum()),
            tuple(self._corrected(level)),
        )

    def _corrected(self, level: int) -> list[Corrected]:
        streams, blocks = self.plan.levels[level], self.blocks[level]
        by_class: dict[int, list[int]] = {}
        for i in blocks.order[len(self.running[level]) :]:
            if self.grid.count[streams[i].at]:
                by_class.setdefault(streams[i].at, []).append(i)
        found = []
        for at, own in by_class.items():
            sizes = [len(streams[i].corrections) for i in own]
            terms = [term for i in own for term in streams[i].corrections]
            places = [self.place[value] for value, _ in terms]
            found.append(
                Corrected(
                    self._send(blocks.rows([streams[i].parent for i in own])),
                    (*self.region[at], int(self.grid.count[at])),
                    self._send(np.array(places, dtype=np.int64)),
                    self._send(np.cumsum([0, *sizes[:-1]], dtype=np.int64)),
                    self._send(np.array([float(sign) for _, sign in terms])),
                )
            )
        return found

    # --- layers --------------------------------------------------------------------------------

    def _layer(self, layer: int) -> LayerIndex:
        shape, below = self.plan.shape, 2 * layer
        units, mlps = self.plan.units[layer], self.plan.mlps[layer]
        attention = None
        if units:
            attention = index_attention(
                units,
                self.blocks[below],
                self.at[below],
                self.grid,
                (shape.n_heads, shape.n_kv_heads),
                self.device,
            )
        z_rows = attention.z_rows if attention else {}
        order = self._mlp_order(layer)
        blocks = self.blocks[below + 1]
        mlp_rows = blocks.rows([mlps[i].stream for i in order])
        made = np.cumsum([0, *(blocks.length[mlps[i].stream] for i in order)])
        rows_of = {
            mlps[i].value: made[n] + np.arange(made[n + 1] - made[n]) for n, i in enumerate(order)
        }
        above = self.plan.levels[below + 2]
        live = [above[i].sent[0] for i in self._running_order(below + 2) if above[i].sent]
        sent = joined([rows_of[value] for value in live])
        sums, constant = self._sums(below + 1, z_rows)
        return LayerIndex(
            attention,
            sums,
            constant,
            self._apart(z_rows),
            None if _in_order(mlp_rows, blocks.total) else self._send(mlp_rows),
            None if _in_order(sent, len(sent)) else self._send(sent),
            not mlps,
            self._apart(rows_of),
        )

    def _mlp_order(self, layer: int) -> list[int]:
        """The MLP's values in the order of the running rows above that get them, then the rest."""
        above = self.plan.levels[2 * layer + 2]
        wanted = [above[i].sent[0] for i in self._running_order(2 * layer + 2) if above[i].sent]
        rank = {value: n for n, value in reversed(list(enumerate(wanted)))}
        mlps = self.plan.mlps[layer]
        return sorted(range(len(mlps)), key=lambda i: rank.get(mlps[i].value, len(rank)))

    def _running_order(self, level: int) -> Index:
        return self.blocks[level].order[: len(self.running[level])]

    def _sums(self, level: int, z_rows: Mapping[ValueId, Index]) -> tuple[tuple[Sum, ...], int]:
        streams, blocks = self.plan.levels[level], self.blocks[level]
        groups: dict[tuple[int, ...], list[int]] = {}
        for i in self._running_order(level):
            groups.setdefault(self._heads(streams[i]), []).append(i)
        sums = []
        constant = start = 0
        for heads, members in groups.items():
            stop = start + int(blocks.length[members].sum())
            if heads:
                z = [np.stack([z_rows[value] for value in streams[i].sent], 1) for i in members]
                every = len(heads) == self.plan.shape.n_heads
                chosen = None if every else self._send(np.array(heads, dtype=np.int64))
                sums.append(Sum(start, stop, self._send(np.concatenate(z)), chosen))
                constant = stop if every else constant
            start = stop
        return tuple(sums), constant

    # --- values kept apart -----------------------------------------------------------------------

    def _lay_out_store(self) -> None:
        """Blocks of one class side by side, in the order in which they are computed."""
        by_class: dict[int, list[ValueId]] = {}
        order = sorted(self.plan.corrected(), key=lambda i: (self.plan.values[i].node, i))
        for value in order:
            by_class.setdefault(self.plan.values[value].at, []).append(value)
        self.place: dict[ValueId, int] = {}
        self.region: dict[int, tuple[int, int]] = {}
        self.store = 0
        for at, values in by_class.items():
            self.place |= {value: n for n, value in enumerate(values)}
            self.region[at] = (self.store, len(values))
            self.store += len(values) * int(self.grid.count[at])

    def _apart(self, rows_of: Mapping[ValueId, Index]) -> tuple[Apart, ...]:
        """Those of the values that are kept apart, head by head."""
        by_head: dict[int, list[ValueId]] = {}
        for value in rows_of:
            if value in self.place:
                by_head.setdefault(self.plan.values[value].node.head, []).append(value)
        found = []
        for head, values in by_head.items():
            classes = [self.plan.values[value].at for value in values]
            targets = [
                self.region[at][0] + self.place[value] * n + np.arange(n)
                for value, at in zip(values, classes, strict=True)
                for n in [int(self.grid.count[at])]
            ]
            found.append(
                Apart(
                    head,
                    self._send(joined([rows_of[value] for value in values])),
                    self._send(self.grid.tokens_of(classes)),
                    self._send(joined(targets)),
                )
            )
        return tuple(found)

    def _send(self, index: Index) -> Tensor:
        return send(index, self.device)


def _in_order(rows: Index, total: int) -> bool:
    """Whether these are all rows, each in its place."""
    return len(rows) == total and bool((rows == np.arange(total)).all())
