"""What `docs/tasks.md` shows holds."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from circuitlang.circuit.circuit import Circuit
from circuitlang.pages import known_codes
from circuitlang.pipeline.compile import compile_source
from circuitlang.syntax.source import Source
from circuitlang.task import limits
from circuitlang.task.build import build_dataset
from circuitlang.task.jsonl import Line, parse_line
from circuitlang.task.tokenizer import Tokenizer
from tests.task.tiny import FRAME, NAMES, PLACES, byte_level, compiled

PAGE = (Path(__file__).parents[2] / "docs" / "tasks.md").read_text(encoding="utf-8")
WORDS = ("The", "capital", "of", "is", "France", "Spain", "Italy", "Paris", "Madrid", "Rome")


def fences(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return byte_level((*FRAME, *NAMES, *PLACES, *WORDS))


@pytest.mark.parametrize("text", fences("circuit"))
def test_the_specs_build_all_their_examples(
    text: str, tmp_path: Path, tokenizer: Tokenizer
) -> None:
    (tmp_path / "names.txt").write_text("\n".join(NAMES))
    (tmp_path / "places.txt").write_text("\n".join(PLACES))
    found = compile_source(Source(text), tmp_path, date(2027, 1, 1))
    assert isinstance(found.circuit, Circuit), found.findings.diagnostics
    policy = found.circuit.policy
    dataset, problems = build_dataset(found.circuit.task, tokenizer, policy.examples, policy.seed)
    assert dataset is not None, problems
    assert len(dataset) == policy.examples


def test_the_data_file_is_one(tmp_path: Path, tokenizer: Tokenizer) -> None:
    (text,) = fences("jsonl")
    assert all(isinstance(parse_line(1, line.encode()), Line) for line in text.splitlines())
    task = """
    data "d.jsonl"
    corrupt other given
    position LAND given
    position END last
    metric logit_diff() at END
"""
    circuit = compiled(tmp_path, task, {"d.jsonl": text})
    dataset, problems = build_dataset(circuit.task, tokenizer, 2, 0)
    assert dataset is not None, problems
    lands = {tokenizer.token(e.clean[e.positions["LAND"][-1]]) for e in dataset.examples}
    assert lands == {" France", " Spain"}


def test_the_codes_it_names_exist() -> None:
    codes = set(re.findall(r"\(`([a-z]+(?:-[a-z]+)+)`\)", PAGE))
    assert len(codes) > 8
    assert codes <= set(known_codes())


def test_the_bounds_it_names_hold() -> None:
    assert f"{limits.MOST_TOKENS:,} tokens" in PAGE
    assert f"{limits.MOST_LINES:,} lines" in PAGE
    assert f"{limits.MOST_BYTES >> 20} MiB" in PAGE
