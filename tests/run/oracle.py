"""Edge variants computed the plainest way: one port, one source, one position mask at a time."""

from __future__ import annotations

import torch
from torch import Tensor

from circuitlang.circuit.names import INPUT, LOGITS, PORTS, Edge, Node, feeds
from circuitlang.circuit.positions import Positions
from circuitlang.model.decoder import Decoder
from circuitlang.plan.variant import Variant, Version
from circuitlang.task.dataset import Example


def logits(
    model: Decoder, example: Example, variant: Variant, ablated: dict[Node, Tensor]
) -> Tensor:
    """(position, vocab_size) of one example; ``ablated`` holds contributions, (position,
    d_model)."""
    tokens = torch.tensor([example.clean])
    shape, n = model.shape, len(example.clean)
    alive = {INPUT: model.embed(tokens)[0]}

    def holds(at: Positions, position: int) -> bool:
        named = any(position in example.positions[name] for name in at.names)
        return named != at.complement

    def is_live(edge: Edge, position: int) -> bool:
        version: Version | Variant = variant.default
        for what, at, to in variant.overrides:
            if what == edge.source and holds(at, position):
                version = to
        for what, at, to in variant.overrides:
            if what == edge and holds(at, position):
                version = to
        return version is Version.LIVE

    def arriving(target: Node, port: str | None = None) -> Tensor:
        layers = range(min(target.layer + (target.kind == "mlp"), shape.n_layers))
        total = sum((model.output_bias(i) for i in layers), torch.zeros(n, shape.d_model).double())
        for source in shape.nodes:
            if feeds(source, target):
                edge = Edge(source, target, port)  # type: ignore[arg-type]
                for position in range(n):
                    sent = alive if is_live(edge, position) else ablated
                    total[position] = total[position] + sent[source][position]
        return total

    for node in shape.nodes:
        if node.kind == "mlp":
            alive[node] = model.mlp(node.layer, arriving(node))
        elif node.kind == "head":
            q, k, v = (
                model.read(node.layer, port, arriving(node, port)[None])[:, :, [node.head]]
                for port in PORTS
            )
            z, _ = model.attend(node.layer, q, k, v)
            alive[node] = model.write(node.layer, z, [node.head])[0, :, 0]
    return model.unembed(model.final(arriving(LOGITS)))
