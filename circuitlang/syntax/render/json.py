"""A list of objects for programs. Lines and columns count from 1, offsets from 0, in characters;
an end is the first place behind."""

from __future__ import annotations

import json
from typing import Any

from circuitlang.syntax.diagnostic import Diagnostic
from circuitlang.syntax.source import Source, Span


def render(source: Source, shown: tuple[Diagnostic, ...], hidden: int, color: bool) -> str:
    return json.dumps([as_object(source, diagnostic) for diagnostic in shown], indent=2) + "\n"


def as_object(source: Source, diagnostic: Diagnostic) -> dict[str, Any]:
    """One finding as plain values."""
    return {
        "code": diagnostic.code,
        "severity": str(diagnostic.severity),
        "message": diagnostic.message,
        "path": source.name,
        **_range(source, diagnostic.span),
        "label": diagnostic.label,
        "labels": [
            {"text": label.text, **_range(source, label.span)} for label in diagnostic.secondary
        ],
        "help": diagnostic.help,
        "note": diagnostic.note,
    }


def _range(source: Source, span: Span) -> dict[str, Any]:
    return {"start": _place(source, span.start), "end": _place(source, span.end)}


def _place(source: Source, offset: int) -> dict[str, int]:
    line, column = source.location(offset)
    return {"line": line, "column": column, "offset": offset}
