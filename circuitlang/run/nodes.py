"""A variant at the granularity of nodes: the model's own forward pass, with outputs replaced."""

from __future__ import annotations

import torch
from torch import Tensor

from circuitlang.circuit.names import INPUT, Node, head, mlp
from circuitlang.model.decoder import Decoder
from circuitlang.plan.versions import Versions
from circuitlang.run.batch import Batch
from circuitlang.run.values import Hook, Values, watching


@torch.no_grad()
def run_nodes(decoder: Decoder, batch: Batch, live: Versions, ablated: Values) -> Tensor:
    """What the metric reads, after the final norm: (row, d_model).

    Where a node is not live, its output is replaced by its ablated value: z of a head, the output
    of an MLP, the embeddings. A live head reads queries, keys and values of the stream as it is.
    The bias of the attention output belongs to no head and stays.
    """

    def mask(node: Node) -> Tensor:
        return batch.mask(live.of(node))

    def instead(where: Tensor, value: Tensor) -> Hook:
        return lambda x: torch.where(where, x, value.to(x.dtype))

    heads: dict[int, Hook] = {}
    mlps: dict[int, Hook] = {}
    for layer in range(decoder.shape.n_layers):
        of_layer = [head(layer, index) for index in range(decoder.shape.n_heads)]
        if not all(live.of(node).everywhere for node in of_layer):
            kept = torch.stack([mask(node) for node in of_layer], dim=-1)[..., None]
            heads[layer] = instead(kept, ablated.heads[layer])
        if not live.of(mlp(layer)).everywhere:
            mlps[layer] = instead(mask(mlp(layer))[..., None], ablated.mlps[layer])
    embedding = None
    if not live.of(INPUT).everywhere:
        embedding = instead(mask(INPUT)[..., None], ablated.embedding)
    with watching(decoder, embedding=embedding, heads=heads, mlps=mlps):
        return batch.rows(decoder.run(batch.tokens, batch.lengths))
