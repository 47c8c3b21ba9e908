"""GPT-2: LayerNorm, learned positions, one fused Conv1D for q, k and v, biases everywhere."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import torch
from torch import Tensor

from circuitlang.circuit.names import PORTS, Port
from circuitlang.circuit.shape import ModelShape
from circuitlang.model.family import Config, Family, HeadWeights, Model


def _shape(config: Config) -> ModelShape:
    d_model = config.n_embd
    return ModelShape(
        family="gpt2",
        n_layers=config.n_layer,
        n_heads=config.n_head,
        n_kv_heads=config.n_head,
        d_model=d_model,
        d_head=d_model // config.n_head,
        d_mlp=config.n_inner if config.n_inner is not None else 4 * d_model,
        vocab_size=config.vocab_size,
        context=config.n_positions,
    )


def _objection(config: Config) -> str | None:
    if config.add_cross_attention:
        return "it has cross-attention"
    if config.reorder_and_upcast_attn:
        return "it computes attention in float32 apart (`reorder_and_upcast_attn`)"
    return None


def _embed(model: Model, tokens: Tensor) -> Tensor:
    positions = torch.arange(tokens.shape[1], device=tokens.device)
    embedding: Tensor = model.transformer.wte(tokens) + model.transformer.wpe(positions)
    return embedding


def _read(attention: Any, shape: ModelShape, port: Port) -> HeadWeights:
    # Conv1D keeps (d_in, 3 * d_model): q, k and v side by side, heads in turn within each.
    index = PORTS.index(port)
    weight = attention.c_attn.weight.chunk(3, dim=1)[index]
    bias = attention.c_attn.bias.chunk(3)[index]
    split = weight.view(shape.d_model, shape.n_heads, shape.d_head)
    return HeadWeights(split.transpose(0, 1), bias.view(shape.n_heads, shape.d_head))


def _write(attention: Any, shape: ModelShape) -> HeadWeights:
    weight = attention.c_proj.weight.view(shape.n_heads, shape.d_head, shape.d_model)
    return HeadWeights(weight, attention.c_proj.bias)


FAMILY = Family(
    name="gpt2",
    shape=_shape,
    objection=_objection,
    embed=_embed,
    blocks=attrgetter("transformer.h"),
    attention=attrgetter("attn"),
    mlp=attrgetter("mlp"),
    attention_norm=attrgetter("ln_1"),
    mlp_norm=attrgetter("ln_2"),
    final_norm=attrgetter("transformer.ln_f"),
    output=attrgetter("c_proj"),
    scaling=attrgetter("scaling"),
    read=_read,
    write=_write,
    rotate=None,
)
