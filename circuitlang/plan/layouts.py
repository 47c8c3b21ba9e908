"""Examples as the planner sees them, guessed from the task's text before a tokenizer is opened."""

from __future__ import annotations

from collections.abc import Mapping

from circuitlang.circuit.circuit import (
    Circuit,
    GeneratedData,
    PositionDef,
    PromptData,
    PromptTemplate,
)
from circuitlang.plan.classes import Layout


def estimated_layouts(circuit: Circuit) -> tuple[Layout, ...]:
    """One layout a template, one token a word; or one for all generated sequences, which read the
    last copy but its last token. Empty for a data file, whose prompts are not known yet."""
    task = circuit.task
    match task.data:
        case PromptData(templates=templates):
            marked = [_words(template, int(task.bos)) for template in templates]
        case GeneratedData(arguments=arguments) if {"length", "copies"} <= arguments.keys():
            length = arguments["length"] * arguments["copies"] + task.bos
            last = tuple(range(length - arguments["length"], length - 1))
            given = [name for name, rule in task.positions.items() if rule.rule == "given"]
            marked = [(length, dict.fromkeys(given, last))]
        case _:
            return ()
    first = int(task.bos)
    layouts = []
    for length, marks in marked:
        places = {
            name: _place(name, task.positions, marks, first, length) for name in task.positions
        }
        layouts.append(Layout(length, places, places.get(task.metric.at, (length - 1,))))
    return tuple(layouts)


def _words(template: PromptTemplate, first: int) -> tuple[int, dict[str, tuple[int, ...]]]:
    """How many words the template has, and at which of them its named slots are."""
    text, marks = "", dict[str, tuple[int, ...]]()
    for part in template.parts:
        if isinstance(part, str):
            text += part
            continue
        text += "x"
        if part.position is not None:
            marks[part.position] = (first + len(text.split()) - 1,)
    return first + len(text.split()), marks


def _place(
    name: str,
    rules: Mapping[str, PositionDef],
    marks: Mapping[str, tuple[int, ...]],
    first: int,
    length: int,
) -> tuple[int, ...]:
    """Follows a rule to its anchor; empty where that leads nowhere in this template."""
    shift = 0
    for _ in rules:
        rule = rules.get(name)
        if name in marks:
            found = marks[name]
        elif rule is None or rule.rule in ("slot", "given"):
            return ()
        elif rule.rule in ("first", "last"):
            found = (first if rule.rule == "first" else length - 1,)
        else:
            shift += 1 if rule.rule == "after" else -1
            name = rule.anchor or ""
            continue
        return tuple(at + shift for at in found if 0 <= at + shift < length)
    return ()
