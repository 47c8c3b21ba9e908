"""The long form for people: the lines of the text that matter, with what is to be seen there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from circuitlang.syntax.diagnostic import Diagnostic, Severity
from circuitlang.syntax.render.cells import columns, visible
from circuitlang.syntax.source import Source, Span

_COLORS = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.NOTE: "1;36"}
_FRAME = "1;34"


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


def _marked_lines(source: Source, diagnostic: Diagnostic) -> dict[int, list[_Mark]]:
    """Each line with a label in it, in order, and its marks from left to right."""
    found: dict[int, list[_Mark]] = {}
    labels = [(diagnostic.span, diagnostic.label, True)]
    labels += [(label.span, label.text, False) for label in diagnostic.secondary]
    for span, text, primary in labels:
        number, mark = _mark(source, span, text, primary)
        found.setdefault(number, []).append(mark)
    return {number: sorted(found[number]) for number in sorted(found)}


def _mark(source: Source, span: Span, text: str, primary: bool) -> tuple[int, _Mark]:
    """A span of several lines is underlined in its first."""
    number, column = source.location(span.start)
    line = source.line(number)
    _, at = columns(line)
    start = min(column - 1, len(line))
    end = min(start + span.end - span.start, len(line))
    return number, _Mark(at[start], max(at[end], at[start] + 1), visible(text), primary)


def _snippet(
    source: Source, lines: dict[int, list[_Mark]], gutter: int, color: str, paint: _Paint
) -> Iterator[str]:
    bar = paint("|", _FRAME)
    yield f"{' ' * gutter} {bar}"
    last = None
    for number, marks in lines.items():
        if last is not None and number == last + 2:
            yield _row(source, last + 1, gutter, paint)
        elif last is not None and number > last + 1:
            yield f"{' ' * gutter}..."
        yield _row(source, number, gutter, paint)
        for below in _underlines(marks, color, paint):
            yield f"{' ' * gutter} {bar} {below}"
        last = number


def _row(source: Source, number: int, gutter: int, paint: _Paint) -> str:
    text, _ = columns(source.line(number))
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
