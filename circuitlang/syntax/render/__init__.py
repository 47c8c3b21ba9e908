"""Diagnostics as text for people, editors and machines. One file a format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from circuitlang.syntax.diagnostic import Diagnostic, Findings, in_order
from circuitlang.syntax.render import concise, full, github, json
from circuitlang.syntax.source import Source

Renderer = Callable[[Source, tuple[Diagnostic, ...], int, bool], str]

FORMATS: Mapping[str, Renderer] = MappingProxyType(
    {
        "full": full.render,
        "concise": concise.render,
        "json": json.render,
        "github": github.render,
    }
)


def render(
    findings: Findings,
    format: str = "full",  # noqa: A002
    limit: int = 20,
    color: bool = False,
) -> str:
    """All findings in the order of the text, in one of `FORMATS`.

    At most ``limit`` are shown and the others counted, but in ``json``, which is for programs and
    leaves nothing out. ``color`` adds ANSI colours to ``full`` and ``concise``. Control characters
    of the text come out as visible signs. Raises KeyError for an unknown format.
    """
    ordered = in_order(findings.diagnostics)
    if format == "json":
        limit = len(ordered)
    hidden = max(0, len(ordered) - limit)
    return FORMATS[format](findings.source, ordered[: len(ordered) - hidden], hidden, color)
