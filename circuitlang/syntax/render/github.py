"""Workflow commands, which GitHub shows as annotations beside the lines of a pull request."""

from __future__ import annotations

from circuitlang.syntax.diagnostic import Diagnostic, Severity
from circuitlang.syntax.render.cells import visible
from circuitlang.syntax.source import Source, Span

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(source: Source, shown: tuple[Diagnostic, ...], hidden: int, color: bool) -> str:
    lines = [_command(source, diagnostic) for diagnostic in shown]
    if hidden:
        lines.append(f"::notice file={_property(source.name)}::and {hidden} more\n")
    return "".join(lines)


def _command(source: Source, diagnostic: Diagnostic) -> str:
    message = diagnostic.message
    if diagnostic.help is not None:
        message += f"\nhelp: {diagnostic.help}"
    level = _LEVELS[diagnostic.severity]
    return command(level, source, diagnostic.span, diagnostic.code, message)


def command(level: str, source: Source, span: Span, title: str, message: str) -> str:
    """One annotation, ending in a line feed. ``level`` is error, warning or notice."""
    line, column = source.location(span.start)
    end_line, end_column = source.location(span.end)
    properties = {
        "file": source.name,
        "line": line,
        "col": column,
        "endLine": end_line,
        "endColumn": end_column,
        "title": title,
    }
    listed = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{level} {listed}::{_data(message)}\n"


def _data(text: str) -> str:
    """The escapes of a message: a raw line break would end the command and begin the next."""
    lines = (visible(line) for line in text.split("\n"))
    return "%0A".join(line.replace("%", "%25") for line in lines)


def _property(text: str) -> str:
    return visible(text).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
