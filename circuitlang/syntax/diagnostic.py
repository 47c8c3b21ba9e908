"""The one diagnostic object. Checkers build it, renderers print it, nothing raises it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum

from circuitlang.syntax.source import Source, Span


class Severity(IntEnum):
    """Ordered so that ``max`` of several severities is the worst."""

    NOTE = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Label:
    """A place in the source and what is to be seen there."""

    span: Span
    text: str = ""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding about a source text.

    ``message`` is one sentence, lower case, without a full stop: what is there and what was
    needed. ``label`` is the text under the primary span. ``help`` can be pasted.
    """

    code: str
    message: str
    span: Span
    label: str = ""
    secondary: tuple[Label, ...] = ()
    help: str | None = None
    note: str | None = None
    severity: Severity = field(default=Severity.ERROR)


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    return any(d.severity is Severity.ERROR for d in diagnostics)


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sorted by place, without exact repetitions."""
    return tuple(sorted(dict.fromkeys(diagnostics), key=lambda d: (d.span, d.code, d.message)))


@dataclass(frozen=True)
class Findings:
    """Diagnostics together with the source they point into."""

    source: Source
    diagnostics: tuple[Diagnostic, ...]

    @property
    def failed(self) -> bool:
        return has_errors(self.diagnostics)
