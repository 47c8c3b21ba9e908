"""A claim's line of the source with its name underlined."""

from __future__ import annotations

from circuitlang.syntax.source import Source, Span


def excerpt(source: Source, span: Span, path: str, label: str) -> tuple[str, ...]:
    """Lines that show ``span`` in the style of compilers; only the place where the circuit has no
    source text."""
    if not source.text:
        return (f"  --> {path}",)
    line, column = source.location(span.start)
    text = source.line(line)
    width = max(1, min(span.end - span.start, len(text) - column + 1))
    margin = " " * len(str(line))
    return (
        f"{margin} --> {path}:{line}:{column}",
        f"{margin} |",
        f"{line} | {text.expandtabs(1)}",
        f"{margin} | {' ' * (column - 1)}{'^' * width} {label}".rstrip(),
    )
