"""One line a finding, as compilers and linters print it: editors find their way from it."""

from __future__ import annotations

from circuitlang.syntax.diagnostic import Diagnostic, Severity
from circuitlang.syntax.render.cells import visible
from circuitlang.syntax.source import Source

_COLORS = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.NOTE: "1;36"}


def render(source: Source, shown: tuple[Diagnostic, ...], hidden: int, color: bool) -> str:
    lines = []
    for diagnostic in shown:
        line, column = source.location(diagnostic.span.start)
        title = f"{diagnostic.severity}[{diagnostic.code}]"
        if color:
            title = f"\x1b[{_COLORS[diagnostic.severity]}m{title}\x1b[0m"
        place = f"{visible(source.name)}:{line}:{column}"
        lines.append(f"{place}: {title}: {visible(diagnostic.message)}\n")
    if hidden:
        lines.append(f"and {hidden} more\n")
    return "".join(lines)
