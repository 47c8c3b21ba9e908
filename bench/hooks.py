"""Leave-one-out as one writes it with hooks: one forward pass a variant, one hook a head."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

import torch
from torch import Tensor, nn

from circuitlang.circuit.names import Node, head, mlp
from circuitlang.model.decoder import Decoder
from circuitlang.plan.request import Evaluation
from circuitlang.plan.variant import Version
from circuitlang.plan.versions import Versions, versions
from circuitlang.run.batch import Batch
from circuitlang.run.values import Values


@torch.no_grad()
def run_hooks(
    decoder: Decoder,
    requests: Sequence[Evaluation],
    batch: Batch,
    ablated: Values,
    *,
    last_only: bool = False,
) -> Tensor:
    """Logit differences at the last position, (variant, example).

    ``last_only`` asks the model for the logits of that position alone.
    """
    answer = torch.tensor([target.answer[0] for target in batch.targets])
    against = torch.tensor([target.against[0] for target in batch.targets])
    rows = torch.arange(len(batch.targets))
    found = []
    for request in requests:
        with ExitStack() as stack:
            _hook(decoder, request, batch, ablated, stack)
            output: Any = decoder.model(batch.tokens, logits_to_keep=1 if last_only else 0)
        logits = output.logits[:, -1]
        found.append(logits[rows, answer] - logits[rows, against])
    return torch.stack(found)


def _hook(
    decoder: Decoder, request: Evaluation, batch: Batch, ablated: Values, stack: ExitStack
) -> None:
    live = versions(request.variant, decoder.shape)
    size = decoder.shape.d_head

    def of_head(index: int, kept: Tensor, constant: Tensor) -> Callable[..., Any]:
        columns = slice(index * size, (index + 1) * size)

        def hook(_module: nn.Module, arguments: tuple[Tensor]) -> tuple[Tensor]:
            z = arguments[0].clone()
            z[..., columns] = torch.where(kept, z[..., columns], constant)
            return (z,)

        return hook

    def of_mlp(kept: Tensor, constant: Tensor) -> Callable[..., Any]:
        return lambda _module, _arguments, output: torch.where(kept, output, constant)

    for layer in range(decoder.shape.n_layers):
        for index in range(decoder.shape.n_heads):
            kept = _kept(live, head(layer, index), batch)
            if not kept.all():
                constant = ablated.heads[layer][:, :, index]
                handle = decoder.output_projection(layer).register_forward_pre_hook(
                    of_head(index, kept, constant)
                )
                stack.callback(handle.remove)
        kept = _kept(live, mlp(layer), batch)
        if not kept.all():
            hook = of_mlp(kept, ablated.mlps[layer])
            stack.callback(decoder.mlp_module(layer).register_forward_hook(hook).remove)


def _kept(said: Versions, node: Node, batch: Batch) -> Tensor:
    """Where the node is live, (batch, position, 1)."""
    kept = torch.full_like(batch.tokens, said.default is Version.LIVE, dtype=torch.bool)
    for at, version in said.of(node):
        kept = torch.where(batch.mask(at), version is Version.LIVE, kept)
    return kept[..., None]
