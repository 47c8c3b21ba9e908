"""Small random decoders whose heads and MLPs matter."""

from __future__ import annotations

from typing import Any

import torch
from tokenizers import AddedToken
from tokenizers import Tokenizer as Backend
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel
from transformers import AutoModelForCausalLM, GPT2Config, LlamaConfig

from circuitlang.model.decoder import Decoder
from circuitlang.model.double import lift
from circuitlang.model.family import Config, Model, family
from circuitlang.model.tokenizer import FastTokenizer, wrap

torch.set_num_threads(1)

VOCAB = 300


def gpt2(**changes: Any) -> Config:
    sizes = {"n_embd": 12, "n_layer": 2, "n_head": 3, "n_inner": 20, "n_positions": 32}
    return GPT2Config(vocab_size=VOCAB, **{**sizes, **changes})


def llama(**changes: Any) -> Config:
    sizes = {
        "hidden_size": 12,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 4,
        "intermediate_size": 20,
        "max_position_embeddings": 32,
    }
    return LlamaConfig(vocab_size=VOCAB, **{**sizes, **changes})


def random_model(config: Config, seed: int = 0, dtype: torch.dtype = torch.float64) -> Model:
    """Weights large enough that removing a component changes logits, biases and norms included."""
    torch.manual_seed(seed)
    auto: Any = AutoModelForCausalLM
    model: Any = auto.from_config(config, attn_implementation="eager")
    model.to(dtype).eval().requires_grad_(False)
    for name, weight in model.named_parameters():
        if "ln" in name or "norm" in name:
            weight.add_(torch.randn_like(weight) * 0.3)
        else:
            weight.copy_(torch.randn_like(weight) * 0.5)
    return model


def decoder(config: Config, seed: int = 0, dtype: torch.dtype = torch.float64) -> Decoder:
    record = family(config.model_type)
    assert record is not None
    model = random_model(config, seed, dtype)
    if dtype is torch.float64:
        lift(model, record)
    return Decoder(model, record, record.shape(config), tokenizer(), "0" * 64)


def tokenizer() -> FastTokenizer:
    return wrap(byte_tokenizer(), bos=0)


def byte_tokenizer() -> Backend:
    """Bytes, a few words with their leading space, and one special token, id 0."""
    tokens = ["<s>", *sorted(ByteLevel.alphabet()), "Ġt", "Ġth", "Ġthe", "ĠM", "ĠMa"]
    merges = [("Ġ", "t"), ("Ġt", "h"), ("Ġth", "e"), ("Ġ", "M"), ("ĠM", "a")]
    backend = Backend(BPE(vocab={token: i for i, token in enumerate(tokens)}, merges=merges))
    backend.pre_tokenizer = ByteLevel(add_prefix_space=False)
    backend.decoder = ByteLevelDecoder()
    backend.add_special_tokens([AddedToken("<s>", special=True)])
    return backend
