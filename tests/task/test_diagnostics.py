"""Each finding of this room as a user sees it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from circuitlang.pages import find_page
from circuitlang.syntax.diagnostic import Findings
from circuitlang.syntax.render import render
from circuitlang.task.build import build_dataset
from circuitlang.task.tokenizer import Tokenizer
from tests.task.tiny import NAMES, TASK, byte_level, compiled, word_level

GOLDEN = Path(__file__).parent / "golden"


class Case(NamedTuple):
    """A task that yields one finding; the case's name starts with its code."""

    task: str
    examples: int = 4
    files: Mapping[str, str] = {}
    tokenizer: Tokenizer = byte_level()
    context: int | None = None


def lines(*records: object) -> dict[str, str]:
    return {"d.jsonl": "\n".join(r if isinstance(r, str) else json.dumps(r) for r in records)}


DATA = """
    data "d.jsonl"
    corrupt abc given
    position S given
    position END last
    metric logit_diff() at END
"""
RECORD = {
    "clean": "Then Mary and John went to",
    "corrupt": {"abc": "Then Anna and John went to"},
    "answer": " Mary",
    "against": " John",
    "positions": {"S": [5, 9]},
}
GENERATED = """
    generate repeated_tokens(length=20)
    corrupt unrepeated given
    position REPEAT given
    position END last
    metric log_prob() at REPEAT
"""
TOO_MANY = """
    generate repeated_tokens(length=200)
    position REPEAT given
    metric kl() at REPEAT
"""
LONG_NAMES = {"names.txt": "\n".join((*NAMES, "Bartholomew", *(f"{name}son" for name in NAMES)))}

CASES = {
    "word-not-one-token": Case(TASK, files=LONG_NAMES),
    "word-not-one-token.unknown": Case(TASK, files=LONG_NAMES, tokenizer=word_level()),
    "word-not-one-token.first": Case(
        TASK.replace("Then, {S1:name} and", "{S1:name} saw").replace("{place}", "{place} to")
    ),
    "word-not-one-token.set": Case(TASK.replace("resample IO, S1, S2", 'set S2 "Bartholomew"')),
    "not-enough-words": Case(TASK, files={"names.txt": "Mary\nJohn\nAnna"}),
    "not-enough-examples": Case(TASK, examples=400),
    "not-enough-examples.lines": Case(DATA, files=lines(RECORD)),
    "not-enough-examples.blocks": Case(
        GENERATED.replace("20", "2"), 50, tokenizer=word_level(["a", "b", "c", "d"])
    ),
    "unchanged-pair": Case(TASK.replace("resample IO, S1, S2", "swap S1, S2")),
    "unchanged-pair.some": Case(TASK.replace("resample IO, S1, S2", 'set IO "Mary"'), examples=40),
    "position-not-found": Case(TASK.replace("S1+1 after S1", "END+1 after END")),
    "misaligned-pair": Case(
        DATA,
        2,
        lines(
            RECORD,
            {
                **RECORD,
                "clean": "Then Mary saw John and Paul went to",
                "corrupt": {"abc": "Then Bartholomew saw John and Paul went to"},
            },
        ),
    ),
    "uneven-template": Case(
        DATA,
        2,
        lines(
            {**RECORD, "template": "one"},
            {
                **RECORD,
                "clean": "Then Mary went to",
                "corrupt": {"abc": "Then Anna went to"},
                "template": "one",
            },
        ),
    ),
    "same-answer": Case(DATA, 1, lines({**RECORD, "against": [" John", " Mary"]})),
    "no-answer": Case(GENERATED.replace("20", "5").replace("at REPEAT", "at END")),
    "no-answer.rival": Case(GENERATED.replace("20", "5").replace("log_prob", "logit_diff")),
    "no-answer.line": Case(DATA, 1, lines({**RECORD, "answer": []})),
    "bad-data-line": Case(
        DATA,
        1,
        lines(
            RECORD,
            "{",
            {**RECORD, "position": {}},
            {**RECORD, "positions": {"S": [5, 900]}},
            {**RECORD, "corrupt": {}},
            '"x"',
            *({"clean": ""} for _ in range(1)),
        ),
    ),
    "bad-data-line.lacks": Case(DATA, 1, lines({**RECORD, "positions": {}})),
    "bad-data-line.answer": Case(DATA, 1, lines({**RECORD, "answer": " Bartholomew"})),
    "bad-data-line.space": Case(DATA, 1, lines({**RECORD, "positions": {"S": [4, 5]}})),
    "not-enough-tokens": Case(GENERATED, tokenizer=word_level()),
    "no-bos": Case(TASK + "    bos = true\n"),
    "prompt-too-long": Case(TASK, context=10),
    "too-many-slots": Case(
        TASK.replace("went to the {place}", "went to the" + " {place}" * 98),
        files={"places.txt": "\n".join(f"place{i}" for i in range(98))},
    ),
    "too-many-tokens": Case(TOO_MANY, 100_000),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_finding_reads_well(name: str, tmp_path: Path, update_goldens: bool) -> None:
    case = CASES[name]
    circuit = compiled(tmp_path, case.task, case.files)
    dataset, problems = build_dataset(
        circuit.task, case.tokenizer, case.examples, 0, context=case.context
    )
    assert {problem.code for problem in problems} == {name.split(".", maxsplit=1)[0]}
    assert (dataset is None) == (name != "unchanged-pair.some")
    seen = render(Findings(replace(circuit.source, name="task.circuit"), problems))
    golden = GOLDEN / f"{name}.txt"
    if update_goldens:
        golden.write_text(seen, encoding="utf-8")
    assert seen == golden.read_text(encoding="utf-8")


def test_every_golden_belongs_to_a_case() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(CASES)


@pytest.mark.parametrize("code", sorted({name.split(".")[0] for name in CASES}))
def test_every_code_has_a_page(code: str) -> None:
    page = find_page(code)
    assert page is not None
    assert page.startswith(f"# {code}\n")
    assert "\n## Fails\n" in page
    assert "\n## Passes\n" in page
