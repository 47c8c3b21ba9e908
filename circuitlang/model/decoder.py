"""A uniform view of a Hugging Face causal language model as components around a residual stream.

    stream = embed(tokens)
    for each layer:
        q, k, v = read(stream)             # norm, projection, rotation, per head
        z, pattern = attend(q, k, v)
        stream += write(z) summed over heads + output_bias
        stream += mlp(stream)
    logits = unembed(final(stream))

Norms, rotations, MLPs and the unembedding are the model's own modules; only attention is taken
apart, into the heads' slices of the model's own weights. Positions count from 0, padding is on the
right, so a causal mask alone keeps real tokens from reading padding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from circuitlang.circuit.names import Port
from circuitlang.circuit.shape import ModelShape
from circuitlang.model.family import Family, HeadWeights, Model
from circuitlang.task.tokenizer import Tokenizer


@dataclass(frozen=True, eq=False)
class Decoder:
    """``digest`` is the SHA-256 of the weight files and the configuration, in hexadecimal.

    Streams and contributions are tensors of `sum_dtype`; what the model's own modules compute is of
    `dtype`.
    """

    model: Model
    family: Family
    shape: ModelShape
    tokenizer: Tokenizer
    digest: str

    @property
    def short_digest(self) -> str:
        return self.digest[:12]

    @property
    def dtype(self) -> torch.dtype:
        found: torch.dtype = self.model.dtype
        return found

    @property
    def device(self) -> torch.device:
        found: torch.device = self.model.device
        return found

    @property
    def sum_dtype(self) -> torch.dtype:
        """float32 at least: a bfloat16 model's contributions are summed in float32."""
        return torch.promote_types(self.dtype, torch.float32)

    @property
    def blocks(self) -> Sequence[Any]:
        return self.family.blocks(self.model)

    def attention(self, layer: int) -> nn.Module:
        return self.family.attention(self.blocks[layer])

    def output_projection(self, layer: int) -> nn.Module:
        """The module that takes z, (batch, position, head * d_head), to the residual stream."""
        return self.family.output(self.attention(layer))

    def mlp_module(self, layer: int) -> nn.Module:
        return self.family.mlp(self.blocks[layer])

    # --- the parts ---------------------------------------------------------------------------

    def embed(self, tokens: Tensor) -> Tensor:
        """(batch, position) ids -> (batch, position, d_model), positions included."""
        return self.family.embed(self.model, tokens).to(self.sum_dtype)

    def read_weights(self, layer: int, port: Port) -> HeadWeights:
        """W_Q, W_K or W_V as (head, d_model, d_head), one slice for each query head."""
        return self.family.read(self.attention(layer), self.shape, port)

    def write_weights(self, layer: int) -> HeadWeights:
        """W_O as (head, d_head, d_model), and the bias of the whole projection, (d_model,)."""
        return self.family.write(self.attention(layer), self.shape)

    def read(
        self, layer: int, port: Port, stream: Tensor, heads: Sequence[int] | None = None
    ) -> Tensor:
        """What a port makes of its residual stream: norm, projection and, for q and k, rotation.

        ``stream`` is (batch, position, d_model), shared by the heads, or (batch, position, head,
        d_model) with one stream for each of ``heads`` (all where None). Gives (batch, position,
        head, d_head).
        """
        weight, bias = self.read_weights(layer, port)
        if heads is not None:
            weight = weight[list(heads)]
            bias = None if bias is None else bias[list(heads)]
        x = self.family.attention_norm(self.blocks[layer])(stream.to(self.dtype))
        form = "bpd,hde->bphe" if x.dim() == 3 else "bphd,hde->bphe"
        projected = torch.einsum(form, x, weight)
        if bias is not None:
            projected = projected + bias
        if port == "v" or self.family.rotate is None:
            return projected
        positions = torch.arange(x.shape[1], device=x.device)[None]
        return self.family.rotate(self.model, projected, positions)

    def attend(self, layer: int, q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Causal attention: three (batch, position, head, d_head) -> z of the same shape and the
        pattern, (batch, head, query, key)."""
        scores = torch.einsum("bqhe,bkhe->bhqk", q, k) * self.family.scaling(self.attention(layer))
        future = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu(1)
        scores = scores.to(self.sum_dtype).masked_fill(future, -torch.inf)
        pattern = scores.softmax(-1).to(v.dtype)
        return torch.einsum("bhqk,bkhe->bqhe", pattern, v), pattern

    def write(self, layer: int, z: Tensor, heads: Sequence[int] | None = None) -> Tensor:
        """Each head's contribution: (batch, position, head, d_head) -> (batch, position, head,
        d_model). The output bias belongs to no head and is left out."""
        weight = self.write_weights(layer).weight
        if heads is not None:
            weight = weight[list(heads)]
        return torch.einsum("bphe,hed->bphd", z.to(self.dtype), weight).to(self.sum_dtype)

    def output_bias(self, layer: int) -> Tensor:
        """(d_model,); zeros where the projection has no bias."""
        bias = self.write_weights(layer).bias
        if bias is None:
            return torch.zeros(self.shape.d_model, dtype=self.sum_dtype, device=self.device)
        return bias.to(self.sum_dtype)

    def mlp(self, layer: int, stream: Tensor) -> Tensor:
        """The MLP's contribution, its norm and biases included; shapes as `stream`."""
        block = self.blocks[layer]
        normed = self.family.mlp_norm(block)(stream.to(self.dtype))
        output: Tensor = self.family.mlp(block)(normed)
        return output.to(self.sum_dtype)

    def final(self, stream: Tensor) -> Tensor:
        """The final norm, in `dtype`; shapes as ``stream``."""
        normed: Tensor = self.family.final_norm(self.model)(stream.to(self.dtype))
        return normed

    def unembed(self, rows: Tensor) -> Tensor:
        """(..., d_model) after the final norm -> (..., vocab_size) logits in `sum_dtype`."""
        logits: Tensor = self.model.get_output_embeddings()(rows)
        return logits.to(self.sum_dtype)

    def unembed_tokens(self, rows: Tensor, tokens: Tensor) -> Tensor:
        """Logits of some tokens only: (..., row, d_model) and ids, (row, k) -> (..., row, k)."""
        unembedding = self.model.get_output_embeddings()
        logits = torch.einsum("...rd,rkd->...rk", rows, unembedding.weight[tokens])
        if unembedding.bias is not None:
            logits = logits + unembedding.bias[tokens]
        return logits.to(self.sum_dtype)

    # --- the whole ---------------------------------------------------------------------------

    def run(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """The Hugging Face forward up to the final norm: (batch, position, d_model) in `dtype`.

        ``tokens`` is (batch, position), padded on the right with any id; ``lengths`` is (batch,).
        """
        positions = torch.arange(tokens.shape[1], device=tokens.device)
        real = (positions < lengths[:, None]).long()
        outputs = self.model.base_model(
            input_ids=tokens,
            attention_mask=real,
            position_ids=positions.expand_as(tokens),
            use_cache=False,
        )
        hidden: Tensor = outputs.last_hidden_state
        return hidden
