from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from circuitlang.circuit.circuit import ModelRef
from circuitlang.model.family import Config, supported
from circuitlang.model.load import open_model, open_tokenizer
from circuitlang.syntax.source import Span
from tests.model.folders import edit_config, refused, save
from tests.model.tiny import gpt2, llama, random_model

TOKENS = torch.arange(6)[None]
LENGTHS = torch.tensor([6])


@pytest.mark.parametrize("config", [gpt2(), llama(tie_word_embeddings=True)], ids=["gpt2", "llama"])
def test_a_folder_opens_as_the_model_that_was_saved(tmp_path: Path, config: Config) -> None:
    save(tmp_path / "model", config)
    decoder, problems = open_model(ModelRef("path:model"), tmp_path)
    assert decoder is not None
    assert problems == ()
    saved = random_model(config, dtype=torch.float32)
    if config.tie_word_embeddings:
        saved.tie_weights()
    ours = decoder.unembed(decoder.run(TOKENS, LENGTHS))
    assert torch.allclose(ours, saved(TOKENS).logits, atol=1e-5)
    assert decoder.shape.family == config.model_type
    assert decoder.tokenizer.bos == 0


def test_a_checkpoint_in_shards(tmp_path: Path) -> None:
    folder = save(tmp_path / "model", llama(), max_shard_size="4KB")
    assert not (folder / "model.safetensors").exists()
    decoder, _ = open_model(ModelRef("path:model"), tmp_path)
    assert decoder is not None


@pytest.mark.parametrize("dtype", ["float32", "float64", "bfloat16"])
def test_the_dtype_is_the_one_asked_for(tmp_path: Path, dtype: str) -> None:
    save(tmp_path / "model", llama())
    decoder, _ = open_model(ModelRef("path:model", dtype=dtype), tmp_path)
    assert decoder is not None
    assert decoder.run(TOKENS, LENGTHS).dtype is getattr(torch, dtype)


def test_the_digest_is_of_the_weights_and_the_configuration(tmp_path: Path) -> None:
    def digest() -> str:
        decoder, _ = open_model(ModelRef("path:model"), tmp_path)
        assert decoder is not None
        return decoder.digest

    folder = save(tmp_path / "model", llama())
    first = digest()
    assert digest() == first
    edit_config(folder, rms_norm_eps=1e-3)
    second = digest()
    weights = load_file(folder / "model.safetensors")
    weights["model.norm.weight"] += 1
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    assert len({first, second, digest()}) == 3


def test_another_architecture_names_the_supported(tmp_path: Path) -> None:
    folder = save(tmp_path / "model", gpt2())
    edit_config(folder, model_type="bloom")
    problem = refused("path:model", tmp_path)
    assert problem.code == "unsupported-architecture"
    assert "`bloom`" in problem.message
    assert all(f"`{name}`" in (problem.help or "") for name in supported())


def test_code_of_the_repository_is_never_run(tmp_path: Path) -> None:
    folder = save(tmp_path / "model", gpt2())
    (folder / "evil.py").write_text("raise SystemExit('executed')")
    edit_config(folder, model_type="evil", auto_map={"AutoConfig": "evil.EvilConfig"})
    assert refused("path:model", tmp_path).code == "unsupported-architecture"


@pytest.mark.parametrize(
    "settings",
    [
        {"quantization_config": {"quant_method": "bitsandbytes", "load_in_8bit": True}},
        {"transformers_weights": "other.safetensors"},
        {"reorder_and_upcast_attn": True},
        {"n_head": 0},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_configurations_that_are_refused(tmp_path: Path, settings: dict[str, object]) -> None:
    edit_config(save(tmp_path / "model", gpt2()), **settings)
    assert refused("path:model", tmp_path).code == "unsupported-architecture"


def test_positions_that_depend_on_the_batch_are_refused(tmp_path: Path) -> None:
    rope = {"rope_type": "dynamic", "rope_theta": 1e4, "factor": 2.0}
    edit_config(save(tmp_path / "model", llama()), rope_parameters=rope)
    problem = refused("path:model", tmp_path)
    assert problem.code == "unsupported-architecture"
    assert "dynamic" in problem.message


@pytest.mark.parametrize("settings", [{"n_layer": 10**6}, {"vocab_size": 10**12}], ids=str)
def test_a_configuration_cannot_ask_for_more_than_its_files_hold(
    tmp_path: Path, settings: dict[str, object]
) -> None:
    edit_config(save(tmp_path / "model", gpt2()), **settings)
    problem = refused("path:model", tmp_path)
    assert problem.code == "bad-checkpoint"
    assert "asks for" in problem.message


def test_a_missing_tensor_is_not_made_up(tmp_path: Path) -> None:
    folder = save(tmp_path / "model", gpt2())
    weights = load_file(folder / "model.safetensors")
    del weights["transformer.h.1.attn.c_attn.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    problem = refused("path:model", tmp_path)
    assert problem.code == "bad-checkpoint"
    assert "transformer.h.1.attn.c_attn.weight" in problem.message


@pytest.mark.parametrize("content", [b"", b"not safetensors at all", b"\xff" * 64])
def test_damaged_weights(tmp_path: Path, content: bytes) -> None:
    folder = save(tmp_path / "model", gpt2())
    (folder / "model.safetensors").write_bytes(content + b"\0" * 4000)
    assert refused("path:model", tmp_path).code == "bad-checkpoint"


def test_a_damaged_tokenizer(tmp_path: Path) -> None:
    folder = save(tmp_path / "model", gpt2())
    (folder / "tokenizer.json").write_text("{")
    assert refused("path:model", tmp_path).code == "bad-tokenizer"
    (folder / "tokenizer.json").unlink()
    assert "no `tokenizer.json`" in refused("path:model", tmp_path).message


def test_an_unknown_device_lists_those_there(tmp_path: Path) -> None:
    save(tmp_path / "model", gpt2())
    problem = refused("path:model", tmp_path, device="tpu")
    assert problem.code == "unknown-device"
    assert "`cpu`" in (problem.help or "")


def test_the_tokenizer_alone_needs_no_weights(tmp_path: Path) -> None:
    folder = save(tmp_path / "model", gpt2())
    (folder / "model.safetensors").unlink()
    tokenizer, problems = open_tokenizer(ModelRef("path:model"), tmp_path)
    assert problems == ()
    assert tokenizer is not None


def test_findings_point_at_the_model_statement(tmp_path: Path) -> None:
    _, (problem,) = open_model(ModelRef("path:nowhere", span=Span(4, 9)), tmp_path)
    assert problem.span == Span(4, 9)


def test_nothing_is_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    save(tmp_path / "model", gpt2())
    capfd.readouterr()
    open_model(ModelRef("path:model"), tmp_path)
    assert capfd.readouterr() == ("", "")
