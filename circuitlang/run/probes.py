"""Attention probabilities of the unmodified model, on the task and on repeated random tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack, suppress
from typing import Any

import torch
from torch import Tensor, nn

from circuitlang.circuit.names import Node
from circuitlang.model.decoder import Decoder
from circuitlang.plan.request import Attention, RepeatedTokens, Request
from circuitlang.run.batch import Batch
from circuitlang.task.dataset import Tokens


class _EnoughError(Exception):
    """The forward pass has made all that is read: the only way out of a module from a hook."""


@torch.no_grad()
def patterns(
    decoder: Decoder, heads: Iterable[Node], tokens: Tensor, lengths: Tensor
) -> dict[Node, Tensor]:
    """Attention probabilities of the heads: (batch, query, key) each, float64. The blocks above
    the last of them are not run."""
    found: dict[Node, Tensor] = {}
    wanted = set(heads)

    def keep(node: Node) -> Any:
        def hook(_module: nn.Module, _arguments: object, outputs: tuple[Tensor, Tensor]) -> None:
            found[node] = outputs[1][:, node.head].double()

        return hook

    def stop(_module: nn.Module, _arguments: object) -> None:
        raise _EnoughError

    with ExitStack() as stack:
        for node in wanted:
            handle = decoder.attention(node.layer).register_forward_hook(keep(node))
            stack.callback(handle.remove)
        for block in decoder.blocks[1 + max(node.layer for node in wanted) :][:1]:
            stack.callback(block.register_forward_pre_hook(stop).remove)
        with suppress(_EnoughError):
            decoder.run(tokens, lengths)
    return found


def read_attention(
    decoder: Decoder, requests: Sequence[Attention], batch: Batch
) -> dict[Request, list[float]]:
    """One number an example of the batch: the mean over the query tokens of ``source`` of the
    probability summed over the key tokens of ``target``."""
    found = patterns(decoder, (one.head for one in requests), batch.tokens, batch.lengths)
    return {
        request: [
            _mass(found[request.head][row], request, example.positions)
            for row, example in enumerate(batch.examples)
        ]
        for request in requests
    }


def _mass(pattern: Tensor, request: Attention, positions: Any) -> float:
    queries, keys = positions[request.source], positions[request.target]
    return float(pattern[list(queries)][:, list(keys)].sum(1).mean())


def read_repeated(
    decoder: Decoder, requests: Sequence[RepeatedTokens], sequences: Sequence[Tokens]
) -> dict[Request, list[float]]:
    """One number a sequence; ``sequences`` repeat a block of the requests' length once.

    With block length n and rows i from 0: previous, A[i, i-1] over i >= 1; duplicate, A[i, i-n] and
    induction, A[i, i-n+1] over the second block (Wang et al. 2022, App. H; Olsson et al. 2022).
    """
    tokens = torch.tensor(sequences, device=decoder.device)
    lengths = torch.full((len(sequences),), tokens.shape[1], device=decoder.device)
    found = patterns(decoder, (request.head for request in requests), tokens, lengths)
    return {request: _diagonal(found[request.head], request).tolist() for request in requests}


def _diagonal(pattern: Tensor, request: RepeatedTokens) -> Tensor:
    """(batch, query, key) -> (batch,): the mean along the diagonal of the pattern's kind."""
    n = request.length
    back, first = {"previous": (1, 1), "duplicate": (n, n), "induction": (n - 1, n)}[
        request.pattern
    ]
    queries = torch.arange(first, 2 * n, device=pattern.device)
    return pattern[:, queries, queries - back].mean(1)
