from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from circuitlang.circuit.circuit import ModelRef
from circuitlang.model.opened import Models
from circuitlang.syntax.source import Span
from tests.model.folders import save
from tests.model.tiny import gpt2, llama

FIRST = ModelRef("path:model", span=Span(0, 5))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    save(tmp_path / "model", llama())
    save(tmp_path / "other", gpt2())
    return tmp_path


def test_the_same_model_is_opened_once_wherever_it_is_named(root: Path) -> None:
    models = Models()
    first, _ = models.survey(FIRST, root, "cpu")
    again, _ = models.survey(replace(FIRST, span=Span(7, 9)), root, "cpu")
    assert first is not None
    assert again is not None
    assert again.ref.span == Span(7, 9)
    assert models.load(first)[0] is models.load(again)[0]


@pytest.mark.parametrize(
    "other", [ModelRef("path:other"), ModelRef("path:model", dtype="float64")], ids=str
)
def test_another_model_or_dtype_is_opened_anew(root: Path, other: ModelRef) -> None:
    models = Models()
    decoders = []
    for ref in (FIRST, other):
        prospect, _ = models.survey(ref, root, "cpu")
        assert prospect is not None
        decoders.append(models.load(prospect)[0])
    first, second = decoders
    assert first is not None
    assert second is not None
    assert (first.digest, first.dtype) != (second.digest, second.dtype)


def test_what_is_refused_is_refused_again(root: Path) -> None:
    models = Models()
    for _ in range(2):
        prospect, problems = models.survey(ModelRef("path:nothing"), root, "cpu")
        assert prospect is None
        assert problems[0].code == "model-not-found"
