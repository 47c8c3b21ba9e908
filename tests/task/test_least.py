"""As many examples as there are, down to the least that will do."""

from __future__ import annotations

from pathlib import Path

import pytest

from circuitlang.task import prompts
from circuitlang.task.build import build_dataset
from tests.task.tiny import compiled, word_level

MANY = 100_000


def test_where_there_are_not_so_many_those_that_there_are_will_do(tmp_path: Path) -> None:
    task = compiled(tmp_path).task
    every, _ = build_dataset(task, word_level(), MANY, 0, least=5)
    assert every is not None
    assert 5 <= len(every) < MANY
    none, problems = build_dataset(task, word_level(), MANY, 0, least=len(every) + 1)
    assert none is None
    assert problems[0].code == "not-enough-examples"
    assert f"{len(every) + 1:,} examples asked for" in problems[0].message
    first, _ = build_dataset(task, word_level(), 5, 0)
    assert first is not None
    assert every.examples[:5] == first.examples


def test_the_bound_on_tokens_is_where_a_larger_data_set_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = compiled(tmp_path).task
    five, _ = build_dataset(task, word_level(), 5, 0)
    assert five is not None
    tokens = sum(len(one.clean) * (1 + len(one.corrupt)) for one in five.examples)
    monkeypatch.setattr(prompts, "MOST_TOKENS", tokens)
    found, _ = build_dataset(task, word_level(), 50, 0, least=5)
    assert found is not None
    assert found.examples == five.examples
    none, problems = build_dataset(task, word_level(), 50, 0, least=6)
    assert none is None
    assert problems[0].code == "too-many-tokens"
