"""Execution of a sparse plan on one batch: rows of all variants side by side.

Rows are tokens of a position class in one version. Shapes: d_model = d, d_head = e; n rows.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from circuitlang.circuit.names import Port
from circuitlang.model.decoder import Decoder
from circuitlang.run.attention_index import AttentionIndex, Batched, Projection
from circuitlang.run.fused import fused_activations
from circuitlang.run.program import Apart, LayerIndex, LevelIndex, Program
from circuitlang.run.values import Values

# The most rows that go through an MLP at a time. On a CPU its hidden activations then stay in the
# cache; elsewhere only their memory has to be bounded.
_MLP_ROWS, _MLP_ROWS_ELSEWHERE = 1 << 9, 1 << 14


@torch.no_grad()
def run_program(decoder: Decoder, program: Program, tokens: Tensor, ablated: Values) -> Tensor:
    """What the metric reads of every variant, after the final norm: (variant, row, d).

    ``tokens``: (example, position). ``ablated``: what removed components send, per token.
    """
    with fused_activations(decoder):
        return _Run(decoder, program, tokens, ablated).rows()


class _Run:
    def __init__(self, decoder: Decoder, program: Program, tokens: Tensor, ablated: Values) -> None:
        self.decoder, self.program, self.tokens = decoder, program, tokens
        size = tuple(tokens.shape)
        # One constant a token: (token, d) or (token, head, e).
        self.ablated = ablated.map(lambda x: x.expand(*size, *x.shape[2:]).flatten(0, 1))
        self.store = torch.empty(
            program.store, decoder.shape.d_model, dtype=decoder.sum_dtype, device=decoder.device
        )

    def rows(self) -> Tensor:
        x = self._corrected(self.program.levels[0], self._embedding(self.program.levels[0]))
        for layer, index in enumerate(self.program.layers):
            above = self.program.levels[2 * layer + 1]
            x = self._corrected(above, self._after_attention(layer, index, above, x))
            above = self.program.levels[2 * layer + 2]
            x = self._corrected(above, self._after_mlp(layer, index, above, x))
        return self.decoder.final(x[self.program.logits])

    def _embedding(self, level: LevelIndex) -> Tensor:
        live = self.decoder.embed(self.tokens).flatten(0, 1)
        for apart in self.program.input_apart:
            self._keep(apart, live[apart.source], self.ablated.embedding)
        here, gone = level.tokens[: level.live], level.tokens[level.live :]
        return torch.cat([live[here], self.ablated.embedding[gone]])

    def _corrected(self, level: LevelIndex, running: Tensor) -> Tensor:
        """The running rows, and after them those of port streams: running row + signed sums of
        what is kept apart."""
        parts = [running]
        for one in level.corrected:
            first, blocks, length = one.region
            kept = self.store[first : first + blocks * length].view(blocks, -1)
            sums = F.embedding_bag(
                one.blocks,
                kept,
                one.offsets,
                mode="sum",
                per_sample_weights=one.signs.to(kept.dtype),
            )
            parts.append(running[one.rows] + sums.view(len(one.rows), -1))
        return torch.cat(parts) if len(parts) > 1 else running

    def _keep(self, apart: Apart, live: Tensor, constants: Tensor) -> None:
        self.store[apart.target] = live - constants[apart.tokens]

    # --- attention -------------------------------------------------------------------------------

    def _after_attention(
        self, layer: int, index: LayerIndex, above: LevelIndex, x: Tensor
    ) -> Tensor:
        """stream + b_O + sum of constants + sum over live heads of (z - constant) W_O."""
        decoder = self.decoder
        weight, bias = decoder.write_weights(layer)  # (head, e, d), (d,)
        constants = self.ablated.heads[layer]  # (token, head, e)
        stream = x if above.parent is None else x[above.parent]
        if above.parent is None:
            stream = stream.clone()
        if bias is not None:
            stream += bias
        if index.constant < len(stream):
            distinct = constants[self.program.distinct].flatten(1).to(decoder.dtype)
            out = distinct @ weight.flatten(0, 1)  # (constant, d)
            stream[index.constant :] += out[self.program.same[above.tokens[index.constant :]]]
        z = self._z(layer, index.attention, x) if index.attention else constants[:0, 0]
        for one in index.sums:
            live = z[one.z]  # (n, head, e)
            matrix = weight
            if one.heads is not None:
                matrix = weight[one.heads]
                live = live - constants[above.tokens[one.start : one.stop, None], one.heads]
            live = live.flatten(1).to(decoder.dtype)
            _add_product(stream[one.start : one.stop], live, matrix.flatten(0, 1))
        for apart in index.apart:
            live = z[apart.source] - constants[apart.tokens, apart.head]
            self.store[apart.target] = (live.to(decoder.dtype) @ weight[apart.head]).to(x.dtype)
        return stream

    def _z(self, layer: int, index: AttentionIndex, x: Tensor) -> Tensor:
        """(address, e): the units' outputs, batch after batch."""
        block = self.decoder.blocks[layer]
        normed = self.decoder.family.attention_norm(block)(x.to(self.decoder.dtype))
        q, k, v = (
            self._projected(layer, port, projections, normed)
            for port, projections in index.projections.items()
        )
        return torch.cat([self._attend(layer, batch, q, k, v) for batch in index.batches])

    def _projected(
        self, layer: int, port: Port, projections: tuple[Projection, ...], normed: Tensor
    ) -> Tensor:
        """(address, e), with a row of zeros at the end."""
        decoder, shape = self.decoder, self.decoder.shape
        weight, bias = decoder.read_weights(layer, port)  # (head, d, e), (head, e)
        if port != "q" and shape.n_kv_heads < shape.n_heads:
            group = shape.n_heads // shape.n_kv_heads
            weight, bias = weight[::group], None if bias is None else bias[::group]
        by_row = weight.transpose(0, 1)  # (d, head, e)
        size = sum(one.size(len(normed), len(weight)) for one in projections)
        found = normed.new_empty(size + 1, shape.d_head)
        found[size] = 0
        start = 0
        for one in projections:
            rows = normed if one.rows is None else normed[one.rows]
            matrix, offset = by_row, bias
            if one.heads is not None:
                matrix, offset = by_row[:, one.heads], None if bias is None else bias[one.heads]
            stop = start + one.size(len(normed), len(weight))
            made = found[start:stop].view(len(rows), -1)  # (n, head * e)
            if offset is None:
                torch.mm(rows, matrix.flatten(1), out=made)
            else:
                torch.addmm(offset.flatten(), rows, matrix.flatten(1), out=made)
            if port != "v" and decoder.family.rotate is not None:
                split = made.view(1, len(rows), -1, shape.d_head)
                split[:] = decoder.family.rotate(decoder.model, split, one.positions[None])
            start = stop
        return found

    def _attend(self, layer: int, index: Batched, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """softmax(q k^T * scaling) v over (unit, example); gives (unit * example * query, e)."""
        decoder = self.decoder
        scaling = decoder.family.scaling(decoder.attention(layer))
        scores = q[index.q] @ k[index.k].transpose(-1, -2) * scaling
        scores = scores.to(decoder.sum_dtype).masked_fill(~index.visible, -torch.inf)
        pattern = scores.softmax(-1).to(v.dtype)  # (unit, example, query, key)
        return (pattern @ v[index.v]).flatten(0, 2)

    # --- MLP -------------------------------------------------------------------------------------

    def _after_mlp(self, layer: int, index: LayerIndex, above: LevelIndex, x: Tensor) -> Tensor:
        """stream + what the MLP makes of it, or its constant."""
        stream = x.clone() if above.parent is None else x[above.parent]
        constants = self.ablated.mlps[layer]
        stream[above.live :] += constants[above.tokens[above.live :]]
        if not index.mlp_idle:
            rows = x if index.mlp_rows is None else x[index.mlp_rows]
            size = _MLP_ROWS if rows.device.type == "cpu" else _MLP_ROWS_ELSEWHERE
            parts = torch.chunk(rows, -(-len(rows) // size))
            made = torch.cat([self.decoder.mlp(layer, part) for part in parts])
            sent = made[: above.live] if index.mlp_sent is None else made[index.mlp_sent]
            stream[: above.live] += sent
            for apart in index.mlp_apart:
                self._keep(apart, made[apart.source], constants)
        return stream


def _add_product(sums: Tensor, left: Tensor, right: Tensor) -> None:
    """sums += left @ right, the product in its own type."""
    if sums.dtype == left.dtype:
        torch.addmm(sums, left, right, out=sums)
    else:
        sums += left @ right
