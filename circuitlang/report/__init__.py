"""Reports: one renderer a format, chosen by name. Nothing here needs numpy or torch."""

from __future__ import annotations

from circuitlang.report.blocked import Blocked, blocked_to_json
from circuitlang.report.json import to_json
from circuitlang.report.record import Report
from circuitlang.report.text import render_text

FORMATS = ("text", "json")


def render_result(
    result: Report | Blocked, form: str = "text", *, color: bool = False, explain: bool = False
) -> str:
    """A verification, whether it came to verdicts or was blocked.

    A blocked one has no text of its own: its findings are shown as diagnostics.
    """
    if isinstance(result, Report):
        return render(result, form, color=color, explain=explain)
    return blocked_to_json(result) if form == "json" else ""


def render(
    report: Report, form: str = "text", *, color: bool = False, explain: bool = False
) -> str:
    """The report in one of `FORMATS`, ending in a line feed; ValueError on any other name.
    ``explain`` adds to the text why each claim was measured; JSON says so anyway."""
    match form:
        case "text":
            return render_text(report, color=color, explain=explain)
        case "json":
            return to_json(report)
        case _:
            raise ValueError(f"no report format `{form}`; there are {', '.join(FORMATS)}")
