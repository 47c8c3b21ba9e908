from __future__ import annotations

import json
from pathlib import Path

from circuitlang.task.build import build_dataset
from circuitlang.task.dataset import Dataset
from circuitlang.task.tokenizer import Tokenizer
from tests.task.tiny import NAMES, byte_level, compiled, word_level

TASK = """
    data "d.jsonl"
    corrupt abc given
    position S given
    position AFTER after S
    position END last
    metric logit_diff() at END
"""


def record(who: str, other: str, **fields: object) -> dict[str, object]:
    return {
        "clean": f"Then {who} and {other} went to",
        "corrupt": {"abc": f"Then {other} and {who} went to", "unused": "a"},
        "answer": [f" {who}"],
        "against": f" {other}",
        "positions": {"S": [5, 5 + len(who)], "UNUSED": [0, 1]},
        **fields,
    }


def built(
    folder: Path, records: list[dict[str, object]], examples: int, tokenizer: Tokenizer
) -> Dataset:
    text = "\n".join(map(json.dumps, records))
    dataset, problems = build_dataset(
        compiled(folder, TASK, {"d.jsonl": text}).task, tokenizer, examples, 3
    )
    assert dataset is not None, problems
    return dataset


PAIRS = [record(who, other) for who in NAMES for other in NAMES if who != other]


def test_a_line_becomes_an_example(tmp_path: Path) -> None:
    tokenizer = byte_level()
    (example,) = built(tmp_path, [record("Mary", "John")], 1, tokenizer).examples
    assert [tokenizer.token(i) for i in example.clean[2:]] == [
        *(" Mary", " and", " John", " went", " to")
    ]
    assert [tokenizer.token(i) for i in example.corrupt["abc"][2:5]] == [" John", " and", " Mary"]
    assert dict(example.positions) == {"S": (2,), "AFTER": (3,), "END": (6,)}
    (target,) = example.targets
    assert target.position == 6
    assert (target.answer, target.against) == (example.clean[2:3], example.clean[4:5])


def test_a_range_of_several_tokens_means_the_last(tmp_path: Path) -> None:
    several = record("Mary", "John", positions={"S": [0, 9]})
    (example,) = built(tmp_path, [several], 1, word_level()).examples
    assert example.positions["S"] == (1,)


def test_several_answers_are_a_set(tmp_path: Path) -> None:
    tokenizer = word_level()
    several = record("Mary", "John", answer=[" Mary", " Anna", " Mary"])
    (example,) = built(tmp_path, [several], 1, tokenizer).examples
    assert tokenizer.tokens(example.targets[0].answer) == ["Mary", "Anna"]


def test_fewer_lines_are_a_prefix_of_more_and_none_comes_twice(tmp_path: Path) -> None:
    more = built(tmp_path, PAIRS, len(PAIRS), word_level()).examples
    assert built(tmp_path, PAIRS, 7, word_level()).examples == more[:7]
    assert {e.text for e in more} == {pair["clean"] for pair in PAIRS}
    assert [e.text for e in more] != [pair["clean"] for pair in PAIRS]


def test_lines_without_a_template_are_grouped_by_length(tmp_path: Path) -> None:
    longer = record(
        "Mary", "John", clean="Then Mary and John went to the", corrupt={"abc": "a " * 7}
    )
    named = record("Anna", "John", template="mine")
    dataset = built(tmp_path, [record("Paul", "John"), longer, named], 3, word_level())
    groups = {example.text: example.template for example in dataset.examples}
    assert groups == {
        "Then Paul and John went to": "6 tokens",
        "Then Mary and John went to the": "7 tokens",
        "Then Anna and John went to": "mine",
    }
