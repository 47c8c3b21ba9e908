"""The two models, as folders that transformers 4 (TransformerLens) and transformers 5 (we) read."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import torch
from transformers import AutoModelForCausalLM, GPT2Config, GPT2LMHeadModel

from bench.tasks import task_json
from circuitlang.circuit.circuit import Circuit
from circuitlang.model.decoder import Decoder
from circuitlang.model.family import family
from circuitlang.model.load import open_model, open_tokenizer
from circuitlang.pipeline.compile import compile_file
from circuitlang.task.build import build_dataset
from circuitlang.task.dataset import Dataset, Example, Target

SPECS = Path(__file__).parent.parent / "specs"
LENGTH = 15  # tokens in every prompt: auto-circuit cannot pad


class Bench(NamedTuple):
    """A model of the benchmark and the spec whose circuit it runs."""

    label: str
    spec: Path


MODELS = {
    "gpt2-shape": Bench("GPT-2 small's shape, random weights", SPECS / "gpt2" / "ioi.circuit"),
    "smollm2": Bench("SmolLM2-135M", SPECS / "ioi_smollm2.circuit"),
}


@cache
def prepare(model: str, examples: int, folder: Path) -> tuple[Path, Path]:
    """The model's folder and the task's file, made if they are not there."""
    weights, task = folder / model, folder / f"{model}-{examples}.json"
    if not (weights / "complete").exists():
        save = _save_gpt2_shape if model == "gpt2-shape" else _save_smollm2
        save(weights)
        (weights / "complete").touch()
    circuit = _circuit(model)
    prompts = _random_prompts if model == "gpt2-shape" else _real_prompts
    found = prompts(examples, circuit)
    assert circuit.shape is not None
    task.write_text(json.dumps(task_json(circuit, circuit.shape, found)))
    return weights, task


def open_folder(folder: Path) -> Decoder:
    """Our view of a model that `prepare` has saved."""
    loader: Any = AutoModelForCausalLM
    model = loader.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    model.eval().requires_grad_(False)
    record = family(str(model.config.model_type))
    assert record is not None
    tokenizer: Any = None  # prompts are token ids
    return Decoder(model, record, record.shape(model.config), tokenizer, "0" * 64)


def dataset_of(prompts: Sequence[dict[str, Any]]) -> Dataset:
    """The prompts of a task's file."""
    return Dataset(
        tuple(
            Example(
                text=f"prompt {i}",
                template=one["template"],
                clean=tuple(one["clean"]),
                corrupt={"abc": tuple(one["corrupt"])},
                positions={name: tuple(at) for name, at in one["positions"].items()},
                targets=(Target(len(one["clean"]) - 1, (one["answer"],), (one["against"],)),),
            )
            for i, one in enumerate(prompts)
        ),
        "logit_diff",
        "0" * 64,
    )


def _circuit(model: str) -> Circuit:
    """The circuit of the model's spec. Its edges are kept at every position, as peers have it."""
    compiled = compile_file(MODELS[model].spec).circuit
    assert compiled is not None
    return compiled


def _save_gpt2_shape(folder: Path, seed: int = 0) -> None:
    """Random weights; attention six times and MLPs twice as strong as transformers draws them, so
    that removing a head shows in the logits."""
    torch.manual_seed(seed)
    make: Any = GPT2LMHeadModel
    model = make(GPT2Config()).eval().requires_grad_(False)
    for block in model.transformer.h:
        for module in (block.attn.c_attn, block.attn.c_proj):
            module.weight.mul_(6)
        for module in (block.mlp.c_fc, block.mlp.c_proj):
            module.weight.mul_(2)
    model.save_pretrained(folder)


def _save_smollm2(folder: Path) -> None:
    spec = MODELS["smollm2"].spec
    decoder, problems = open_model(_circuit("smollm2").model, spec.parent)
    if decoder is None:
        raise SystemExit(f"SmolLM2 is not at hand: {problems[0].message}")
    # A model that came from a GGUF file refuses to be saved; its weights are ordinary ones by now.
    source: Any = decoder.model
    config = type(source.config).from_dict(
        {k: v for k, v in source.config.to_dict().items() if k != "quantization_config"}
    )
    loader: Any = AutoModelForCausalLM
    model = loader.from_config(config, dtype=torch.float32)
    model.load_state_dict(source.state_dict())
    model.save_pretrained(folder)
    # transformers 4 reads the rotary base here, and takes 10,000 where it is missing.
    saved = json.loads((folder / "config.json").read_text())
    saved["rope_theta"] = saved["rope_parameters"]["rope_theta"]
    (folder / "config.json").write_text(json.dumps(saved, indent=2))


def _real_prompts(n: int, circuit: Circuit) -> list[Example]:
    """Prompts of the spec that have `LENGTH` tokens."""
    tokenizer, _ = open_tokenizer(circuit.model, MODELS["smollm2"].spec.parent)
    assert tokenizer is not None
    data, _ = build_dataset(circuit.task, tokenizer, 4 * n, circuit.policy.seed)
    assert data is not None
    found = [one for one in data.examples if len(one.clean) == LENGTH][:n]
    assert len(found) == n
    return found


def _random_prompts(n: int, circuit: Circuit, seed: int = 0) -> list[Example]:
    """Random tokens in the places of "When Mary and John went to the store, John gave a drink to",
    half of them with the names the other way round."""
    assert circuit.shape is not None
    vocabulary, draw = circuit.shape.vocab_size, random.Random(seed)

    def example(i: int) -> Example:
        first, second, again = 1, 3, 9
        clean = [draw.randrange(vocabulary) for _ in range(LENGTH)]
        io, s1 = (first, second) if i % 2 else (second, first)
        clean[again] = clean[s1]
        corrupt = list(clean)
        for place in (first, second, again):
            corrupt[place] = draw.randrange(vocabulary)
        where = {"IO": io, "S1": s1, "S1+1": s1 + 1, "S2": again, "END": LENGTH - 1}
        return Example(
            text=f"prompt {i}",
            template="abba" if i % 2 else "baba",
            clean=tuple(clean),
            corrupt={"abc": tuple(corrupt)},
            positions={name: (at,) for name, at in where.items()},
            targets=(Target(LENGTH - 1, (clean[io],), (clean[s1],)),),
        )

    return [example(i) for i in range(n)]
