from __future__ import annotations

from dataclasses import replace

from circuitlang.circuit.circuit import (
    GeneratedData,
    PositionDef,
    PromptData,
    PromptTemplate,
    Slot,
    TaskSpec,
)
from circuitlang.plan.layouts import estimated_layouts
from tests.plan.circuits import circuit

TEMPLATE = PromptTemplate(
    "abba",
    (
        "Then, ",
        Slot("IO", "name"),
        " and ",
        Slot("S1", "name"),
        " met. ",
        Slot("S2", None, "S1"),
        " gave to",
    ),
)
RULES = {
    rule.name: rule
    for rule in (
        PositionDef("IO", "slot"),
        PositionDef("S1", "slot"),
        PositionDef("S2", "slot"),
        PositionDef("S1+1", "after", "S1"),
        PositionDef("FAR", "after", "END"),
        PositionDef("END", "last"),
    )
}


def of(task: TaskSpec) -> list[tuple[int, dict[str, tuple[int, ...]], tuple[int, ...]]]:
    layouts = estimated_layouts(replace(circuit(), task=task))
    return [
        (one.length, {k: tuple(at) for k, at in one.positions.items()}, tuple(one.read))
        for one in layouts
    ]


def test_a_template_has_a_token_a_word() -> None:
    task = replace(circuit().task, data=PromptData((TEMPLATE,), {}), positions=RULES)
    places = {"IO": (1,), "S1": (3,), "S2": (5,), "S1+1": (4,), "FAR": (), "END": (7,)}
    assert of(task) == [(8, places, (7,))]
    shifted = {name: tuple(i + 1 for i in at) for name, at in places.items()}
    assert of(replace(task, bos=True)) == [(9, shifted, (8,))]


def test_generated_sequences_are_read_in_their_last_copy() -> None:
    data = GeneratedData("repeated_tokens", {"length": 4, "copies": 2})
    task = replace(circuit().task, data=data, positions={"END": PositionDef("END", "given")})
    assert of(task) == [(8, {"END": (4, 5, 6)}, (4, 5, 6))]


def test_a_data_file_is_not_guessed() -> None:
    assert of(circuit().task) == []
