from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from circuitlang.check.vocabulary import GENERATORS as VOCABULARY
from circuitlang.task.build import build_dataset
from circuitlang.task.dataset import Dataset
from circuitlang.task.generate import GENERATORS
from circuitlang.task.repeated import repeated_blocks
from tests.task.tiny import compiled, word_level

TOKENIZER = word_level([f"w{i}" for i in range(40)])


def task(length: int, copies: int, bos: bool = False) -> str:
    return f"""
    generate repeated_tokens(length={length}, copies={copies})
    corrupt unrepeated given
    position REPEAT given
    metric log_prob() at REPEAT
    bos = {str(bos).lower()}
"""


def built(folder: Path, text: str, examples: int, seed: int = 0) -> Dataset:
    dataset, problems = build_dataset(compiled(folder, text).task, TOKENIZER, examples, seed)
    assert dataset is not None, problems
    return dataset


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(length=st.integers(2, 20), copies=st.integers(2, 4), seed=st.integers(0, 2**32 - 1))
def test_blocks_repeat_and_their_corruption_does_not(
    tmp_path: Path, length: int, copies: int, seed: int
) -> None:
    for example in built(tmp_path, task(length, copies), 3, seed).examples:
        block = example.clean[:length]
        assert example.clean == block * copies
        assert len(set(block)) == length
        corrupt = example.corrupt["unrepeated"]
        assert len(corrupt) == len(example.clean)
        assert corrupt[-length:] == block
        assert not set(corrupt[:-length]) & set(block)


def test_each_repeated_token_asks_for_the_next_one(tmp_path: Path) -> None:
    (example,) = built(tmp_path, task(4, 3, bos=True), 1).examples
    assert example.clean[0] == TOKENIZER.bos
    assert example.positions["REPEAT"] == (9, 10, 11)
    assert [target.position for target in example.targets] == [9, 10, 11]
    assert [target.answer for target in example.targets] == [(t,) for t in example.clean[10:]]
    # The same token followed "last time", four tokens ago.
    assert [target.answer for target in example.targets] == [(t,) for t in example.clean[6:9]]


def test_fewer_sequences_are_a_prefix_of_more() -> None:
    more = repeated_blocks(TOKENIZER, 5, 2, 20, 9)
    assert repeated_blocks(TOKENIZER, 5, 2, 6, 9) == more[:6]
    assert len(set(more)) == 20


def test_only_ordinary_tokens_are_drawn() -> None:
    drawn = {token for ids in repeated_blocks(TOKENIZER, 40, 2, 3, 0) for token in ids}
    assert drawn == set(TOKENIZER.ordinary)


def test_a_small_vocabulary_has_few_blocks() -> None:
    few = word_level(["a", "b", "c"])
    assert len(repeated_blocks(few, 2, 2, 50, 0)) == 6
    with pytest.raises(ValueError, match="no 4 different tokens among 3"):
        repeated_blocks(few, 4, 2, 1, 0)


def test_the_registry_and_the_language_name_the_same_generators() -> None:
    brought = {name: (g.positions, g.corruptions) for name, g in GENERATORS.items()}
    assert brought == {name: (v.positions, v.corruptions) for name, v in VOCABULARY.items()}
