"""How two hypotheses differ, for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from circuitlang.circuit.difference import EFFECTS, Change, Difference, Effect, Parts
from circuitlang.report.table import aligned
from circuitlang.syntax.render.cells import visible

# A value longer than this stands on a line of its own.
_LONG = 44
_COLOURS = {"-": "31", "+": "32", "~": "33", "weakens": "1;31", "strengthens": "32"}
_VERBS: dict[Effect, tuple[str, str]] = {
    "weakens": ("weakens", "weaken"),
    "strengthens": ("strengthens", "strengthen"),
    "re-measures": ("re-measures", "re-measure"),
    "neutral": ("changes nothing", "change nothing"),
}
EDGES_NOTE = (
    "with `granularity = nodes` in both files no edge is measured on its own, so drawing others "
    "changes no number"
)


class Line(NamedTuple):
    """One change under its heading: ``+``, ``-`` or ``~``, what it is about, what was and what is,
    and the lines of the two files."""

    sign: str
    what: str
    before: str
    after: str
    effects: str
    place: str


def headed(changes: Sequence[Change]) -> Iterator[tuple[str, tuple[Line, ...]]]:
    """The changes under the statement that each is part of, in the order of the file."""
    for heading, group in groupby(changes, key=lambda change: _heading(change.path)):
        yield heading, tuple(_line(change) for change in group)


def _heading(path: str) -> str:
    head, *rest = path.split("/")
    if head in ("role", "claim", "waiver"):
        return f"{head} {rest[0]}"
    return {"edge": "edges", "name": "", "edition": "", "doc": "", "cite": ""}.get(head, head)


def _line(change: Change) -> Line:
    sign = "+" if change.before is None else "-" if change.after is None else "~"
    lines = (("A", change.line_before), ("B", change.line_after))
    return Line(
        sign,
        _what(change.path),
        _shown(change.path, change.before),
        _shown(change.path, change.after),
        ", ".join(change.effects),
        " ".join(f"{side}:{line}" for side, line in lines if line is not None),
    )


def _what(path: str) -> str:
    """The path without what its heading says."""
    head, *rest = path.split("/")
    if head in ("role", "claim", "waiver"):
        return " ".join(rest[1:]) or f"whole {head}"
    if head == "cite":
        return visible(path.replace("/", " ", 1))
    return " ".join(rest) or head


def _shown(path: str, value: str | None) -> str:
    if value is None:
        return ""
    hexadecimal = path.endswith(("/sha256", "/content", "model/revision"))
    return value[:12] if hexadecimal else visible(value)


def render_difference(difference: Difference, *, color: bool = False) -> str:
    """The edit script and what it comes to, ending in a line feed."""
    a, b = difference.a, difference.b
    if not difference:
        return f"{a.path} and {b.path}: no difference\n"
    blocks = [
        [f"A {a.path}: {a.name}", f"B {b.path}: {b.name}"],
        [
            f"  {r.kind} {r.before} is {r.after} in B"
            + ("" if r.given else f", by its {'members' if r.kind == 'role' else 'content'}")
            for r in difference.renames
        ],
        *_blocks(difference.changes, color),
        list(totals(difference)),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _blocks(changes: Sequence[Change], color: bool) -> Iterator[list[str]]:
    """One block a heading, with columns that run through all of them."""
    blocks = tuple(headed(changes))
    rows = iter(
        aligned(
            [
                (f"  {line.sign} {line.what}", _beside(line), line.effects, line.place)
                for _, lines in blocks
                for line in lines
            ]
        )
    )
    for heading, lines in blocks:
        shown = [heading] if heading else []
        for line in lines:
            shown.append(_painted(next(rows), line, color))
            if not _short(line):
                for sign, value in (("-", line.before), ("+", line.after)):
                    shown += [_paint(f"      {sign} {value}", sign, color)] if value else []
        yield shown


def _short(line: Line) -> bool:
    return max(len(line.before), len(line.after)) <= _LONG


def _beside(line: Line) -> str:
    """What stands in the row itself: nothing where it would not fit."""
    if not _short(line):
        return ""
    if line.sign == "~":
        return f"{line.before or 'stated'} → {line.after or 'stated'}"
    return line.before or line.after


def _painted(row: str, line: Line, color: bool) -> str:
    if not color:
        return row
    for word in ("weakens", "strengthens"):
        if word in line.effects:
            head, _, tail = row.rpartition(word)
            row = head + _paint(word, word, color) + tail
    return row.replace(f"  {line.sign}", f"  {_paint(line.sign, line.sign, color)}", 1)


def _paint(text: str, key: str, color: bool) -> str:
    return f"\x1b[{_COLOURS[key]}m{text}\x1b[0m" if color else text


def totals(difference: Difference) -> Iterator[str]:
    """How many changes there are of each kind, and what becomes of the graph."""
    number = len(difference.changes) + len(difference.renames)
    kinds = ((difference.count(effect), _VERBS[effect]) for effect in EFFECTS)
    listed = ", ".join(f"{n} {one if n == 1 else many}" for n, (one, many) in kinds if n)
    yield f"{number} {'change' if number == 1 else 'changes'}: {listed}"
    yield f"nodes: {_parts(difference.nodes)}; edges between them: {_parts(difference.edges)}"
    if not difference.edges_measured and any(
        c.path.startswith("edge/") for c in difference.changes
    ):
        yield f"note: {EDGES_NOTE}"


def _parts(parts: Parts) -> str:  # type: ignore[type-arg]
    said = [
        f"{len(found)} {where}"
        for found, where in (
            (parts.only_a, "only in A"),
            (parts.only_b, "only in B"),
            (parts.moved, "at other positions"),
        )
        if found
    ]
    same = f"{parts.size_a} → {parts.size_b}" if parts else f"the same {parts.both}"
    return f"{same} ({', '.join(said)})" if said else same
