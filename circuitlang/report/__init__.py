"""Reports: one renderer a format, chosen by name. Nothing here needs numpy or torch."""

from __future__ import annotations

from circuitlang.report.json import to_json
from circuitlang.report.record import Report
from circuitlang.report.text import render_text

FORMATS = ("text", "json")


def render(report: Report, form: str = "text", *, color: bool = False) -> str:
    """The report in one of `FORMATS`, ending in a line feed; ValueError on any other name."""
    match form:
        case "text":
            return render_text(report, color=color)
        case "json":
            return to_json(report)
        case _:
            raise ValueError(f"no report format `{form}`; there are {', '.join(FORMATS)}")
