from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from circuitlang.circuit.circuit import MetricDef, TaskSpec
from circuitlang.task import build, prompts, repeated
from circuitlang.task.build import build_dataset
from circuitlang.task.dataset import Dataset
from tests.task.tiny import TASK, compiled, word_level


def built(task: TaskSpec, examples: int = 6) -> Dataset:
    dataset, problems = build_dataset(task, word_level(), examples, 0)
    assert dataset is not None, problems
    return dataset


def test_bos_comes_first_and_moves_everything_by_one(tmp_path: Path) -> None:
    task = compiled(tmp_path).task
    for plain, begun in zip(
        built(task).examples, built(replace(task, bos=True)).examples, strict=True
    ):
        assert begun.clean == (1, *plain.clean)
        assert begun.corrupt["abc"] == (1, *plain.corrupt["abc"])
        assert begun.positions == {n: tuple(i + 1 for i in at) for n, at in plain.positions.items()}
        assert begun.targets == tuple(
            replace(target, position=target.position + 1) for target in plain.targets
        )


def test_the_digest_tells_datasets_apart_and_nothing_else(tmp_path: Path) -> None:
    task = compiled(tmp_path).task
    other_metric = replace(task, metric=MetricDef("kl", "END"))
    again = compiled(tmp_path, TASK + "\n    # a comment\n").task
    assert built(task).digest == built(again).digest
    others = [built(task, 7), built(replace(task, bos=True)), built(other_metric)]
    assert len({built(task).digest, *(dataset.digest for dataset in others)}) == 4


def test_the_digest_is_this_forever(tmp_path: Path) -> None:
    digest = "5d8af4b0577be3575c51464f6279708ae4b96ec637790618e4034ddcb2d66546"
    assert built(compiled(tmp_path).task, 2).digest == digest


def test_kl_needs_no_answer(tmp_path: Path) -> None:
    task = replace(compiled(tmp_path).task, metric=MetricDef("kl", "S2"))
    for example in built(task).examples:
        (target,) = example.targets
        assert ((target.position,), target.answer, target.against) == (
            *(example.positions["S2"], (), ()),
        )


@pytest.mark.parametrize(("context", "fits"), [(15, True), (14, False)])
def test_a_prompt_has_to_fit_the_context(tmp_path: Path, context: int, fits: bool) -> None:
    task = compiled(tmp_path).task
    dataset, problems = build_dataset(task, word_level(), 4, 0, context=context)
    assert (dataset is not None) == fits
    assert [p.code for p in problems] == ([] if fits else ["prompt-too-long"])


GENERATED = """
    generate repeated_tokens(length=3)
    position REPEAT given
    metric kl() at REPEAT
"""


@pytest.mark.parametrize(("module", "text"), [(prompts, TASK), (repeated, GENERATED)])
def test_the_number_of_tokens_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: object, text: str
) -> None:
    monkeypatch.setattr(module, "MOST_TOKENS", 100)
    dataset, problems = build_dataset(compiled(tmp_path, text).task, word_level(), 50, 0)
    assert dataset is None
    assert [problem.code for problem in problems] == ["too-many-tokens"]


def test_the_room_needs_no_numpy() -> None:
    code = (
        f"import sys, {build.__name__}; print({{'numpy', 'torch', 'networkx'}} & {{*sys.modules}})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
