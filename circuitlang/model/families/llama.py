"""Llama, and so SmolLM2: RMSNorm, rotary positions, keys and values shared by groups of queries."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

from torch import Tensor, nn
from transformers.models.llama.modeling_llama import LlamaRMSNorm, apply_rotary_pos_emb

from circuitlang.circuit.names import Port
from circuitlang.circuit.shape import ModelShape
from circuitlang.model.family import Config, Family, HeadWeights, Model


def _shape(config: Config) -> ModelShape:
    return ModelShape(
        family="llama",
        n_layers=config.num_hidden_layers,
        n_heads=config.num_attention_heads,
        n_kv_heads=config.num_key_value_heads,
        d_model=config.hidden_size,
        d_head=config.head_dim,
        d_mlp=config.intermediate_size,
        vocab_size=config.vocab_size,
        context=config.max_position_embeddings,
    )


def _objection(config: Config) -> str | None:
    kind = config.rope_parameters.get("rope_type", "default")
    # These rescale by the longest sequence of a batch, so a prompt's logits depend on its company.
    if kind in ("dynamic", "longrope"):
        return f"its rotary positions depend on the batch (`rope_type` {kind})"
    return None


def _embed(model: Model, tokens: Tensor) -> Tensor:
    embedding: Tensor = model.model.embed_tokens(tokens)
    return embedding


def _read(attention: Any, shape: ModelShape, port: Port) -> HeadWeights:
    module: nn.Linear = getattr(attention, f"{port}_proj")
    weight = module.weight.view(-1, shape.d_head, shape.d_model).transpose(1, 2)
    bias = None if module.bias is None else module.bias.view(-1, shape.d_head)
    group = shape.n_heads // weight.shape[0]
    if group > 1:
        weight = weight.repeat_interleave(group, dim=0)
        bias = None if bias is None else bias.repeat_interleave(group, dim=0)
    return HeadWeights(weight, bias)


def _write(attention: Any, shape: ModelShape) -> HeadWeights:
    module: nn.Linear = attention.o_proj
    weight = module.weight.t().reshape(shape.n_heads, shape.d_head, shape.d_model)
    return HeadWeights(weight, module.bias)


def _rotate(model: Model, x: Tensor, positions: Tensor) -> Tensor:
    cos, sin = model.model.rotary_emb(x, positions)
    rotated: Tensor = apply_rotary_pos_emb(x, x, cos, sin, unsqueeze_dim=2)[0]
    return rotated


FAMILY = Family(
    name="llama",
    shape=_shape,
    objection=_objection,
    embed=_embed,
    blocks=attrgetter("model.layers"),
    attention=attrgetter("self_attn"),
    mlp=attrgetter("mlp"),
    attention_norm=attrgetter("input_layernorm"),
    mlp_norm=attrgetter("post_attention_layernorm"),
    final_norm=attrgetter("model.norm"),
    output=attrgetter("o_proj"),
    scaling=attrgetter("scaling"),
    read=_read,
    write=_write,
    rotate=_rotate,
    norms_in_float32=(LlamaRMSNorm,),
)
