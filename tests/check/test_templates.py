from __future__ import annotations

from pathlib import Path

import pytest

from circuitlang.circuit.circuit import PromptData, Slot
from tests.check.specs import checked, errors, only, prompts, spec

FEW = "ablation = zero examples = 100"
METRIC = "logit_diff(answer=A, against=B)"


def parts(template: str, folder: Path) -> tuple[str | Slot, ...]:
    circuit, found = checked(spec(task=prompts(template), policy=FEW), folder)
    assert circuit is not None, found
    assert isinstance(circuit.task.data, PromptData)
    return circuit.task.data.templates[0].parts


def test_slots_and_text_in_turn(folder: Path) -> None:
    assert parts("{A:name} met {B:name}. {C=A} saw {name}", folder) == (
        Slot("A", "name"),
        " met ",
        Slot("B", "name"),
        ". ",
        Slot("C", None, "A"),
        " saw ",
        Slot(None, "name"),
    )


def test_doubled_braces_are_text(folder: Path) -> None:
    assert parts("{A:name} {{and}} {B:name}", folder)[1] == " {and} "


@pytest.mark.parametrize(
    ("template", "at"),
    [
        ("{A:name} met {B:name} {", "{"),
        ("{A:name} met {B:name} }", "}"),
        ("{A:name} met {B:name} {}", "{}"),
        ("{A:name} met {B:name} {A:b:c}", "{A:b:c}"),
        ("{A:name} met {B:name} {c:name}", "{c:name}"),
        ("{A:name} met {B:name} { name }", "{ name }"),
    ],
)
def test_the_brace_that_is_wrong_is_pointed_at(template: str, at: str, folder: Path) -> None:
    found, seen = only(spec(task=prompts(template), policy=FEW), folder)
    assert (found.code, seen) == ("bad-template", at)


def test_places_are_right_behind_escapes(folder: Path) -> None:
    template = '\\"{A:name}\\" met\\n{B:names}'
    found, seen = only(spec(task=prompts(template), policy=FEW), folder)
    assert (found.code, seen, found.help) == ("unknown-words", "names", "did you mean `name`?")


@pytest.mark.parametrize("repeat", ["{C=D}", "{C=C}"])
def test_a_repeated_slot_has_to_be_drawn(repeat: str, folder: Path) -> None:
    text = spec(task=prompts("{A:name} {B:name} " + repeat), policy=FEW)
    assert errors(text, folder) == ["unknown-slot"]


@pytest.mark.parametrize(
    ("templates", "available"),
    [
        (["{A:name} {B:name}"], 12 * 11),
        (["{A:name} {B:name} {C=A}"], 12 * 11),
        (["{A:name} {B:name} {name}"], 12 * 11 * 10),
        (["{A:name} {B:name}", "{B:name} and {A:name}"], 2 * 12 * 11),
    ],
)
def test_no_more_examples_than_fillings(templates: list[str], available: int, folder: Path) -> None:
    def asked(examples: int) -> list[str]:
        policy = f"ablation = zero examples = {examples}"
        return errors(spec(task=prompts(*templates), policy=policy), folder)

    assert asked(available) == []
    assert asked(available + 1) == ["not-enough-examples"]


def test_slots_of_one_list_need_as_many_words(folder: Path) -> None:
    (folder / "names.txt").write_text("Anna\n", encoding="utf-8")
    text = spec(task=prompts("{A:name} {B:name}"), policy=FEW)
    assert errors(text, folder) == ["not-enough-words"]


def test_huge_counts_cost_nothing(folder: Path) -> None:
    template = "{A:name} {B:name} " + "{other} " * 500
    (folder / "other.txt").write_text("\n".join(map(str, range(5000))), encoding="utf-8")
    task = prompts(template, more='words other from "other.txt"')
    assert errors(spec(task=task, policy=FEW), folder) == []
