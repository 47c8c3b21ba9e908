"""Leave-one-out as one writes it with hooks: one forward pass a variant, one hook a head."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

import torch
from torch import Tensor, nn

from circuitlang.circuit.names import head, mlp
from circuitlang.model.decoder import Decoder
from circuitlang.plan.request import Evaluation
from circuitlang.plan.versions import versions
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
            at = live.of(head(layer, index))
            if not at.everywhere:
                kept, constant = batch.mask(at)[..., None], ablated.heads[layer][:, :, index]
                handle = decoder.output_projection(layer).register_forward_pre_hook(
                    of_head(index, kept, constant)
                )
                stack.callback(handle.remove)
        at = live.of(mlp(layer))
        if not at.everywhere:
            hook = of_mlp(batch.mask(at)[..., None], ablated.mlps[layer])
            stack.callback(decoder.mlp_module(layer).register_forward_hook(hook).remove)
