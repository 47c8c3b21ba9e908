"""The long form for people: the lines of the text that matter, with what is to be seen there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from circuitlang.syntax.diagnostic import Diagnostic, Severity
from circuitlang.syntax.render.cells import columns, visible
from circuitlang.syntax.source import Source

_COLORS = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.NOTE: "1;36"}
_FRAME = "1;34"
_WIDEST = 240  # characters of a line that are shown
_LEAD = 60  # of them before the first mark, where the line is longer


class _Mark(NamedTuple):
    """An underline in one line, in terminal columns."""

    start: int
    end: int
    text: str
    primary: bool


class _Paint(NamedTuple):
    """Puts colours on, or leaves the text as it is."""

    on: bool

    def __call__(self, text: str, color: str) -> str:
        return f"\x1b[{color}m{text}\x1b[0m" if self.on else text


def render(source: Source, shown: tuple[Diagnostic, ...], hidden: int, color: bool) -> str:
    paint = _Paint(color)
    blocks = ["\n".join(_one(source, diagnostic, paint)) + "\n" for diagnostic in shown]
    if hidden:
        blocks.append(f"and {hidden} more\n")
    return "\n".join(blocks)


def _one(source: Source, diagnostic: Diagnostic, paint: _Paint) -> Iterator[str]:
    color = _COLORS[diagnostic.severity]
    title = paint(f"{diagnostic.severity}[{diagnostic.code}]", color)
    yield f"{title}: {visible(diagnostic.message)}"
    lines = _marked_lines(source, diagnostic)
    gutter = len(str(max(lines, default=1)))
    line, column = source.location(diagnostic.span.start)
    place = f"{visible(source.name)}:{line}:{column}" if source.text else visible(source.name)
    yield f"{' ' * gutter}{paint('-->', _FRAME)} {place}"
    if source.text:
        yield from _snippet(source, lines, gutter, color, paint)
    equals = f"{' ' * gutter} {paint('=', _FRAME)}"
    if diagnostic.help is not None:
        yield f"{equals} help: {visible(diagnostic.help)}"
    if diagnostic.note is not None:
        yield f"{equals} note: {visible(diagnostic.note)}"
    yield f"{equals} note: see `circuitlang explain {diagnostic.code}`"


class _Line(NamedTuple):
    """A line of the text as shown, and its marks from left to right."""

    text: str
    marks: tuple[_Mark, ...]


def _marked_lines(source: Source, diagnostic: Diagnostic) -> dict[int, _Line]:
    """Each line that a label begins in, in order."""
    labels: dict[int, list[tuple[int, int, str, bool]]] = {}
    for span, text, primary in (
        (diagnostic.span, diagnostic.label, True),
        *((label.span, label.text, False) for label in diagnostic.secondary),
    ):
        number, column = source.location(span.start)
        length = span.end - span.start
        labels.setdefault(number, []).append((column - 1, length, visible(text), primary))
    return {number: _line(source.line(number), labels[number]) for number in sorted(labels)}


def _line(line: str, labels: Sequence[tuple[int, int, str, bool]]) -> _Line:
    """A span of several lines is underlined in its first; of a very long line a part is shown."""
    first = max(0, min(start for start, *_ in labels) - _LEAD) if len(line) > _WIDEST else 0
    part = line[first : first + _WIDEST]
    text, at = columns(part)
    marks = []
    for column, length, label, primary in labels:
        start = min(column - first, len(part))
        end = min(start + length, len(part))
        marks.append(_Mark(at[start], max(at[end], at[start] + 1), label, primary))
    return _Line(text, tuple(sorted(marks)))


def _snippet(
    source: Source, lines: dict[int, _Line], gutter: int, color: str, paint: _Paint
) -> Iterator[str]:
    bar = paint("|", _FRAME)
    yield f"{' ' * gutter} {bar}"
    last = None
    for number, line in lines.items():
        if last is not None and number == last + 2:
            between, _ = columns(source.line(last + 1)[:_WIDEST])
            yield _row(last + 1, between, gutter, paint)
        elif last is not None and number > last + 1:
            yield f"{' ' * gutter}..."
        yield _row(number, line.text, gutter, paint)
        for below in _underlines(line.marks, color, paint):
            yield f"{' ' * gutter} {bar} {below}"
        last = number


def _row(number: int, text: str, gutter: int, paint: _Paint) -> str:
    return f"{paint(f'{number:>{gutter}}', _FRAME)} {paint('|', _FRAME)} {text}".rstrip()


def _underlines(marks: Sequence[_Mark], color: str, paint: _Paint) -> Iterator[str]:
    """All underlines in one row, the last label beside them, the others below, right to left."""
    row: list[str] = []
    for mark in sorted(marks, key=lambda m: m.primary):  # the primary one on top
        row += [" "] * (mark.end - len(row))
        row[mark.start : mark.end] = ["^" if mark.primary else "-"] * (mark.end - mark.start)
    beside = max(marks, key=lambda m: m.end)
    drawn = "".join(_painted(row, color, paint))
    yield f"{drawn} {beside.text}".rstrip() if beside.text else drawn
    waiting = [mark for mark in marks if mark is not beside and mark.text]
    if waiting:
        yield _hanging(waiting, "")
    while waiting:
        mark = waiting.pop()
        yield _hanging(waiting, " " * mark.start + mark.text)


def _hanging(marks: Sequence[_Mark], text: str) -> str:
    """Strokes below the starts of the marks whose labels are still to come, then a label."""
    row = list(text)
    for mark in marks:
        row += [" "] * (mark.start + 1 - len(row))
        if row[mark.start] == " ":
            row[mark.start] = "|"
    return "".join(row)


def _painted(row: Sequence[str], color: str, paint: _Paint) -> Iterator[str]:
    for char in row:
        yield char if char == " " else paint(char, color if char == "^" else _FRAME)
