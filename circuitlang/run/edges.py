"""A variant at the granularity of edges: the decoder taken apart, one residual stream a port."""

from __future__ import annotations

import torch
from torch import Tensor

from circuitlang.circuit.names import INPUT, LOGITS, PORTS, Edge, Node, Reader, head, mlp
from circuitlang.circuit.positions import Positions
from circuitlang.model.decoder import Decoder
from circuitlang.plan.variant import Variant, Version
from circuitlang.plan.versions import Steps, versions
from circuitlang.run.batch import Batch
from circuitlang.run.values import Values


@torch.no_grad()
def run_edges(decoder: Decoder, batch: Batch, variant: Variant, ablated: Values) -> Tensor:
    """What the metric reads, after the final norm: (row, d_model).

    A port reads the sum over its sources of what each edge carries at each position, and the biases
    of the attention outputs below it:

        stream(port) = Σ_s carried(edge s -> port) + Σ_layers b_O

    Norms are computed of each port's own stream. What most ports share, every source at its node's
    version, is one running sum; a port's overridden edges are corrections to it.
    """
    return _Run(decoder, batch, variant, ablated).rows()


class _Run:
    """One forward pass. Shapes are (batch, position, d_model) where nothing else is said.

    ``lent`` are the ports whose streams another run takes from this one; None where none takes
    anything.
    """

    def __init__(
        self,
        decoder: Decoder,
        batch: Batch,
        variant: Variant,
        ablated: Values,
        lent: frozenset[Reader] | None = None,
    ) -> None:
        self.decoder, self.batch, self.ablated = decoder, batch, ablated
        self.said = said = versions(variant, decoder.shape)
        self.others: dict[Variant, _Run] = {}
        for other in dict.fromkeys(variant.nested):
            taken = (
                r for r, steps in said.readers.items() if any(s.version == other for s in steps)
            )
            self.others[other] = _Run(decoder, batch, other, ablated, frozenset(taken))
        self.overridden: dict[Reader, list[Edge]] = {}
        for edge in said.edges:
            self.overridden.setdefault(edge.reader, []).append(edge)
        self.lends, self.lent = lent is not None, lent or frozenset()
        self.sources = {edge.source for edge in said.edges}
        self.masks: dict[Positions, Tensor] = {}
        # live - ablated of every source that an edge carries on its own or another run takes.
        self.difference: dict[Node, Tensor] = {}
        self.read: dict[Reader, Tensor] = {}
        live = decoder.embed(batch.tokens)
        self.stream = self._sent(INPUT, live, ablated.embedding.expand_as(live))
        for layer in range(decoder.shape.n_layers):
            self._lend(head(layer, 0))
            self.stream = self._after_attention(layer)
            self._lend(mlp(layer))
            self.stream = self._after_mlp(layer)
        self._lend(LOGITS)

    def rows(self) -> Tensor:
        return self.decoder.final(self.batch.rows(self._arriving(Reader(LOGITS))))

    # --- what is carried, as its difference from what is ablated -------------------------------

    def _carried(self, what: Node | Edge) -> Tensor:
        if isinstance(what, Edge):
            shared = self._carried(what.source)
            return self._stepped(shared, self.said.edges.get(what, ()), what)
        live = self.difference[what]
        base = live if self.said.default is Version.LIVE else torch.zeros_like(live)
        return self._stepped(base, self.said.of(what), what)

    def _stepped(self, carried: Tensor, steps: Steps, what: Node | Edge) -> Tensor:
        source = what.source if isinstance(what, Edge) else what
        for at, version in steps:
            if isinstance(version, Variant):
                value = self.others[version]._carried(what)
            elif version is Version.LIVE:
                value = self.difference[source]
            else:
                value = torch.zeros_like(carried)
            carried = torch.where(self._mask(at), value, carried)
        return carried

    def _mask(self, at: Positions) -> Tensor:
        """(batch, position, 1), bool."""
        if at not in self.masks:
            self.masks[at] = self.batch.mask(at)[..., None]
        return self.masks[at]

    # --- what is read --------------------------------------------------------------------------

    def _arriving(self, reader: Reader) -> Tensor:
        """The residual stream that one port reads."""
        total = self.stream
        for edge in self.overridden.get(reader, ()):
            total = total + self._carried(edge) - self._carried(edge.source)
        for at, version in self.said.readers.get(reader, ()):
            if isinstance(version, Variant):
                total = torch.where(self._mask(at), self.others[version].read[reader], total)
        return total

    def _lend(self, node: Node) -> None:
        """Keeps what other runs read here: the ports of an MLP, the logits or a layer's heads."""
        for reader in self.lent:
            if (reader.node.layer, reader.node.kind) == (node.layer, node.kind):
                self.read[reader] = self._arriving(reader)

    # --- what is sent --------------------------------------------------------------------------

    def _sent(self, node: Node, live: Tensor, ablated: Tensor) -> Tensor:
        """What the node sends on edges of its own version; remembers the rest for the others."""
        self.difference[node] = live - ablated
        steps = self.said.of(node)
        if steps:
            sent = ablated + self._carried(node)
        else:
            sent = live if self.said.default is Version.LIVE else ablated
        if node not in self.sources and not self.lends:
            del self.difference[node]
        return sent

    def _needed(self, node: Node) -> bool:
        """Whether the node sends anything but its ablated value, here or in another run."""
        return bool(
            self.lends
            or node in self.sources
            or self.said.of(node)
            or self.said.default is Version.LIVE
        )

    def _after_attention(self, layer: int) -> Tensor:
        decoder = self.decoder
        nodes = [head(layer, index) for index in range(decoder.shape.n_heads)]
        needed = [node for node in nodes if self._needed(node)]
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
                torch.stack([self._arriving(Reader(node, port)) for node in nodes], dim=2),
                heads,
            )
            for port in PORTS
        )
        return self.decoder.attend(layer, q, k, v)[0]

    def _after_mlp(self, layer: int) -> Tensor:
        node, constant = mlp(layer), self.ablated.mlps[layer].expand_as(self.stream)
        if not self._needed(node):
            return self.stream + constant
        live = self.decoder.mlp(layer, self._arriving(Reader(node)))
        return self.stream + self._sent(node, live, constant)
