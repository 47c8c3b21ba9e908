"""The table of measures in `docs/measures.md`, made from the registry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from circuitlang.circuit.circuit import Search
from circuitlang.plan.measures import MEASURES
from circuitlang.plan.measures.base import Arguments, Measure, Parameter

# What a formula shows where a name of the user's own would stand.
_PLACEHOLDERS = {"role": "R", "receiver": "R", "component": "X"}
_POSITIONS = {"from": "P", "to": "Q"}


def measures_table() -> str:
    """One row a measure and form, as a Markdown table that ends in a line feed."""
    header = ("call", "what it is", "formula", "percent", "source")
    rows = (row for _, measure in sorted(MEASURES.items()) for row in _rows(measure))
    return "".join(map(_line, (header, ("---",) * len(header), *rows)))


def _line(cells: Iterable[str]) -> str:
    escaped = (cell.replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(escaped)} |\n"


def _rows(measure: Measure) -> Iterator[tuple[str, ...]]:
    for number, arguments in enumerate(_forms(measure.parameters)):
        yield (
            f"`{_call(measure, arguments)}`",
            measure.summary if number == 0 else "",
            f"`{measure.formula(arguments)}`",
            "yes" if measure.relative(arguments) else "no",
            measure.reference if number == 0 else "",
        )


def _forms(parameters: Iterable[Parameter]) -> Iterator[Arguments]:
    """Arguments for every combination of required choices and searches; defaults and placeholders
    else."""
    parameters = tuple(parameters)
    values = [
        tuple(map(Search, p.choices))
        if p.kind == "search"
        else p.choices
        if p.required and p.choices
        else (_POSITIONS[p.name] if p.kind == "position" else _PLACEHOLDERS[p.kind],)
        if p.required
        else (p.default,)
        for p in parameters
    ]
    for combination in product(*values):
        named = zip((p.name for p in parameters), combination, strict=True)
        yield {name: value for name, value in named if value is not None}


def _call(measure: Measure, arguments: Arguments) -> str:
    return f"{measure.name}({', '.join(f'{k}={v}' for k, v in arguments.items())})"
