"""A source text and the spans that point into it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range ``[start, end)`` of character offsets in one source text."""

    start: int
    end: int

    def to(self, other: Span) -> Span:
        """The smallest span that covers both."""
        return Span(min(self.start, other.start), max(self.end, other.end))


NOWHERE = Span(0, 0)


@dataclass(frozen=True)
class Source:
    """The text of one ``.circuit`` file and the name it is shown under."""

    text: str
    name: str = "<input>"

    @cached_property
    def _line_starts(self) -> tuple[int, ...]:
        starts = [0]
        for offset, char in enumerate(self.text):
            if char == "\n":
                starts.append(offset + 1)
        return tuple(starts)

    @property
    def line_count(self) -> int:
        return len(self._line_starts)

    def location(self, offset: int) -> tuple[int, int]:
        """The 1-based line and column of a character offset."""
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a 1-based line, without its line ending."""
        return self.slice(self.line_span(number)).rstrip("\r")

    def line_span(self, number: int) -> Span:
        """Where a 1-based line is, up to its line feed."""
        start = self._line_starts[number - 1]
        end = self.text.find("\n", start)
        return Span(start, len(self.text) if end < 0 else end)

    def slice(self, span: Span) -> str:
        return self.text[span.start : span.end]
