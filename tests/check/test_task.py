from __future__ import annotations

from pathlib import Path

import pytest

from circuitlang.circuit.circuit import GeneratedData, MetricDef
from tests.check.specs import checked, errors, only, prompts, spec

FEW = "ablation = zero examples = 100"
PAIR = ("{A:name} met {B:name}. {C=A} gave", "{B:name} saw {A:name}. He gave")


def test_arguments_of_a_generator_are_written_out() -> None:
    circuit, _ = checked(spec())
    assert circuit is not None
    assert isinstance(circuit.task.data, GeneratedData)
    assert circuit.task.data.arguments == {"length": 50, "copies": 2}
    assert circuit.task.metric == MetricDef("accuracy", "REPEAT", span=circuit.task.metric.span)
    assert circuit.task.bos is False


@pytest.mark.parametrize(
    "use",
    [
        "role r at C attending any { head a9.h4 }",
        "role r at A attending C { head a9.h4 }",
        "claim c: attention(role=s, from=C, to=A) >= 0.5\nrole s at A attending any { head a9.h4 }",
    ],
)
def test_a_position_in_use_is_in_every_prompt(use: str, folder: Path) -> None:
    found, at = only(spec(use, task=prompts(*PAIR), policy=FEW), folder)
    assert (found.code, at) == ("position-not-in-prompt", "C")
    assert "`p1`" in found.message


def test_an_anchor_brings_its_gap_along(folder: Path) -> None:
    task = prompts(*PAIR, more="position NEXT after C position LATER after NEXT")
    use = "role r at LATER attending any { head a9.h4 }"
    assert errors(spec(use, task=task, policy=FEW), folder) == ["position-not-in-prompt"]


def test_a_gap_that_nobody_uses_is_no_matter(folder: Path) -> None:
    assert errors(spec(task=prompts(*PAIR), policy=FEW), folder) == []


@pytest.mark.parametrize(
    ("corrupt", "expected"),
    [
        ("corrupt x resample A, B", []),
        ("corrupt x swap A, B", []),
        ('corrupt x set A "Zoe"', []),
        ("corrupt x swap A", ["one-slot-swap"]),
        ("corrupt x resample A, A", ["duplicate-slot"]),
        ("corrupt x resample C", ["position-not-in-prompt"]),
        ("corrupt x resample D", ["unknown-slot"]),
        ("corrupt x resample END", ["unknown-slot"]),
        ("corrupt x given", ["nothing-given"]),
        ("corrupt x resample A corrupt x resample B", ["duplicate-name"]),
    ],
)
def test_corruptions_of_prompts(corrupt: str, expected: list[str], folder: Path) -> None:
    assert errors(spec(task=prompts(*PAIR, more=corrupt), policy=FEW), folder) == expected


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("logit_diff(answer=A)", ["missing-argument"]),
        ("logit_diff()", ["missing-argument", "missing-argument"]),
        ("accuracy(answer=A)", []),
        ("kl()", []),
        ("kl(answer=A)", ["unknown-argument"]),
        ("logit_diff(answer=A, against=C)", ["position-not-in-prompt"]),
        ("logit_diff(answer=A, against=A)", ["answer-against-itself"]),
        ('logit_diff(answer="A", against=B)', ["wrong-value"]),
    ],
)
def test_metrics_of_prompts(metric: str, expected: list[str], folder: Path) -> None:
    assert errors(spec(task=prompts(*PAIR, metric=metric), policy=FEW), folder) == expected


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ("position X after A", []),
        ("position X before Y position Y after A", []),
        ("position X after X", ["circular-position"]),
        ("position X after Y position Y after X", ["circular-position", "circular-position"]),
        ("position X after Z", ["unknown-position"]),
        ("position A last", ["duplicate-name"]),
        ("position X given", ["nothing-given"]),
    ],
)
def test_rules_of_positions(rules: str, expected: list[str], folder: Path) -> None:
    assert errors(spec(task=prompts(*PAIR, more=rules), policy=FEW), folder) == expected


def test_a_data_file_brings_what_it_likes(folder: Path) -> None:
    (folder / "pairs.jsonl").write_text("{}\n{}\n\n", encoding="utf-8")
    task = 'data "pairs.jsonl" corrupt x given position P given metric logit_diff() at P'
    policy = "ablation = mean(corrupt=x) examples = {}"
    assert errors(spec(task=task, policy=policy.format(2)), folder) == []
    assert errors(spec(task=task, policy=policy.format(3)), folder) == ["not-enough-examples"]


@pytest.mark.parametrize(
    "task",
    ["", "metric kl() at END", 'data "a.jsonl" generate repeated_tokens() metric kl() at END'],
)
def test_without_examples_names_are_not_called_unknown(task: str) -> None:
    use = "role r at SOMEWHERE attending any { head a9.h4 }"
    found = set(errors(spec(use, task=task, policy="ablation = mean(corrupt=x)")))
    assert found <= {"missing-statement", "mixed-data"}
    assert found
