"""Reports on what the gate found: one renderer a format, chosen by name."""

from __future__ import annotations

from circuitlang.report.gate.github import gate_to_github
from circuitlang.report.gate.json import gate_to_json
from circuitlang.report.gate.record import Gate
from circuitlang.report.gate.text import gate_to_text

FORMATS = ("text", "json", "github")


def render(gate: Gate, form: str = "text", *, color: bool = False) -> str:
    """What was found in one of `FORMATS`; ends in a line feed. ValueError on any other name."""
    match form:
        case "text":
            return gate_to_text(gate, color=color)
        case "json":
            return gate_to_json(gate)
        case "github":
            return gate_to_github(gate)
        case _:
            raise ValueError(f"no format `{form}`; there are {', '.join(FORMATS)}")
