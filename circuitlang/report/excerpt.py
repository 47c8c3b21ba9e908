"""A claim's line of the source with its name underlined."""

from __future__ import annotations

from circuitlang.syntax.render.cells import columns, visible
from circuitlang.syntax.source import Source, Span


def excerpt(source: Source, span: Span, path: str, label: str) -> tuple[str, ...]:
    """Lines that show ``span`` in the style of compilers; only the place where the circuit has no
    source text."""
    if not source.text:
        return (f"  --> {visible(path)}",)
    line, column = source.location(span.start)
    text, at = columns(source.line(line))
    last = min(column - 1 + span.end - span.start, len(at) - 1)
    width = max(1, at[last] - at[column - 1])
    margin = " " * len(str(line))
    return (
        f"{margin} --> {visible(path)}:{line}:{column}",
        f"{margin} |",
        f"{line} | {text}",
        f"{margin} | {' ' * at[column - 1]}{'^' * width} {label}".rstrip(),
    )
