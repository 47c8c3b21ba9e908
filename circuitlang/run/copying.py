"""Whether a head's OV circuit puts a word among the top logits (Wang et al. 2022, sec. 3.1)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from circuitlang.circuit.names import PORTS, Node
from circuitlang.model.decoder import Decoder
from circuitlang.plan.request import Copying, Request
from circuitlang.run.batch import Batch

# Logits held at a time: rows times the vocabulary.
_MOST_LOGITS = 1 << 24


@torch.no_grad()
def read_copying(
    decoder: Decoder, requests: Sequence[Copying], batch: Batch
) -> dict[Request, list[float]]:
    """One number an example of the batch: the share of the tokens of ``positions`` that are among
    the ``top`` logits of their own row.

    NaN where a logit is not finite, or where the prompt has none of the positions. Only tokens with
    a larger or equal logit come before a word, so a head that writes nothing copies nothing.
    """
    stream = after_first_block(decoder, batch.tokens)
    found: dict[Request, list[float]] = {}
    for positions in {request.positions for request in requests}:
        places = [
            (row, index)
            for row, example in enumerate(batch.examples)
            for index in sorted({i for p in positions for i in example.positions.get(p, ())})
        ]
        examples = torch.tensor([row for row, _ in places], dtype=torch.long)
        indices = torch.tensor([index for _, index in places], dtype=torch.long)
        read = stream[examples, indices]
        words = batch.tokens[examples, indices]
        for head, sign in {(r.head, r.sign) for r in requests if r.positions == positions}:
            rank = ranks(decoder, head, read, words, sign)
            for one in requests:
                if (one.head, one.sign, one.positions) == (head, sign, positions):
                    hits = torch.where(rank.isnan(), rank, (rank < one.top).double()).cpu()
                    found[one] = [
                        float(hits[examples == row].mean()) for row in range(len(batch.examples))
                    ]
    return {request: found[request] for request in requests}


def after_first_block(decoder: Decoder, tokens: Tensor) -> Tensor:
    """The residual stream after the first layer's MLP: (batch, position, d_model). Padding is on
    the right, where a causal mask hides it."""
    stream = decoder.embed(tokens)
    q, k, v = (decoder.read(0, port, stream) for port in PORTS)
    z, _ = decoder.attend(0, q, k, v)
    stream = stream + decoder.write(0, z).sum(2) + decoder.output_bias(0)
    return stream + decoder.mlp(0, stream)


def ranks(decoder: Decoder, head: Node, read: Tensor, words: Tensor, sign: str) -> Tensor:
    """How many other tokens have at least the logit of each row's own word: (row,), float64.

    ``read``, (row, d_model), goes through the head's own norm, W_V with its bias and W_O without
    the bias of the layer; its negative where ``sign`` says so; then the final norm and W_U, with
    the biases that they have.
    """
    parts = []
    size = max(1, _MOST_LOGITS // decoder.shape.vocab_size)
    for rows, own in zip(torch.split(read, size), torch.split(words, size), strict=True):
        value = decoder.read(head.layer, "v", rows[None], [head.head])
        written = decoder.write(head.layer, value, [head.head])[0, :, 0]
        logits = decoder.unembed(decoder.final(-written if sign == "negative" else written))
        of_word = logits.gather(1, own[:, None])
        rank = (logits >= of_word).sum(1).double() - 1
        parts.append(torch.where(logits.isfinite().all(1), rank, torch.nan))
    return torch.cat(parts) if parts else read.new_zeros(0, dtype=torch.float64)
