from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from circuitlang.task.build import build_dataset
from circuitlang.task.dataset import Dataset, Example
from circuitlang.task.tokenizer import Tokenizer
from tests.task.tiny import NAMES, TASK, byte_level, compiled, metaspace, word_level

FAMILIES = pytest.mark.parametrize("tokenizer", [word_level(), byte_level(), metaspace()])
quick = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def built(folder: Path, examples: int, seed: int = 0, task: str = TASK) -> Dataset:
    dataset, problems = build_dataset(compiled(folder, task).task, word_level(), examples, seed)
    assert dataset is not None, problems
    return dataset


@quick
@given(seed=st.integers(0, 2**32 - 1), few=st.integers(1, 30))
def test_fewer_examples_are_a_prefix_of_more(tmp_path: Path, seed: int, few: int) -> None:
    more = built(tmp_path, 30, seed).examples
    assert built(tmp_path, few, seed).examples == more[:few]


@quick
@given(seed=st.integers(0, 2**32 - 1))
def test_no_prompt_comes_twice_and_pairs_align(tmp_path: Path, seed: int) -> None:
    examples = built(tmp_path, 60, seed).examples
    assert len({example.text for example in examples}) == 60
    assert {len(e.clean) for e in examples} == {len(e.corrupt["abc"]) for e in examples} == {15}


def test_every_prompt_can_be_reached(tmp_path: Path) -> None:
    everything = 2 * len(NAMES) * (len(NAMES) - 1) * 3
    texts = {example.text for example in built(tmp_path, everything).examples}
    assert len(texts) == everything


def test_templates_take_turns(tmp_path: Path) -> None:
    assert built(tmp_path, 5).templates == ("abba", "baba", "abba", "baba", "abba")


def test_a_template_without_other_fillings_loses_its_turns(tmp_path: Path) -> None:
    task = """
    words name from "names.txt"
    prompt few "Mary saw the {place}"
    prompt many "{IO:name} saw the {place}"
    words place from "places.txt"
    position END last
    metric kl() at END
"""
    dataset = built(tmp_path, 9, task=task)
    assert dataset.templates == ("few", "many") * 3 + ("many",) * 3
    assert len({example.text for example in dataset.examples}) == 9


def test_another_seed_makes_other_prompts(tmp_path: Path) -> None:
    assert built(tmp_path, 10, 1).digest != built(tmp_path, 10, 2).digest


def test_one_more_corruption_changes_no_other(tmp_path: Path) -> None:
    alone = built(tmp_path, 20)
    both = built(
        tmp_path, 20, task=TASK.replace("position END", "corrupt b swap IO, S1\n position END")
    )
    assert [e.corrupt["abc"] for e in alone.examples] == [e.corrupt["abc"] for e in both.examples]


@FAMILIES
def test_positions_hold_the_words_that_they_name(tmp_path: Path, tokenizer: Tokenizer) -> None:
    dataset, _ = build_dataset(compiled(tmp_path).task, tokenizer, 10, 0)
    assert dataset is not None

    def word(example: Example, name: str) -> str:
        (index,) = example.positions[name]
        return tokenizer.token(example.clean[index]).strip()

    for example in dataset.examples:
        assert word(example, "S1") == word(example, "S2") != word(example, "IO")
        assert {word(example, "S1"), word(example, "IO")} <= set(NAMES)
        assert word(example, "END") == "to"
        after = " ".join(example.text.split()).split(word(example, "S1"), 1)[1].split()[0]
        assert word(example, "S1+1") == after


@FAMILIES
def test_the_answer_is_the_token_that_stands_in_the_prompt(
    tmp_path: Path, tokenizer: Tokenizer
) -> None:
    dataset, _ = build_dataset(compiled(tmp_path).task, tokenizer, 10, 0)
    assert dataset is not None
    for example in dataset.examples:
        (target,) = example.targets
        assert (target.position,) == example.positions["END"]
        assert target.answer == tuple(example.clean[i] for i in example.positions["IO"])
        assert target.against == tuple(example.clean[i] for i in example.positions["S1"])


def test_an_answer_that_opens_the_prompt_is_read_with_a_space(tmp_path: Path) -> None:
    task = """
    words name from "names.txt"
    prompt p "{S1:name} saw a drink, said"
    position END last
    metric log_prob(answer=S1) at END
"""
    tokenizer = byte_level(["saw", "a", "drink", "said", *NAMES, *(f"x\n{n}" for n in NAMES)])
    glued = [f"{name}" for name in NAMES if len(tokenizer.encode(name).ids) == 1]
    assert glued, "the family must know some names without a space"
    circuit = compiled(tmp_path, task, {"names.txt": "\n".join(glued)})
    dataset, problems = build_dataset(circuit.task, tokenizer, len(glued), 0)
    assert dataset is not None, problems
    for example in dataset.examples:
        (token,) = example.targets[0].answer
        assert tokenizer.token(token) == " " + tokenizer.token(example.clean[0])
