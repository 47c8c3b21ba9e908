"""Reports: one renderer a format, chosen by name. Nothing here needs numpy or torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from circuitlang.report import github, html, json, junit, markdown, sarif, text
from circuitlang.report.blocked import Blocked
from circuitlang.report.look import PLAIN, Look
from circuitlang.report.record import Report

Renderer = Callable[[Sequence[Report | Blocked], Look], str]

# To add a format, add a file with a `Renderer` and its line here.
FORMATS: Mapping[str, Renderer] = MappingProxyType(
    {
        "text": text.render,
        "json": json.render,
        "junit": junit.render,
        "sarif": sarif.render,
        "github": github.render,
        "markdown": markdown.render,
        "html": html.render,
    }
)


def render_all(results: Sequence[Report | Blocked], form: str = "text", look: Look = PLAIN) -> str:
    """All results in one document of one of `FORMATS`, ending in a line feed.

    A spec that was blocked is in every format. Raises ValueError for an unknown format.
    """
    if form not in FORMATS:
        raise ValueError(f"no report format `{form}`; there are {', '.join(FORMATS)}")
    return FORMATS[form](results, look)


def render(
    result: Report | Blocked, form: str = "text", *, color: bool = False, explain: bool = False
) -> str:
    """One result in one of `FORMATS`; see `render_all`."""
    return render_all((result,), form, Look(color, explain))
