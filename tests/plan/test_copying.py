"""Which positions are those of the answer's words."""

from __future__ import annotations

from pathlib import Path

import pytest

from circuitlang.plan.plan import make_plan
from circuitlang.plan.request import Copying
from tests.check.specs import NAMES, checked, errors, prompts, spec

POLICY = "ablation = zero examples = 20"
ROLE = "role late at END attending any { head a9.h4 }\n"
CLAIM = "claim c: copying(role=late) >= 50%"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, words in (("names", NAMES), ("places", "park shop")):
        (tmp_path / f"{name}.txt").write_text(words.replace(" ", "\n") + "\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("templates", "expected"),
    [
        (("{A:name} and {B:name} went",), ("A", "B")),
        (("{A:name} and {B:name}, then {C=B} went",), ("A", "B", "C")),
        (("{A:name} and {B:name} went to {P:place}",), ("A", "B")),
        (("{A:name} and {B:name} went", "{A:name}, {B:name}, then {C=A}"), ("A", "B", "C")),
    ],
)
def test_answers_are_the_slots_of_the_answers_list(
    folder: Path, templates: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    task = prompts(*templates, more='words place from "places.txt"')
    circuit, found = checked(spec(ROLE + CLAIM, task=task, policy=POLICY), folder)
    assert circuit is not None, found
    asked = [one for one in make_plan(circuit).requests if isinstance(one, Copying)]
    assert [one.positions for one in asked] == [expected]


def test_a_metric_without_an_answer_names_no_words(folder: Path) -> None:
    task = prompts("{A:name} and {B:name} went", metric="kl()")
    assert errors(spec(ROLE + CLAIM, task=task, policy=POLICY), folder) == ["missing-argument"]
