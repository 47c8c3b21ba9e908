"""Reports on a difference of two hypotheses: one renderer a format, chosen by name."""

from __future__ import annotations

from circuitlang.circuit.circuit import Circuit
from circuitlang.circuit.difference import Difference
from circuitlang.report.diff.behaviour import render_behaviour
from circuitlang.report.diff.json import difference_to_json
from circuitlang.report.diff.markdown import behaviour_to_markdown, difference_to_markdown
from circuitlang.report.diff.record import Behaviour
from circuitlang.report.diff.text import render_difference

FORMATS = ("text", "json", "markdown", "html")


def render(
    difference: Difference,
    form: str = "text",
    *,
    behaviour: Behaviour | None = None,
    circuits: tuple[Circuit, Circuit] | None = None,
    color: bool = False,
) -> str:
    """The difference in one of `FORMATS`, and what running both came to; ends in a line feed.
    ``circuits`` are the two that were compared, for the format that draws them. ValueError on any
    other name."""
    match form:
        case "text":
            text = render_difference(difference, color=color)
            return text + (f"\n{render_behaviour(behaviour, color=color)}" if behaviour else "")
        case "json":
            return difference_to_json(difference, behaviour)
        case "markdown":
            text = difference_to_markdown(difference)
            return text + (f"\n{behaviour_to_markdown(behaviour)}" if behaviour else "")
        case "html":
            # Templates are loaded only where a page is made.
            from circuitlang.report.diff.html import difference_to_html

            return difference_to_html(difference, behaviour, circuits)
        case _:
            raise ValueError(f"no format `{form}`; there are {', '.join(FORMATS)}")
