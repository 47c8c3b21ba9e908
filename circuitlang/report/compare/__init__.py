"""Reports on rival circuits: one renderer a format, chosen by name."""

from __future__ import annotations

from circuitlang.report.compare.json import comparison_to_json
from circuitlang.report.compare.markdown import comparison_to_markdown
from circuitlang.report.compare.record import Comparison
from circuitlang.report.compare.text import render_comparison

FORMATS = ("text", "json", "markdown")


def render(comparison: Comparison, form: str = "text", *, color: bool = False) -> str:
    """The comparison in one of `FORMATS`, ending in a line feed; ValueError on any other name."""
    match form:
        case "text":
            return render_comparison(comparison, color=color)
        case "json":
            return comparison_to_json(comparison)
        case "markdown":
            return comparison_to_markdown(comparison)
        case _:
            raise ValueError(f"no format `{form}`; there are {', '.join(FORMATS)}")
