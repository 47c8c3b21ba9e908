"""A variant at the granularity of edges: the decoder taken apart, one residual stream a port."""

from __future__ import annotations

import torch
from torch import Tensor

from circuitlang.circuit.names import (
    INPUT,
    LOGITS,
    PORTS,
    Edge,
    Node,
    Port,
    head,
    mlp,
)
from circuitlang.circuit.positions import Positions
from circuitlang.model.decoder import Decoder
from circuitlang.plan.versions import Versions
from circuitlang.run.batch import Batch
from circuitlang.run.values import Values


@torch.no_grad()
def run_edges(decoder: Decoder, batch: Batch, live: Versions, ablated: Values) -> Tensor:
    """What the metric reads, after the final norm: (row, d_model).

    A port reads the sum over its sources of the version that the edge carries at each position,
    live or ablated, and the biases of the attention outputs below it:

        stream(port) = Σ_s [edge s -> port live ? live(s) : ablated(s)] + Σ_layers b_O

    Norms are computed of each port's own stream. What most ports share, every source at its node's
    version, is one running sum; a port's overridden edges are corrections to it.
    """
    return _Streams(decoder, batch, live, ablated).rows()


class _Streams:
    """One forward pass. Shapes are (batch, position, d_model) where nothing else is said."""

    def __init__(self, decoder: Decoder, batch: Batch, live: Versions, ablated: Values) -> None:
        self.decoder, self.batch, self.live, self.ablated = decoder, batch, live, ablated
        self.overridden: dict[tuple[Node, Port | None], list[Edge]] = {}
        for edge in live.edges:
            self.overridden.setdefault((edge.target, edge.port), []).append(edge)
        self.sources = {edge.source for edge in live.edges}
        # live - ablated of every source that an overridden edge leaves.
        self.difference: dict[Node, Tensor] = {}
        self.masks: dict[Positions, Tensor] = {}
        self.stream = self._embedding()

    def rows(self) -> Tensor:
        for layer in range(self.decoder.shape.n_layers):
            self.stream = self._after_attention(layer)
            self.stream = self._after_mlp(layer)
        return self.decoder.final(self.batch.rows(self._arriving(LOGITS)))

    def _mask(self, at: Positions) -> Tensor:
        """(batch, position, 1), bool."""
        if at not in self.masks:
            self.masks[at] = self.batch.mask(at)[..., None]
        return self.masks[at]

    def _arriving(self, target: Node, port: Port | None = None) -> Tensor:
        """The residual stream that one port reads."""
        total = self.stream
        for edge in self.overridden.get((target, port), ()):
            carries = self._mask(self.live.edges[edge])
            shared = self._mask(self.live.of(edge.source))
            # +1 where only this edge is live, -1 where only this edge is ablated.
            sign = carries.to(total.dtype) - shared.to(total.dtype)
            total = total + sign * self.difference[edge.source]
        return total

    def _sent(self, node: Node, live: Tensor, ablated: Tensor) -> Tensor:
        """What the node sends on edges of its own version; remembers the rest for the others."""
        if node in self.sources:
            self.difference[node] = live - ablated
        return torch.where(self._mask(self.live.of(node)), live, ablated)

    def _embedding(self) -> Tensor:
        return self._sent(INPUT, self.decoder.embed(self.batch.tokens), self.ablated.embedding)

    def _after_attention(self, layer: int) -> Tensor:
        decoder, live = self.decoder, self.live
        nodes = [head(layer, index) for index in range(decoder.shape.n_heads)]
        needed = [node for node in nodes if live.needed(node) or node in self.sources]
        shape = (*self.batch.tokens.shape, *self.ablated.heads[layer].shape[2:])
        constant = self.ablated.heads[layer].expand(shape)  # (batch, position, head, d_head)
        total = self.stream + decoder.output_bias(layer)
        idle = [node.head for node in nodes if node not in needed]
        if idle:
            total = total + decoder.write(layer, constant[:, :, idle], idle).sum(2)
        if needed:
            computed = [node.head for node in needed]
            z = self._z(layer, needed)
            alive = decoder.write(layer, z, computed).unbind(2)
            ablated = decoder.write(layer, constant[:, :, computed], computed).unbind(2)
            for node, one, other in zip(needed, alive, ablated, strict=True):
                total = total + self._sent(node, one, other)
        return total

    def _z(self, layer: int, nodes: list[Node]) -> Tensor:
        """z of these heads of the layer, each port reading its own stream: (batch, position, head,
        d_head)."""
        heads = [node.head for node in nodes]
        q, k, v = (
            self.decoder.read(
                layer,
                port,
                torch.stack([self._arriving(node, port) for node in nodes], dim=2),
                heads,
            )
            for port in PORTS
        )
        return self.decoder.attend(layer, q, k, v)[0]

    def _after_mlp(self, layer: int) -> Tensor:
        node, constant = mlp(layer), self.ablated.mlps[layer]
        if not self.live.needed(node) and node not in self.sources:
            return self.stream + constant
        return self.stream + self._sent(
            node, self.decoder.mlp(layer, self._arriving(node)), constant
        )
