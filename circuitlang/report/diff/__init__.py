"""Reports on a difference of two hypotheses: one renderer a format, chosen by name."""

from __future__ import annotations

from circuitlang.circuit.difference import Difference
from circuitlang.report.diff.json import difference_to_json
from circuitlang.report.diff.markdown import difference_to_markdown
from circuitlang.report.diff.text import render_difference

FORMATS = ("text", "json", "markdown")


def render(difference: Difference, form: str = "text", *, color: bool = False) -> str:
    """The difference in one of `FORMATS`, ending in a line feed; ValueError on any other name."""
    match form:
        case "text":
            return render_difference(difference, color=color)
        case "json":
            return difference_to_json(difference)
        case "markdown":
            return difference_to_markdown(difference)
        case _:
            raise ValueError(f"no format `{form}`; there are {', '.join(FORMATS)}")
