"""Small tables of text."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from circuitlang.circuit.circuit import Circuit
from circuitlang.report.number import number, show
from circuitlang.report.tested import part_chance
from circuitlang.score.verdict import Part, Verdict

PARTS_SHOWN = 40
_LARGEST_FIRST = ("completeness", "strongest_path")


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines, each column as wide as its widest cell, two spaces between columns; a column
    that is empty throughout is left out."""
    columns = [column for column in zip(*rows, strict=True) if any(column)]
    widths = [max(map(_width, column)) for column in columns]
    return [
        "  ".join(c + " " * (w - _width(c)) for c, w in zip(row, widths, strict=True)).rstrip()
        for row in zip(*columns, strict=True)
    ]


def parts_table(circuit: Circuit, verdict: Verdict) -> list[str]:
    """Every part of a claim's measure with its own interval, those that decide the claim first,
    members with their roles and sets with their members. Numbers are signed."""
    measure = verdict.claim.measure.name
    parts = sorted(verdict.parts, key=lambda part: part.estimate.value)
    if verdict.test is not None:
        parts.sort(key=lambda part: part.p if part.p is not None else 1.0)
    elif measure in ("minimality", *_LARGEST_FIRST):
        parts.sort(key=lambda part: abs(part.estimate.value), reverse=measure in _LARGEST_FIRST)
    rows = [
        (
            f"  {part.name}",
            roles_of(circuit, part.name),
            show(part.estimate, percent=verdict.claim.percent and verdict.test is None),
            part_chance(part),
            _searched(part, percent=verdict.claim.percent),
            part.category or "",
            _inputs(part),
            " ".join(part.members),
        )
        for part in parts[:PARTS_SHOWN]
    ]
    left = len(parts) - len(rows)
    more = [f"  and {left} more, all of them in the JSON report"] if left else []
    seen = [f"  {searched(verdict)}"] if verdict.searched is not None else []
    return [f"{verdict.claim.name}: {verdict.formula}", *seen, *aligned(rows), *more]


def searched(verdict: Verdict) -> str:
    """What a search found on the examples that it saw, beside the estimate on the others."""
    percent = verdict.claim.percent
    reported = "no estimate"
    if verdict.estimate is not None:
        reported = show(verdict.estimate, percent=percent)
    return (
        f"search: {number(verdict.searched or 0.0, percent=percent)} on the examples that it saw; "
        f"reported: {reported} on {verdict.n} others"
    )


def _searched(part: Part, *, percent: bool) -> str:
    return "" if part.searched is None else f"search {number(part.searched, percent=percent)}"


def roles_of(circuit: Circuit, member: str) -> str:
    """The roles that the node of that name has, as a list to read."""
    roles = (r.name for r in circuit.roles.values() if member in map(str, r.nodes))
    return ", ".join(roles)


def _inputs(part: Part) -> str:
    return ", ".join(f"{k} = {show(m, percent=False)}" for k, m in part.inputs.items())


def _width(text: str) -> int:
    """Columns of a terminal: combining marks take none, wide characters two."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )
