"""A decoder taken apart computes what transformers computes."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from circuitlang.circuit.names import PORTS
from circuitlang.model.decoder import Decoder
from circuitlang.model.family import Config
from tests.model.tiny import VOCAB, decoder, gpt2, llama, random_model

CONFIGS = {
    "gpt2": gpt2(),
    "gpt2-scaled-by-layer": gpt2(scale_attn_by_inverse_layer_idx=True),
    "gpt2-unscaled": gpt2(scale_attn_weights=False),
    "gpt2-untied": gpt2(tie_word_embeddings=False),
    "llama": llama(),
    "llama-ungrouped": llama(num_key_value_heads=4),
    "llama-one-kv-head": llama(num_key_value_heads=1),
    "llama-biases": llama(attention_bias=True, mlp_bias=True),
    "llama-wide-heads": llama(head_dim=8),
    "llama-tied": llama(tie_word_embeddings=True),
    "llama3-rope": llama(
        rope_parameters={
            "rope_type": "llama3",
            "rope_theta": 10_000.0,
            "factor": 2.0,
            "low_freq_factor": 1.0,
            "high_freq_factor": 4.0,
            "original_max_position_embeddings": 16,
        }
    ),
}
LENGTHS = torch.tensor([9, 5, 1])


def _tokens() -> Tensor:
    return torch.randint(VOCAB, (3, 9), generator=torch.Generator().manual_seed(1))


def _taken_apart(model: Decoder, tokens: Tensor) -> Tensor:
    stream = model.embed(tokens)
    for layer in range(model.shape.n_layers):
        q, k, v = (model.read(layer, port, stream) for port in PORTS)
        z, _ = model.attend(layer, q, k, v)
        stream = stream + model.write(layer, z).sum(2) + model.output_bias(layer)
        stream = stream + model.mlp(layer, stream)
    return model.unembed(model.final(stream))


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_logits_in_float64(config: Config) -> None:
    model, tokens = decoder(config), _tokens()
    for row, length in enumerate(LENGTHS):
        alone = model.model(tokens[row : row + 1, :length]).logits[0]
        ours = _taken_apart(model, tokens)[row, :length]
        assert (ours - alone).abs().max() < 1e-9


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_heads_of_a_layer_may_each_have_a_stream(config: Config) -> None:
    model = decoder(config)
    stream = model.embed(_tokens())
    heads = [model.shape.n_heads - 1, 0]
    streams = torch.stack([stream, stream * 2], dim=2)
    for port in PORTS:
        both = model.read(0, port, streams, heads)
        assert torch.allclose(both[:, :, 0], model.read(0, port, stream)[:, :, heads[0]])
        assert torch.allclose(both[:, :, 1], model.read(0, port, stream * 2)[:, :, heads[1]])


def test_padding_changes_nothing() -> None:
    model, tokens = decoder(llama()), _tokens()
    whole = model.run(tokens, LENGTHS)
    for row, length in enumerate(LENGTHS.tolist()):
        alone = model.run(tokens[row : row + 1, :length], LENGTHS[row : row + 1])
        assert torch.allclose(whole[row, :length], alone[0], atol=1e-12)


@pytest.mark.parametrize("config", [gpt2(), llama()], ids=["gpt2", "llama"])
def test_float64_is_the_same_model(config: Config) -> None:
    """Lifting float32 steps to float64 moves logits by float32's rounding and no more."""
    tokens = _tokens()
    plain = random_model(config)(tokens).logits
    lifted = decoder(config).model(tokens).logits
    assert (plain - lifted).abs().max() < 1e-4 * plain.abs().max()


def test_attention_patterns_are_those_of_transformers() -> None:
    model, tokens = decoder(llama()), _tokens()
    theirs = model.model(tokens, output_attentions=True).attentions[0]
    stream = model.embed(tokens)
    _, ours = model.attend(0, *(model.read(0, port, stream) for port in PORTS))
    assert torch.allclose(ours, theirs, atol=1e-12)


def test_bfloat16_sums_in_float32() -> None:
    model = decoder(llama(), dtype=torch.bfloat16)
    assert model.embed(_tokens()).dtype is torch.float32
    assert model.final(model.embed(_tokens())).dtype is torch.bfloat16
